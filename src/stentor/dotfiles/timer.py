"""The timer by which nodes pull by themselves: installed, removed, asked for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from stentor.dotfiles.visit import Question, Visit, visit, visits
from stentor.engines.reach import Reach
from stentor.errors import Refused
from stentor.fanout.events import Event, Finished
from stentor.fleet.model import Node
from stentor.fleet.policy.sections import Dotfiles
from stentor.outcome import Outcome
from stentor.rollout.change import BaseChange, Step
from stentor.rollout.sent import Sent

TimerAction = Literal["install", "remove"]


class TimerStatus(NamedTuple):
    """A node's timer."""

    outcome: Outcome  # whether the node answered
    timer: str  # what keeps it, or what it said last; empty if there is none


def timer_status(reach: Reach, nodes: Sequence[Node]) -> dict[str, TimerStatus]:
    """Ask every node for its timer."""
    return {
        alias: _status(seen) for alias, seen in visits(reach, nodes, Question("status", timeout=60)).items()
    }


def _status(seen: Visit) -> TimerStatus:
    return TimerStatus(seen.outcome, seen.answer.one("timer") if seen.answer else "")


class TimerChange(BaseChange):
    """Installs or removes the timer.

    Raises:
        Refused: nodes have nothing to pull from.
    """

    def __init__(self, action: TimerAction, policy: Dotfiles) -> None:
        self.name = f"dotfiles timer {action}"
        self.title = f"{action} the timer"
        self._action = action  # what is done
        self._policy = policy  # with the remote, the times and the checks
        if action == "install" and policy.via == "push" and not policy.remote:
            raise Refused(
                "a node needs a remote to pull from", hint="set dotfiles: remote: in the fleet file"
            )

    def sends(self) -> Sequence[Sent]:
        """The policy's checks, which the timer runs from then on."""
        return [Sent(check) for check in self._policy.checks]

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Do it on each node; the outcome's reason says what keeps the timer there."""
        for event in visit(reach, reach.nodes(nodes), self._question()):
            if isinstance(event, Visit):
                outcome, timer = _status(event)
                yield Finished(
                    outcome.node, outcome._replace(reason=timer or "none") if outcome.ok else outcome
                )
            else:
                yield event

    def _question(self) -> Question:
        policy = self._policy
        if self._action == "remove":
            return Question("timer-remove", timeout=60)
        options = {
            "branch": policy.branch,
            "remote": policy.remote,
            "window": str(policy.window or 60),
            "limit": str(policy.limit),
            "signed": "yes" if policy.signed else "no",
            "seconds": str(policy.login),
            "every": str(policy.every),
            "jitter": str(policy.jitter),
        }

        def requires(node: Node) -> list[str]:
            return sorted({*policy.requires, *node.requires})

        return Question("timer-install", options, words=requires, checks=policy.checks, timeout=60)
