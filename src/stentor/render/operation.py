"""What an operation and its rollout say, as lines for people: one text for each kind of event."""

from __future__ import annotations

from stentor.fanout.events import Finished, Output, Started
from stentor.operation.events import (
    Behind,
    Bell,
    JournalProblem,
    Leftovers,
    Missed,
    NotBegun,
    NothingMissed,
    NotifyFailed,
    Stopping,
    Unheard,
)
from stentor.render.display import BaseDisplay
from stentor.render.names import brief
from stentor.render.style import paint, printable
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stentor.operation.guarding import Danger
    from stentor.outcome import Report
    from stentor.render.screen import Screen

_NAMES = 60  # columns for names of nodes
_OF_NODES = frozenset({Started, Output, Finished})  # as nearly all events: other displays show these


def _nodes(nodes: tuple[str, ...]) -> str:
    return brief(nodes, _NAMES)


def line(event: object) -> str:
    """Return what is said of an event while it happens; empty for one that is not told in a line."""
    if isinstance(event, Stopping):
        return "stopping remote processes; press Ctrl-C again to quit now"
    if isinstance(event, JournalProblem):
        if event.off:
            return f"not written to the journal: {event.problem}; the operation goes on"
        return f"not all of it is written to the journal: {event.problem}"
    if isinstance(event, Leftovers):
        numbers = ", ".join(map(str, event.operations))
        if len(event.operations) == 1:
            return f"operation {numbers} was interrupted: cleaning up processes it may have left on its nodes"
        return (
            f"operations {numbers} were interrupted: cleaning up processes they may have left on their nodes"
        )
    if isinstance(event, Missed):
        verb = "was" if len(event.nodes) == 1 else "were"
        return f"{_nodes(event.nodes)} {verb} down; run '{event.command}' when back"
    if isinstance(event, NothingMissed):
        return f"{_nodes(event.nodes)}: nothing missed, no node has {event.revision[:10]}"
    if isinstance(event, Behind):
        return f"{_nodes(event.nodes)}: missed a change of the dotfiles; run '{event.command}'"
    if isinstance(event, Unheard):
        return (
            f"{_nodes(event.nodes)}: had to decide alone on a change of the dotfiles; see '{event.command}'"
        )
    if isinstance(event, NotifyFailed):
        return f"the notification could not be sent: {event.problem}"
    return ""


def rollout_line(event: object) -> str:
    """Return what is said of an event of a rollout; empty for one that is not told in a line."""
    from stentor.rollout import events as rollout

    if isinstance(event, rollout.WaveBegan):
        return f"{event.wave.name}: {_nodes(event.wave.nodes)} ({event.wave.reason})"
    if isinstance(event, rollout.GateFailed):
        return f"{event.node}: gate failed: {printable(event.reason)}"
    if isinstance(event, rollout.WaveEnded):
        return "" if event.verdict.go_on else f"stopped: {event.verdict.reason}"
    if isinstance(event, rollout.Paused):
        return f"waiting {event.seconds:g} s before the next wave"
    if isinstance(event, rollout.Reverting):
        return f"reverting {_nodes(event.nodes)}: {event.why}"
    if isinstance(event, rollout.RevertEvent):
        inner = event.event
        if isinstance(inner, Finished):
            return f"{inner.node}: {printable(inner.outcome.reason)}"
        return step_line(inner)
    return step_line(event)


def step_line(event: object) -> str:
    """Return what is said of a step; empty for anything else."""
    from stentor.rollout.change import Step

    return f"{event.node}: {printable(event.text)}" if isinstance(event, Step) else ""


def rest_line(event: NotBegun) -> str:
    """Return the last line after an interrupt or a stop: what was not done, and what finishes it."""
    count = len(event.nodes)
    text = f"not finished: {_nodes(event.nodes)}"
    if event.command:
        text += f"; to finish {'it' if count == 1 else f'these {count} nodes'}: {event.command}"
    return text


def danger_text(danger: Danger, groups: Mapping[str, Sequence[str]]) -> str:
    """Return the guard's question: what is dangerous, where, and what to type."""
    lines = [
        f"  {printable(finding.command)}"
        + (f"\n    {finding.rule}: {finding.reason}" if finding.reason else "")
        for finding in danger.findings
    ]
    listing = "\n".join(dict.fromkeys(lines))
    nodes = brief(danger.nodes, _NAMES, groups)
    head = f"dangerous on {len(danger.nodes)} nodes ({nodes})"
    return f"{head}:\n{listing}\ntype the number of nodes to continue: "


class Steps(BaseDisplay):
    """A display of each node's steps, on stdout."""

    __slots__ = ("_screen",)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def show(self, event: object) -> None:
        if text := step_line(event):
            self._screen.print(text)


class OperationView(BaseDisplay):
    """A display of everything about an operation that is no output and no outcome, on stderr."""

    __slots__ = ("_gates", "_quiet", "_rest", "_rollout", "_screen")

    def __init__(self, screen: Screen, *, rollout: bool = False, quiet: bool = False) -> None:
        self._screen = screen
        self._rollout = rollout  # whether the operation goes in waves or has steps
        self._quiet = quiet  # say only what must be known
        self._rest: NotBegun | None = None
        self._gates: list[str] = []

    def show(self, event: object) -> None:
        """Say it at once; of a gate that failed where the rollout goes on, for else the end says it."""
        if type(event) in _OF_NODES:
            return
        if isinstance(event, NotBegun):
            self._rest = event
            return
        if isinstance(event, Bell):
            if self._screen.live_err:
                self._screen.err(b"\a")
            return
        text = line(event)
        if not text and self._rollout and not self._quiet:
            for text in self._rollout_lines(event):
                self._say(text)
        elif text:
            self._say(text)

    def _rollout_lines(self, event: object) -> list[str]:
        from stentor.rollout import events as rollout

        text = rollout_line(event)
        if isinstance(event, rollout.GateFailed):
            self._gates.append(text)
            return []
        before: list[str] = []
        if isinstance(event, rollout.WaveEnded):
            before, self._gates = (self._gates if event.verdict.go_on else []), []
        return [*before, text] if text else before

    def _say(self, text: str) -> None:
        self._screen.say(paint(f"stentor: {printable(text)}", "quiet", self._screen.colour_err))

    def end(self, report: Report) -> None:
        """Say last what was not finished."""
        if self._rest:
            self._screen.say(f"stentor: {printable(rest_line(self._rest))}")
