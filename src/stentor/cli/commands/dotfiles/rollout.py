"""A change on its way through the waves: shown, written down, and the end of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing, suppress

from stentor.api.fleet import Selection
from stentor.cli.commands.dotfiles.desk import REVISION, Desk
from stentor.cli.commands.dotfiles.late import Latecomers
from stentor.cli.interrupts import Interrupts
from stentor.cli.locked import locked
from stentor.dotfiles.change import DotfilesChange, Wish
from stentor.fanout.events import Finished, Progress
from stentor.fleet.model import Node
from stentor.fleet.policy.values import option, parse_wave_sizes
from stentor.journal import Operation
from stentor.outcome import NOT_REACHED, Outcome
from stentor.render.notices import text as text_of
from stentor.render.style import paint, printable
from stentor.rollout.change import Step
from stentor.rollout.events import GateFailed, Paused, RolloutEnded, RolloutEvent, WaveBegan, WaveEnded
from stentor.rollout.execute import execute
from stentor.rollout.plan import Plan
from stentor.rollout.plan import plan as plan_waves
from stentor.rollout.policy import policy_of


def carry_out(desk: Desk, nodes: Sequence[Node], wish: Wish, late: Latecomers | None = None) -> list[Outcome]:
    """Change these nodes in waves, locked against other operators; every node's outcome, in their order.

    Args:
        desk: the run.
        nodes: those that were reached.
        wish: what is to be done.
        late: who has to catch up if it comes to stand; None for a rollback.

    Raises:
        Refused: somebody else is changing one of them.
    """
    selection = Selection(desk.fleet, tuple(nodes))
    with locked(selection, desk.context, f"dotfiles {desk.arguments.verb}"):
        return _carry_out(desk, nodes, wish, late)


def _carry_out(desk: Desk, nodes: Sequence[Node], wish: Wish, late: Latecomers | None) -> list[Outcome]:
    plan = waves_of(desk, nodes)
    for reason in plan.reasons:
        desk.say(reason)
    change = DotfilesChange(desk.policy, wish)
    number = desk.journal.begin(
        Operation(
            f"dotfiles {desk.arguments.verb}",
            f"{wish.rev or 'back to ' + (wish.to or 'before the last change')} ({wish.op})",
            desk.expression,
            tuple(node.alias for node in nodes),
            {"via": desk.via, "overwrite": list(wish.take), "again": wish.again},
            desk.fleet.data.root,
        )
    )
    show = Showing(desk, number)
    code = 130
    try:
        with Interrupts() as interrupts, closing(execute(plan, change, desk.reach)) as events:
            for event in events:
                with interrupts.shown():
                    show.event(event)
                    if late and isinstance(event, Finished) and event.outcome.ok:
                        late.stands()
        outcomes = show.outcomes
        if wish.rev and show.stopped and change.changed and _on_failure(desk) == "revert":
            _take_back(desk, change, show, wish)
        code = 0 if all(outcome.ok or outcome.kind == "skipped" for outcome in outcomes.values()) else 1
        return [outcomes[node.alias] for node in nodes]
    finally:
        show.cut_short(change.cut_short)
        show.not_begun([node.alias for node in nodes if node.alias not in show.outcomes])
        if late:
            late.end(show.outcomes.values(), wish.op)
        else:
            _forget_revisions(desk, show.outcomes)
        desk.journal.end(number, code, show.stopped)
        desk.journal.leave()


def _forget_revisions(desk: Desk, outcomes: Mapping[str, Outcome]) -> None:
    """After a rollback: what a node has now, only the node knows."""
    for alias, outcome in outcomes.items():
        if outcome.ok:
            desk.remember(alias, REVISION, {})


def waves_of(desk: Desk, nodes: Sequence[Node]) -> Plan:
    """The order in which these nodes are changed."""
    data = desk.fleet.data
    names = [node.alias for node in nodes]
    policy = policy_of(data, names, run=False)
    arguments = desk.arguments
    if arguments.canary:
        policy = policy._replace(
            canary=tuple(node.alias for node in desk.fleet.select(arguments.canary).nodes)
        )
    if arguments.waves:
        policy = policy._replace(waves=option("--waves", parse_wave_sizes, arguments.waves))
    down = [node.alias for node in nodes if node.expected_down]
    return plan_waves(names, policy, expected_down=down, canary_required=True)


def _on_failure(desk: Desk) -> str:
    return desk.arguments.on_failure or desk.policy.on_failure


def _take_back(desk: Desk, change: DotfilesChange, show: Showing, wish: Wish) -> None:
    """The nodes that were done go back as well, by the same transaction."""
    back = Wish(f"{wish.op}-back", os.urandom(8).hex(), to=wish.op)
    again = DotfilesChange(desk.policy, back)
    desk.say(f"taking back: {', '.join(change.changed)}")
    for event in again.apply(tuple(change.changed), desk.reach):
        if isinstance(event, Finished):
            outcome = event.outcome
            if outcome.ok:
                own = show.outcomes[event.node]
                why = "taken back, since another node failed" if own.ok else f"taken back: {own.reason}"
                outcome = outcome._replace(kind="failed", code=1, reason=why)
            else:
                outcome = outcome._replace(reason=f"could not be taken back: {outcome.reason}")
            show.finish(outcome)


class Showing:
    """Tells the screen and the journal what happens, and keeps each node's outcome."""

    def __init__(self, desk: Desk, number: int) -> None:
        self.desk = desk
        self.number = number
        self.outcomes: dict[str, Outcome] = {}
        self.stopped = ""

    def event(self, event: RolloutEvent) -> None:
        """Take one event."""
        desk = self.desk
        if isinstance(event, Finished):
            self.finish(event.outcome)
        elif isinstance(event, Step):
            self._notice(event.node, event.text)
        elif isinstance(event, Progress):
            self._notice(event.node, text_of(event))
        elif isinstance(event, WaveBegan):
            names = ", ".join(event.wave.nodes)
            desk.say(
                paint(f"{event.wave.name}: {names} ({event.wave.reason})", "strong", desk.screen.colour_err)
            )
            desk.write(
                {
                    "type": "wave",
                    "name": event.wave.name,
                    "kind": event.wave.kind,
                    "number": event.number,
                    "total": event.total,
                    "nodes": list(event.wave.nodes),
                    "reason": event.wave.reason,
                }
            )
        elif isinstance(event, WaveEnded):
            if not event.verdict.go_on:
                desk.say(f"stopped: {event.verdict.reason}")
        elif isinstance(event, GateFailed):
            desk.say(f"{event.node}: gate failed: {event.reason}")
        elif isinstance(event, Paused):
            desk.say(f"waiting {event.seconds:.0f} s before the next wave")
        elif isinstance(event, RolloutEnded):
            self.stopped = event.stopped

    def _notice(self, node: str, text: str) -> None:
        if text:
            self.desk.journal.step(self.number, node, text)
            self.desk.say(printable(f"  {node}: {text}" if node else text))

    def cut_short(self, outcomes: Iterable[Outcome]) -> None:
        """Take what came of nodes that were interrupted."""
        for outcome in outcomes:
            self.outcomes[outcome.node] = outcome
            self.desk.journal.outcome(self.number, outcome)
            with suppress(OSError):  # nobody may be there to hear it
                self.desk.say(f"  {outcome.node}: {outcome.reason}")

    def not_begun(self, aliases: Sequence[str]) -> None:
        """Take those whose turn never came, since we were interrupted."""
        for alias in aliases:
            self.outcomes[alias] = Outcome(alias, "cancelled", reason="interrupted before its turn came")
            self.desk.journal.outcome(self.number, self.outcomes[alias])
        if aliases:
            with suppress(OSError):  # nobody may be there to hear it
                self.desk.say(f"  not begun: {', '.join(aliases)}")

    def finish(self, outcome: Outcome) -> None:
        """Take what came of a node."""
        desk = self.desk
        self.outcomes[outcome.node] = outcome
        desk.journal.outcome(self.number, outcome)
        desk.write({"type": "finished", **outcome._asdict()})
        style = "good" if outcome.ok else "warning" if outcome.kind in ("skipped", "cancelled") else "bad"
        word = "ok" if outcome.ok else outcome.kind
        why = outcome.reason.removeprefix(f"{word}: ")
        text = f"{outcome.node}: {word}: {why}" if why else f"{outcome.node}: {word}"
        desk.print(paint(printable(text), style, desk.screen.colour_out))
        if outcome.hint and outcome.kind not in NOT_REACHED:
            desk.say(f"hint: {outcome.hint}")
