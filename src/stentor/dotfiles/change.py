"""One revision, brought to nodes by a rollout: begin, prove by new logins, confirm or revert."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from stentor.dotfiles.answer import Answer
from stentor.dotfiles.inspect import inspect, preview_rollback
from stentor.dotfiles.login import Proof, Terms, prove
from stentor.dotfiles.prompts import answers_of
from stentor.dotfiles.proving import Proving
from stentor.dotfiles.request import ChangeRequest, new_token
from stentor.dotfiles.visit import Question, Visit, after_revert, left_over, reverted, visit, visits
from stentor.engines.reach import Reach
from stentor.errors import UsageError
from stentor.fanout.events import Event, Finished, Notice
from stentor.fleet.model import Node
from stentor.fleet.policy.sections import Dotfiles
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Preview, Step
from stentor.rollout.sent import Sent
from stentor.rollout.spent import Spent

_STEPS = {
    "fetched": "has the revision",
    "snapshotted": "snapshot written",
    "armed": "deadline armed",
    "performed": "applied",
}
_SEE = "see 'stentor dotfiles status'"


class DotfilesChange(BaseChange):
    """Brings a revision to nodes, or reverts the last change."""

    can_lock_out = True

    def __init__(self, policy: Dotfiles, request: ChangeRequest, name: str = "dotfiles") -> None:
        self.name = name
        self.title = request.title
        self.policy = policy  # the fleet's
        self.request = request
        self.answers: dict[str, Answer] = {}  # what each node said when it began
        # Aliases where an interrupt came before the end, and the change was reverted.
        self.reverted: set[str] = set()
        self.refuted = False  # whether a node reverted the revision since no new login proved it
        # Aliases of nodes that decide alone, with the time by which they have, in seconds since 1970.
        self.unheard: dict[str, float] = {}
        self._spent = Spent(time.monotonic)

    def sends(self) -> Sequence[Sent]:
        """The policy's checks, each run in a new login."""
        return [Sent(check) for check in self.policy.checks]

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Say what would change on each node; nodes that are down are rendered here."""
        look = inspect if self.request.rev else preview_rollback
        return look(reach, reach.nodes(nodes), self.request).previews()

    def answered(self, alias: str) -> Mapping[str, Any]:
        """Return what a node's config template was answered there, for when it is down."""
        answer = self.answers.get(alias)
        found = answers_of(answer) if answer else {}
        return {"answers": found} if found else {}

    def revert(
        self,
        nodes: Sequence[str],
        reach: Reach,
        why: str,  # noqa: ARG002 - the protocol's
    ) -> Iterator[Event | Step] | None:
        """Bring nodes that confirmed the change back, by the same transaction."""
        if not self.request.rev:
            return None
        request = ChangeRequest(f"{self.request.op}-back", new_token(), to=self.request.op)
        self.revert_change = DotfilesChange(self.policy, request)
        return self.revert_change.apply(nodes, reach)

    def undo(self, nodes: Sequence[str]) -> str:
        """Return the command line that takes it back later."""
        return f"stentor dotfiles rollback {','.join(nodes)}"

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Bring these nodes to the revision, each confirmed by new logins or reverted.

        A request to stop ends what is under way, reverts what is not confirmed, and says what came of it.
        """
        pending: dict[str, Outcome] = {}  # the node's deadline runs, and nothing has been decided
        try:
            with Proving(reach, self._prove) as proving:
                # A node is proved while others, which may take minutes, begin: its deadline runs.
                yield from self._begin_all(reach, nodes, pending, proving)
                since = time.monotonic()
                yield from proving.rest()
            proofs = proving.proofs
            with reach.ending() as ending:
                # One after the other, so that no node's end waits for a node whose deadline must come.
                seen: dict[str, Visit | None]
                seen = {n: None for n in pending if n in proofs and proofs[n].concluded}
                yield from self._end(reach, pending, proofs, seen)
                sure = [node for node in pending if _sure(proofs, node)]
                yield from self._end(reach, pending, proofs, self._settle(ending, sure, proofs))
                settled = self._settle(ending, [*pending], proofs)
                silent = [node for node, one in settled.items() if not one.answer]
                if silent and not reach.stopped():
                    heard = {node: one for node, one in settled.items() if one.answer}
                    yield from self._end(reach, pending, proofs, heard)
                    yield from self._wait_for_deadline(reach, silent, since)
                    settled = self._settle(ending, silent, proofs)
                yield from self._end(reach, pending, proofs, settled)
        except BaseException as error:
            # A caller that closes this iterator hears no more: no change may stay unproved.
            self._revert_rest(reach, pending, "Ctrl-C" if isinstance(error, KeyboardInterrupt) else "")
            raise

    def _begin_all(
        self, reach: Reach, nodes: Sequence[str], pending: dict[str, Outcome], proving: Proving
    ) -> Iterator[Event | Step]:
        """Begin on each node; ``pending`` gets those whose deadline runs, ``proving`` those to prove."""
        for event in visit(reach, reach.nodes(nodes), self._begin(reach)):
            yield from proving.ended()
            if isinstance(event, Step):
                if event.name == "armed":
                    pending[event.node] = Outcome(event.node, "cancelled")
                if event.name in _STEPS:
                    yield event._replace(text=_STEPS[event.name])
            elif isinstance(event, Visit):
                alias, outcome = event.outcome.node, self._spent.until_now(event.outcome)
                armed = pending.pop(alias, None) is not None
                if event.answer is not None:
                    self.answers[alias] = event.answer
                    if outcome.ok and event.answer.has("begun"):
                        pending[alias] = outcome
                        proving.begin(alias)
                        continue
                if armed and outcome.kind == "cancelled":
                    pending[alias] = outcome
                    continue
                if armed and outcome.kind in ("lost", "timed-out"):
                    self._decides_alone(alias, reach)
                    outcome = outcome._replace(hint=f"{self._reverts_alone(alias)}; {_SEE}")
                yield Finished(alias, outcome)
            else:
                yield event

    def _prove(self, reach: Reach, node: Node) -> Proof:
        """Prove it on one node; an error of ours is that node's failure."""
        answer = self.answers.get(node.alias)
        terms = Terms(self.policy.login, self._requires(node), bool(answer and answer.noise))
        try:
            return prove(reach, node, self.request.op, self.request.token, terms)
        except Exception as error:
            return Proof((f"no login could be tried: {error}",))

    def _settle(
        self, reach: Reach, aliases: Sequence[str] | Mapping[str, Outcome], proofs: Mapping[str, Proof]
    ) -> dict[str, Visit]:
        """Have nodes clean up after a confirmed change, and revert one that is not confirmed."""
        nodes = reach.nodes(list(aliases))
        settle = Question("settle", {"op": self.request.op})
        good = [node for node in nodes if _sure(proofs, node.alias)]
        settled = visits(reach, good, settle)
        bad = [node for node in nodes if node not in good]
        reverted = visits(reach, bad, self._revert(proofs))
        # Its confirmation may have been quicker than the request to stop.
        visits(reach, [node for node in bad if _state(reverted[node.alias]) == "confirmed"], settle)
        return settled | reverted

    def _wait_for_deadline(self, reach: Reach, silent: Sequence[str], since: float) -> Iterator[Notice]:
        """Not even our own session is let in any more: the nodes must revert it by themselves."""
        end = since + self.window(reach) + 2
        for alias in silent:
            left = max(end - time.monotonic() - 2, 0)
            yield Notice(alias, f"cannot log in; {self._reverts_alone(alias, f' in {left:.0f} s')}")
        while time.monotonic() < end and not reach.stopped():
            time.sleep(0.2)

    def _end(
        self,
        reach: Reach,
        pending: dict[str, Outcome],
        proofs: Mapping[str, Proof],
        seen: Mapping[str, Visit | None],
    ) -> Iterator[Finished]:
        """Say what came of nodes; ``seen`` has what each said at its end."""
        for alias, end in seen.items():
            outcome = self._conclude(pending[alias], proofs.get(alias, Proof(())), end, reach)
            del pending[alias]
            yield Finished(alias, self._spent.until_now(outcome))

    def _conclude(self, begun: Outcome, proof: Proof, end: Visit | None, reach: Reach) -> Outcome:
        """Return what came of a node, from the proof and from what the node itself says at the end.

        ``end`` is None where the login that proved the change saw all of it.
        """
        begun = begun._replace(hint="", remote="")
        if end is None:
            return begun._replace(kind="ok", code=0, reason="")
        state = _state(end)
        if proof.confirmed:
            # The node has decided; what is left is cleaned up at its next contact.
            reason = "" if state == "confirmed" else "confirmed, then not reached"
            return begun._replace(kind="ok", code=0, reason=reason)
        if state == "confirmed":
            return begun._replace(kind="ok", code=0, reason="a new login had confirmed it")
        faults = "; ".join(proof.faults)
        if not faults and reach.stopped():
            return self._cancelled(begun.node, state, reach.stop_reason, reach)
        faults = faults or "not confirmed"
        if state == "reverted":
            self.refuted = True
            return begun._replace(
                kind="failed", code=1, reason=f"{reverted(end.answer)}: {faults}",
                hint=left_over(end.answer)
                or f"{after_revert(self.answers.get(begun.node))}; fix the dotfiles and push a new commit",
            )  # fmt: skip
        self._decides_alone(begun.node, reach)
        return begun._replace(
            kind="lost", code=None, reason=f"{faults}; and the node is not reached any more",
            hint=f"{_SEE}; if it was not confirmed, {self._reverts_alone(begun.node, ' at its deadline')}",
        )  # fmt: skip

    def _cancelled(self, alias: str, state: str, why: str, reach: Reach) -> Outcome:
        """Return what came of a node whose change was interrupted, from what it says it has decided."""
        if state == "confirmed":
            return Outcome(alias, "ok", 0, "a new login had confirmed it", started=True)
        self.reverted.add(alias)
        if state == "reverted":
            return Outcome(alias, "cancelled", None, f"reverted after {why}", started=True)
        self._decides_alone(alias, reach)
        reason = f"not reached after {why}; {self._reverts_alone(alias)}"
        return Outcome(alias, "cancelled", None, reason, _SEE, started=True)

    def _reverts_alone(self, alias: str, when: str = "") -> str:
        """Say what reverts the change on a node that is not reached: not every node has something at boot."""
        answer = self.answers.get(alias)
        at_boot = answer.one("boot") if answer else ""
        text = f"the node reverts the change by itself{when}"
        if at_boot in ("systemd", "cron"):
            return text
        if at_boot == "login":
            return f"{text}, or at its next login if it goes down before"
        return f"{text} unless it goes down before: then run 'stentor dotfiles revert {alias}'"

    def _decides_alone(self, alias: str, reach: Reach) -> None:
        # Before it is applied the node has the time for that, too.
        self.unheard[alias] = time.time() + self.policy.limit + self.window(reach) + 5

    def _revert_rest(self, reach: Reach, pending: Mapping[str, Outcome], why: str) -> None:
        """Revert what was not confirmed, for a caller who hears no more events."""
        why = why or reach.stop_reason or "an interrupt"
        with reach.ending() as ending:
            ended = self._settle(ending, pending, {})
        self.cut_short = [
            self._spent.until_now(self._cancelled(alias, _state(seen), why, reach))
            for alias, seen in ended.items()
        ]

    def _requires(self, node: Node) -> tuple[str, ...]:
        return tuple(sorted({*self.policy.requires, *node.requires}))

    def _begin(self, reach: Reach) -> Question:
        request, policy = self.request, self.policy
        options = {
            "op": request.op,
            "token": request.token,
            "rev": request.rev,
            "to": request.to,
            "remote": request.source.remote,
            "branch": request.source.branch,
            "window": str(self.window(reach)),
            "limit": str(policy.limit),
            "signed": "yes" if policy.signed else "no",
            "take": ",".join(request.overwrite),
            "again": "yes" if request.again else "no",
            "seconds": str(policy.login),
            "reinit": "yes" if request.reinit else "no",
            "exclude": ",".join(request.exclude),
        }
        verb = "begin" if request.rev else "rollback"
        return Question(
            verb,
            options,
            each=lambda node: {"requires": " ".join(self._requires(node))},
            bundle=request.bundle,
            checks=policy.checks,
            prompts=request.prompts,
            timeout=policy.limit + 180,
        )

    def window(self, reach: Reach) -> int:
        """Return the seconds until the node reverts it.

        Raises:
            UsageError: the policy has less than a proof may take.
        """
        # A login with all shells, at times one for a terminal, and what copies are tried; see ``login``.
        needed = 3 * (self.policy.login + round(reach.settings.connect_timeout)) + 15
        if 0 < self.policy.window < needed:
            raise UsageError(
                f"dotfiles: window: {self.policy.window}s is shorter than the proof of a change may take",
                hint=f"set it to {needed}s or more, or leave it out; it follows from login: "
                f"{self.policy.login}s and the connect timeout",
            )
        return self.policy.window or needed

    def _revert(self, proofs: Mapping[str, Proof]) -> Question:
        def why(node: Node) -> Mapping[str, str]:
            proof = proofs.get(node.alias)
            faults = proof.faults if proof else ()
            return {"why": "; ".join(faults) or "the operator interrupted it"}

        return Question("revert", {"op": self.request.op}, each=why, timeout=self.policy.login + 10)


def _sure(proofs: Mapping[str, Proof], alias: str) -> bool:
    return alias in proofs and proofs[alias].confirmed


def _state(seen: Visit) -> str:
    return seen.answer.one("state") if seen.answer else ""
