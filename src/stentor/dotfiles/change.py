"""One revision, brought to nodes by a rollout: begin, prove by new logins, confirm; or see it undone."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import NamedTuple

from stentor.dotfiles.answer import Answer
from stentor.dotfiles.login import Proof, Terms, prove
from stentor.dotfiles.visit import Question, Visit, visit, visits
from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished, Notice
from stentor.fleet.model import Node
from stentor.fleet.policy.sections import Dotfiles
from stentor.outcome import Kind, Outcome
from stentor.rollout.change import BaseChange, Step

_PROOFS_AT_ONCE = 16
# What became of a change that the operator interrupted: the proof may have been quicker.
_ENDED = {"reverted": "taken back", "confirmed": "a new login had confirmed it already: the change stays"}
_ALONE = "the node takes the change back by itself; 'stentor dotfiles status' tells when it has"


class Wish(NamedTuple):
    """What is to be done.

    Attributes:
        op: the operation's name on the nodes.
        token: by which only this operation confirms it.
        rev: the exact commit; empty for a rollback.
        to: for a rollback, the operation or revision to go back to; empty for one step.
        remote: URL for nodes that have no clone.
        branch: for their clone.
        bundle: path of a bundle to send along.
        take: kinds of conflict that may be overwritten.
        again: try what was undone before.
    """

    op: str
    token: str
    rev: str = ""
    to: str = ""
    remote: str = ""
    branch: str = ""
    bundle: str | None = None
    take: tuple[str, ...] = ()
    again: bool = False


_STEPS = {
    "fetched": "has the revision",
    "snapshotted": "snapshot written",
    "armed": "deadline armed",
    "performed": "applied",
}


class DotfilesChange(BaseChange):
    """Brings a revision to nodes, or takes the last change back.

    Attributes:
        answers: what each node said when it began.
        changed: aliases where it was applied and confirmed.
        cut_short: what came of the nodes where an interrupt came before the end.
    """

    name = "dotfiles"
    can_lock_out = True

    def __init__(self, policy: Dotfiles, wish: Wish) -> None:
        self.title = wish.rev or f"back to {wish.to or 'before the last change'}"
        self.policy = policy
        self.wish = wish
        self.answers: dict[str, Answer] = {}
        self.changed: list[str] = []
        self.cut_short: list[Outcome] = []

    def interrupted(self) -> Sequence[Outcome]:
        """Return what came of the nodes where an interrupt came before the end."""
        return self.cut_short

    def undo(self, nodes: Sequence[str]) -> str:
        """Return the command line that takes it back later."""
        return f"stentor dotfiles rollback {','.join(nodes)}"

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Bring these nodes to the revision, each confirmed by new logins or undone again."""
        begun: dict[str, Outcome] = {}
        waiting: set[str] = set()  # the node's deadline runs, and nobody has decided yet
        try:
            yield from self._begin_all(reach, nodes, begun, waiting)
            yield from self._prove(reach, reach.nodes(list(begun)), begun)
        except BaseException:
            # Whoever interrupts us wants no half-proved change to stay: do not wait for the deadline.
            left = [reach.fleet.nodes[alias] for alias in nodes if alias in waiting | begun.keys()]
            ended = visits(reach, left, self.taking_back("the operator interrupted it"))
            held = [node for node in left if _state(ended[node.alias]) == "confirmed"]
            visits(reach, held, Question("settle", {"op": self.wish.op}))
            self.cut_short = [_cut_short(alias, _state(seen)) for alias, seen in ended.items()]
            raise

    def _begin_all(
        self, reach: Reach, nodes: Sequence[str], begun: dict[str, Outcome], waiting: set[str]
    ) -> Iterator[Event | Step]:
        """Begin on each node: ``begun`` gets those which wait for a proof.

        ``waiting`` holds those whose deadline runs and of which that is not known: under way, or cut short.
        """
        for event in visit(reach, reach.nodes(nodes), self._begin(reach)):
            if isinstance(event, Step):
                if event.name == "armed":
                    waiting.add(event.node)
                if event.name in _STEPS:
                    yield event._replace(text=_STEPS[event.name])
                continue
            if not isinstance(event, Visit):
                yield event
                continue
            alias, outcome = event.outcome.node, event.outcome
            if event.answer is not None:
                self.answers[alias] = event.answer
            if outcome.ok and event.answer is not None and event.answer.has("begun"):
                begun[alias] = outcome
                waiting.discard(alias)
                continue
            if alias in waiting and outcome.kind in ("lost", "timed-out"):
                outcome = outcome._replace(hint=_ALONE)
            if outcome.kind != "cancelled":
                waiting.discard(alias)
            yield Finished(alias, outcome)

    def _prove(
        self, reach: Reach, begun: Sequence[Node], outcomes: dict[str, Outcome]
    ) -> Iterator[Event | Step]:
        proofs: dict[str, Proof] = {}
        since = time.monotonic()
        if begun:
            with ThreadPoolExecutor(min(len(begun), _PROOFS_AT_ONCE)) as pool:
                jobs = {pool.submit(self._prove_one, reach, node): node.alias for node in begun}
                for job in as_completed(jobs):
                    proofs[jobs[job]] = job.result()
                    fine = proofs[jobs[job]].confirmed
                    text = "a new login confirmed it" if fine else "not confirmed"
                    yield Step(jobs[job], "confirmed" if fine else "unconfirmed", text)
        bad = [node for node in begun if not proofs[node.alias].confirmed]
        good = [node for node in begun if proofs[node.alias].confirmed]
        settled = visits(reach, good, Question("settle", {"op": self.wish.op}))
        settled |= visits(reach, bad, self._revert(proofs))
        silent = [node for node in bad if not settled[node.alias].answer]
        if silent:
            # Even our own session does not come through what was changed: the node must do it alone.
            left = self.window(reach) - (time.monotonic() - since)
            for node in silent:
                yield Notice(
                    node.alias, f"no way in; it takes the change back by itself in {max(left, 0):.0f} s"
                )
            time.sleep(max(left, 0) + 2)
            settled |= visits(reach, silent, self._revert(proofs))
        for node in begun:
            outcome = _conclude(outcomes.pop(node.alias), proofs[node.alias], settled[node.alias])
            if outcome.ok:
                self.changed.append(node.alias)
            yield Finished(node.alias, outcome)

    def _prove_one(self, reach: Reach, node: Node) -> Proof:
        terms = Terms(self.policy.login, self.policy.requires, self.policy.checks)
        return prove(reach, node, self.wish.op, self.wish.token, terms)

    def _begin(self, reach: Reach) -> Question:
        wish, policy = self.wish, self.policy
        options = {
            "op": wish.op,
            "token": wish.token,
            "rev": wish.rev,
            "to": wish.to,
            "remote": wish.remote,
            "branch": wish.branch,
            "window": str(self.window(reach)),
            "limit": str(policy.limit),
            "signed": "yes" if policy.signed else "no",
            "take": ",".join(wish.take),
            "again": "yes" if wish.again else "no",
        }
        verb = "begin" if wish.rev else "rollback"
        return Question(verb, options, bundle=wish.bundle, timeout=policy.limit + 180)

    def window(self, reach: Reach) -> int:
        """Seconds until the node undoes it: never shorter than an honest proof may take."""
        # Two logins with one shell each, and one with four shells and the checks; see ``login``.
        shells = self.policy.login * (6 + len(self.policy.checks))
        return max(self.policy.window, shells + 3 * round(reach.settings.connect_timeout) + 5)

    def _revert(self, proofs: Mapping[str, Proof]) -> Question:
        def why(node: Node) -> Mapping[str, str]:
            return {"why": "; ".join(proofs[node.alias].faults) or "not confirmed"}

        return Question("revert", {"op": self.wish.op}, each=why, timeout=self.policy.login + 10)

    def taking_back(self, why: str) -> Question:
        """Return the question by which a pending change is undone at once."""
        return Question("revert", {"op": self.wish.op, "why": why})


def _cut_short(alias: str, state: str) -> Outcome:
    """What came of a node whose change was interrupted, from what it says it has decided."""
    kind: Kind = "ok" if state == "confirmed" else "cancelled"
    return Outcome(alias, kind, reason=_ENDED.get(state, _ALONE), started=True)


def _state(seen: Visit) -> str:
    return seen.answer.one("state") if seen.answer else ""


def _conclude(begun: Outcome, proof: Proof, end: Visit) -> Outcome:
    """What came of a node, from the proof and from what the node itself says at the end."""
    state = _state(end)
    seconds = begun.seconds + end.outcome.seconds
    if state == "confirmed":
        return begun._replace(kind="ok", code=0, seconds=seconds)
    reason = "; ".join(proof.faults) or "nobody could confirm it"
    if state == "reverted":
        return begun._replace(
            kind="failed", code=1, seconds=seconds, reason=f"taken back: {reason}",
            hint="the node is as it was before; mend the dotfiles and push a new commit",
        )  # fmt: skip
    if proof.confirmed:
        # The node has decided; what remains is clean-up which its next contact does.
        return begun._replace(kind="ok", code=0, seconds=seconds, reason="confirmed, then out of reach")
    return begun._replace(
        kind="lost", code=None, seconds=seconds, reason=f"{reason}; and the node cannot be reached",
        hint="it takes the change back by itself when its time is over, unless it had confirmed it before "
        "it fell silent: 'stentor dotfiles status' tells",
    )  # fmt: skip
