"""A machine becomes a member: its steps, then a new login as the proof, then what the policy closes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.bootstrap.program import CLOSE_SECONDS, Answer, compose, steps
from stentor.bootstrap.visit import Visit, visit, visits
from stentor.bootstrap.ways import Ways, prove, prove_patiently
from stentor.engines.reach import Reach
from stentor.fanout.events import Event, Finished
from stentor.fleet.member import Member
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.spent import Spent

TIMEOUT = 1800.0  # packages are fetched meanwhile
_LOOK = 60.0
_CLOSE = 30.0
FirstApply = Callable[[Sequence[str], Reach], Mapping[str, Outcome]]
"""Applies the dotfiles of nodes for the first time, as an operation of its own; what came of each."""

_GOES_ON = "run the same command again: what is done is left alone"


class BootstrapChange(BaseChange):
    """Makes members of machines.

    Args:
        members: alias to what the node is to be.
        ways: by which logins they are reached.
        first_apply: of the dotfiles.
        title: one line for people.
    """

    name = "bootstrap"

    def __init__(
        self, members: Mapping[str, Member], ways: Ways, first_apply: FirstApply, title: str = ""
    ) -> None:
        self.title = title or f"make members of the fleet: {', '.join(members)}"
        self.members = members
        self.looked: dict[str, Outcome] = {}  # what came of each node when it was asked for the preview
        self.changed: set[str] = set()  # aliases of nodes on which anything was done
        self._ways = ways
        self._first_apply = first_apply
        self._closing: list[str] = []
        self._spent = Spent(time.monotonic)

    @property
    def password(self) -> str:
        """The password that was given; empty before it was asked for."""
        return self._ways.login.password

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Log in and say which steps are to be done; nothing is changed.

        Of a node that is not reached, all steps are named.
        """
        every = {
            alias: compose(self.members[alias], tuple(item.name for item in steps(self.members[alias])))
            for alias in nodes
        }
        seen = visits(reach, self._ways, every, "look", _LOOK)
        found = {}
        for alias in nodes:
            outcome, answer = seen[alias]
            self.looked[alias] = outcome
            if outcome.ok and answer is not None:
                found[alias] = Preview(alias, _lines(self.members[alias], answer))
            else:
                found[alias] = self.unseen(alias, outcome)
        return found

    def unseen(self, alias: str, outcome: Outcome) -> Preview:
        """Return the preview of a node that was not looked at: all steps."""
        lines = tuple(item.text for item in steps(self.members[alias]))
        return Preview(alias, lines, unknown=outcome.reason or outcome.kind)

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Do what is to be done, prove the member's login by a new one, and close what the policy closes."""
        ended: dict[str, Outcome] = {}
        try:
            yield from self._carry_out(nodes, reach, ended)
            for alias in nodes:
                yield Finished(alias, ended[alias])
        except BaseException:
            with reach.ending() as ending:
                self._open_again(ending)
            self.cut_short = [ended.get(alias) or _cut(alias) for alias in nodes]
            raise

    def _carry_out(
        self, nodes: Sequence[str], reach: Reach, ended: dict[str, Outcome]
    ) -> Iterator[Event | Step]:
        texts = {alias: compose(self.members[alias]) for alias in nodes}
        for event in visit(reach, self._ways, texts, "apply", reach.settings.timeout or TIMEOUT):
            if isinstance(event, Visit):
                self._note(event, ended)
            else:
                yield event
        ready = [alias for alias in nodes if ended[alias].ok and not reach.stopped()]
        for alias, why in prove(reach, ready).items():
            if why:
                reason = f"a new login as {self.members[alias].user} does not work: {why}"
                own = ended[alias]._replace(kind="failed", code=1, reason=reason, hint=_PROOF)
                ended[alias] = self._spent.until_now(own)
            else:
                yield Step(alias, "proved", f"a new login as {self.members[alias].user} works")
        yield from self._dotfiles([alias for alias in ready if ended[alias].ok], reach, ended)
        yield from self._close(
            [alias for alias in ready if ended[alias].ok and self.members[alias].sshd], reach, ended
        )
        for alias in nodes:
            if ended[alias].ok:
                reason = "" if alias in self.changed else "nothing to do"
                ended[alias] = self._spent.until_now(ended[alias]._replace(reason=reason))

    def _note(self, seen: Visit, ended: dict[str, Outcome]) -> None:
        outcome = self._spent.until_now(seen.outcome)
        if seen.answer is not None and seen.answer.did:
            self.changed.add(outcome.node)
        if outcome.kind in ("failed", "lost", "cancelled", "timed-out") and seen.answer is not None:
            outcome = outcome._replace(hint=outcome.hint or _GOES_ON)
        ended[outcome.node] = outcome

    def _dotfiles(self, nodes: Sequence[str], reach: Reach, ended: dict[str, Outcome]) -> Iterator[Step]:
        """Apply the dotfiles on nodes that have none yet."""
        texts = {
            alias: compose(self.members[alias], ("dotfiles",))
            for alias in nodes
            if self.members[alias].first_apply
        }
        if not texts or reach.stopped():
            return
        seen = visits(reach, self._ways, texts, "look", _LOOK)
        new = [alias for alias, one in seen.items() if one.answer is not None and one.answer.want]
        if not new:
            return
        for alias in new:
            yield Step(alias, "dotfiles", "dotfiles")
        for alias, outcome in self._first_apply(new, reach).items():
            if outcome.ok:
                self.changed.add(alias)
                yield Step(alias, "dotfiles", "dotfiles: done")
            else:
                reason = f"dotfiles: {outcome.reason or outcome.kind}"
                hint = outcome.hint or f"stentor dotfiles init {alias}"
                ended[alias] = self._spent.until_now(outcome._replace(reason=reason, hint=hint))

    def _close(self, nodes: Sequence[str], reach: Reach, ended: dict[str, Outcome]) -> Iterator[Event | Step]:
        """Close other ways in, and open them again where the member's login is not proved once more."""
        if not nodes or reach.stopped():
            return
        self._closing = [*nodes]
        seen = visits(reach, self._ways, self._sshd(nodes), "close", _CLOSE)
        closed = []
        for alias, (outcome, answer) in seen.items():
            if not outcome.ok:
                ended[alias] = self._spent.until_now(outcome._replace(hint=outcome.hint or _GOES_ON))
            elif answer is not None and answer.did:
                closed.append(alias)
        faults = prove_patiently(reach, closed)
        good = [alias for alias in closed if not faults[alias] and not reach.stopped()]
        self._closing = [alias for alias in closed if alias not in good]
        with reach.ending() as ending:
            kept = visits(ending, self._ways, self._sshd(good), "keep", _CLOSE)
            self._open_again(ending)
        for alias in closed:
            if alias in kept and kept[alias].outcome.ok:
                self.changed.add(alias)
                yield Step(alias, "entrance", f"closed: {'; '.join(self.members[alias].sshd)}")
                continue
            why = faults[alias] or (kept[alias].outcome.reason if alias in kept else "interrupted")
            reason = f"other ways in stay open, since the login was not proved: {why}"
            own = ended[alias]._replace(kind="failed", code=1, reason=reason, hint=_BACK)
            ended[alias] = self._spent.until_now(own)

    def _open_again(self, reach: Reach) -> None:
        nodes, self._closing = self._closing, []
        visits(reach, self._ways, self._sshd(nodes), "reopen", _CLOSE)

    def _sshd(self, nodes: Sequence[str]) -> dict[str, str]:
        return {alias: compose(self.members[alias], ("entrance",)) for alias in nodes}


_PROOF = "the way that was there before is open; see 'stentor doctor' and the node's /var/log/auth.log"
_BACK = f"a node that was not reached opens them by itself within {CLOSE_SECONDS} s"


def _lines(member: Member, answer: Answer) -> tuple[str, ...]:
    wanted, lines = dict(answer.want), []
    for item in steps(member):
        if item.name not in wanted:
            continue
        said = wanted[item.name]
        if item.name in ("packages", "groups", "mounts", "services") and said:
            lines.append(f"{item.text.partition(':')[0]}: {said}")
        else:
            lines.append(f"{item.text} ({said})" if said else item.text)
    return tuple(lines)


def _cut(alias: str) -> Outcome:
    return Outcome(alias, "cancelled", reason="interrupted", hint=_GOES_ON, started=True)
