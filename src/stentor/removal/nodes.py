"""What stentor keeps on nodes: the answer of ``sh/uninstall.sh``, and the change that removes it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from stentor.digits import whole
from stentor.fanout.task import Task
from stentor.journal.owner import gone
from stentor.operation.gather import GatherChange
from stentor.outcome import Outcome
from stentor.rollout import lock
from stentor.rollout.change import Preview
from stentor.sh import program

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.collect import Result
    from stentor.fleet.model import Node

What = Literal["timer", "boot", "copy", "state"]


class Kept(NamedTuple):
    """One thing that is kept on a node."""

    what: What  # its kind
    place: str  # a path, or what keeps a timer (``systemd``, ``cron``)
    kilobytes: int = 0  # on disk; 0 for a timer


class NodeKeeps(NamedTuple):
    """What a node keeps."""

    outcome: Outcome  # of the look
    kept: tuple[Kept, ...] = ()  # what would be removed
    others: tuple[str, ...] = ()  # paths in the state directory that are not known as stentor's; they stay
    blocker: str = ""  # why nothing may be removed now; empty if it may
    next_step: str = ""  # how the blocker is removed
    left: str = ""  # the token of a lock whose operation ran on this machine, and was killed


def task(node: Node, verb: Literal["look", "remove"], left: str = "") -> Task:
    """Return what a node is asked; ``left`` as in :class:`NodeKeeps`."""
    return Task(node, f"sh -s -- {verb} {shlex.quote(left)}", stdin=program.path("uninstall"))


def read(result: Result) -> NodeKeeps:
    """Read a node's answer; one that cannot be read, or does not come to its end, is a failure."""
    outcome, found = result.read(lambda said: parse(result.node, said), NodeKeeps(result.outcome))
    return found._replace(outcome=outcome) if found.outcome.ok else found


def parse(node: str, said: bytes) -> NodeKeeps:
    """Read what ``sh/uninstall.sh`` says; anything that is no list of what is kept is a failure."""
    lines = said.decode("utf-8", "replace").splitlines()
    if not any(line == "listed" or line.startswith(("held ", "pending ")) for line in lines):
        return NodeKeeps(Outcome(node, "failed", 1, "the node did not list what it keeps"))
    found = NodeKeeps(Outcome(node, "ok", 0))
    for line in lines:
        word, _, rest = line.partition(" ")
        size, _, path = rest.partition(" ")
        if word in ("copy", "state") and path:
            kept = Kept("copy" if word == "copy" else "state", path, whole(size) or 0)
            found = found._replace(kept=(*found.kept, kept))
        elif word in ("timer", "boot"):
            found = found._replace(kept=(*found.kept, Kept("timer" if word == "timer" else "boot", rest)))
        elif word == "other":
            found = found._replace(others=(*found.others, rest))
        elif word == "held":
            found = _held(found, line)
        elif word == "pending":
            found = found._replace(blocker=_pending(rest), next_step=_decide(node, rest))
    return found


def _held(found: NodeKeeps, line: str) -> NodeKeeps:
    try:
        held = lock.answer(line)
    except ValueError:
        held = None
    if held and gone(lock.process_of(held.token)):
        return found._replace(left=held.token)
    said = str(held or "locked by another operation")
    return found._replace(blocker=said, next_step="wait for that operation to end")


def _pending(operation: str) -> str:
    if operation == "timer":
        return "its timer pulls the dotfiles just now"
    if operation == "services":
        return "a change of its services waits to be confirmed"
    return f"a change of the dotfiles waits to be confirmed: {operation}"


def _decide(node: str, operation: str) -> str:
    if operation == "timer":
        return "try again in a minute"
    if operation == "services":
        return f"see 'stentor services status {node}'; try again when it is confirmed or reverted"
    return f"stentor dotfiles confirm {node}, or stentor dotfiles revert {node}"


class UninstallChange(GatherChange):
    """Removes what stentor keeps on nodes; each node is read back, and is ok only if nothing is left."""

    name = "uninstall"
    title = "remove what stentor keeps on nodes"

    def __init__(self, seen: Mapping[str, NodeKeeps]) -> None:
        self._seen = seen  # what a look has found, for the preview

    def preview(self, nodes: Sequence[str], _: Reach) -> Mapping[str, Preview]:
        """Return what was found on each node."""
        found = {node: self._seen[node] for node in nodes if node in self._seen}
        return {
            node: Preview(
                node,
                tuple(f"remove {kept.place}" for kept in one.kept),
                blocker=one.blocker,
                next_step=one.next_step,
            )
            for node, one in found.items()
        }

    def tasks(self, nodes: Sequence[Node]) -> Sequence[Task]:
        """Remove it."""
        return [
            task(one, "remove", self._seen[one.alias].left if one.alias in self._seen else "")
            for one in nodes
        ]

    def read(self, result: Result) -> Outcome:
        """Ok if nothing is left."""
        found = read(result)
        if not found.outcome.ok:
            return found.outcome
        failed = found.outcome._replace(kind="failed", code=1)
        if found.blocker:
            return failed._replace(reason=found.blocker, hint=found.next_step)
        if found.kept:
            left = ", ".join(kept.place for kept in found.kept)
            return failed._replace(
                reason=f"could not be removed: {left}",
                hint="see who owns it (ls -ld); what root owns, root has to remove there",
            )
        return found.outcome


__all__ = ["Kept", "NodeKeeps", "UninstallChange", "read", "task"]
