"""Run the node's program on many nodes at once: one fan-out, one answer a node."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import NamedTuple

from stentor import scratch
from stentor.dotfiles import program
from stentor.dotfiles.answer import Answer, parse
from stentor.dotfiles.facts import facts_json
from stentor.engines.reach import Reach
from stentor.fanout.collect import kept
from stentor.fanout.events import Event
from stentor.fanout.task import Task
from stentor.fleet.model import Node
from stentor.operation.node_program import answers, not_begun
from stentor.outcome import Outcome, not_seen
from stentor.rollout.change import Step

_BUNDLE = ".bundle"  # beside the nodes' programs, which are called like the nodes


class Visit(NamedTuple):
    """What came of one node: its outcome, and its answer if the program began there."""

    outcome: Outcome
    answer: Answer | None


class Question(NamedTuple):
    """What is asked."""

    verb: str  # of ``sh/dotfiles/main.sh``
    options: Mapping[str, str] = {}  # the same for every node
    each: Callable[[Node], Mapping[str, str]] | None = None  # options of one node, besides
    words: Callable[[Node], Sequence[str]] | None = None  # the verb's other words for one node
    bundle: bytes | None = None  # a git bundle that is sent along
    checks: tuple[str, ...] = ()  # commands of the policy
    # Options which answer the prompts of a config template, for one node.
    prompts: Callable[[Node], Sequence[str]] | None = None
    timeout: float = 120.0  # seconds


def visit(reach: Reach, nodes: Sequence[Node], question: Question) -> Iterator[Event | Step | Visit]:
    """Ask all nodes at once; a ``Visit`` for each as it ends, and a ``Step`` for each step on the way."""
    if not nodes:
        return
    # What is left running on a node (its deadline, its timer) must not be ended as ours: it has no mark.
    reach = reach._replace(environment={})
    with scratch.folder() as folder:
        if question.bundle:
            with open(os.path.join(folder, _BUNDLE), "wb") as file:
                file.write(question.bundle)
        tasks = [_task(reach, node, question, folder) for node in nodes]
        settings = reach.settings._replace(timeout=question.timeout)
        failed = partial(Visit, answer=None)
        yield from answers(reach.run(tasks, settings), _judge, failed)


def visits(
    reach: Reach, nodes: Sequence[Node], question: Question, *, keeping: bool = False
) -> dict[str, Visit]:
    """Ask all nodes and wait for all; by alias, in the order of ``nodes``.

    Args:
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.
    """
    found: dict[str, Visit] = {}
    with kept(keeping):
        for one in visit(reach, nodes, question):
            if isinstance(one, Visit):
                found[one.outcome.node] = one
    return {node.alias: found.get(node.alias) or Visit(not_seen(node.alias), None) for node in nodes}


def _task(reach: Reach, node: Node, question: Question, folder: str) -> Task:
    path = os.path.join(folder, node.alias)
    options = {**question.options, **(question.each(node) if question.each else {})}
    text = program.compose(
        facts=facts_json(reach.fleet, node, reach.known),
        checks=question.checks,
        prompts=question.prompts(node) if question.prompts else (),
        bundle=os.path.join(folder, _BUNDLE) if question.bundle else None,
        remote=options.pop("remote", ""),
        verb=question.verb,
    )
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    words = question.words(node) if question.words else ()
    return Task(node, program.command(question.verb, *words, **options), stdin=path)


def _judge(outcome: Outcome, stdout: bytes, stderr: bytes) -> Visit:
    answer = parse(stdout)
    if not outcome.reached:
        return Visit(outcome, None)
    if answer is None:
        return Visit(not_begun(outcome, stderr), None)
    if trouble := answer.trouble:
        hint = HINTS.get(answer.kind, "")
        return Visit(outcome._replace(kind="failed", reason=trouble, hint=hint), answer)
    if answer.verb in ("begin", "rollback") and answer.reverted:
        reason = f"{reverted(answer)}: {answer.reverted}"
        hint = left_over(answer)
        return Visit(outcome._replace(kind="failed", code=1, reason=reason, hint=hint), answer)
    if answer.code is None and outcome.kind in ("ok", "failed"):
        last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        reason = f"the node's program ended in the middle{': ' + last if last else ''}"
        return Visit(outcome._replace(kind="lost", reason=reason), answer)
    return Visit(outcome, answer)


def reverted(answer: Answer | None) -> str:
    """Return how far a change was reverted, for people: what could not be put back is named."""
    left = answer.all("left") if answer else ()
    shell = _login_shell(answer)[1]
    text = "reverted"
    if left:
        text = f"partly reverted ({', '.join(left[:3])}{_more(left)} left)"
    return f"{text}, with {shell} still the login shell" if shell else text


def left_over(answer: Answer | None) -> str:
    """Return what to do about what a revert could not put back, for people; empty if there is nothing."""
    was, now = _login_shell(answer)
    if now:
        return f"while a connection to the node is open, run there: chsh -s {was}"
    return HINTS["partly"] if answer and answer.has("left") else ""


def after_revert(begun: Answer | None) -> str:
    """Say what a node is after a change that it said this of was reverted: what scripts did stays."""
    scripts, owners = (begun.all("script"), begun.all("owner")) if begun else ((), ())
    if not scripts:
        but = f", but for the owner of {', '.join(owners[:3])}{_more(owners)}" if owners else ""
        return f"the node is as it was before{but}"
    names = ", ".join(scripts[:3]) + _more(scripts)
    return f"the files are as they were before; what these scripts did is not reverted: {names}"


def _more(names: Sequence[str]) -> str:
    return f" and {len(names) - 3} more" if len(names) > 3 else ""


def _login_shell(answer: Answer | None) -> tuple[str, str]:
    """The account's login shell before a change and after its revert; empty where it is the same."""
    was, _, now = answer.one("login-shell").partition(" ") if answer else ("", "", "")
    return was, now


_SPACE = "check the node: df -h ~; df -i ~; and whether its home is mounted read-only"
HINTS = {
    "partly": "see why they cannot be written; they are kept in ~/.local/state/stentor/dotfiles/history",
    "config": "see 'chezmoi doctor' on the node",
    "destination": "remove destDir from chezmoi's configuration there, or leave that node out",
    "move": "see 'stentor dotfiles plan', and 'chezmoi git status' on the node",
    "no-git": "make it a clone of the repository, or name the right folder as sourceDir in chezmoi's config",
    "unkept": "make them readable for the account, or leave them out of the repository",
    "prompt": "answer it with --prompt 'TEXT=ANSWER', or by a variable of that name in the fleet file",
    "disk": _SPACE,
    "home": _SPACE,
    "snapshot": _SPACE,
    "no-timer": "install cron there; or a user manager and, as root: loginctl enable-linger ACCOUNT",
    "no-history": "name an operation or a revision from the list; a revision may be shortened",
    "no-change": "apply the earlier revision: stentor dotfiles apply NODE --rev REVISION",
    "older-snapshot": "apply the earlier revision: stentor dotfiles apply NODE --rev REVISION",
    "conflict": "see 'stentor dotfiles plan'; commit the edit, revert it on the node, or use --overwrite",
    "missing": "the node's package manager may have it; else: stentor ssh NODE"
    """ 'sh -c "$(curl -fsLS get.chezmoi.io)" -- -b ~/.local/bin'""",
    "old": "install a newer version",
    "no-remote": "run 'stentor dotfiles init' for the node, or set dotfiles: remote: in the fleet file",
    "no-revision": "push it, or send it along with --via push",
    "unread": "give the node a key that may read it, correct dotfiles: remote:, or use --via push",
    "pending": "decide it with 'stentor dotfiles confirm NODE' or 'stentor dotfiles revert NODE'",
    "reverted": "if the revision is at fault, fix it in a new commit; else apply it again with --again",
    "no-clone": "run 'stentor dotfiles init' for the node",
    "no-file": "name a file that was edited there; 'stentor dotfiles status' lists what differs",
    "unmanaged": "add it there with 'chezmoi add', commit and push it; or add it to your clone",
    "template": "make the edit in your clone, where the template is, and push it",
    "encrypted": "make the edit in your clone with 'chezmoi edit', where you have the key, and push it",
    "uncommitted": "commit it in the node's clone and push it, or revert it there",
    "left": "make the edit in your clone, and push it",
    "same": "nothing is to be adopted",
    "locked": "wait for the other operation to end",
    "unsigned": "sign the commit, and add the key on the node (gpg.ssh.allowedSignersFile)",
}
