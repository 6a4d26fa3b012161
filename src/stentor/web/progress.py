"""What an operation has come to: its nodes, its waves, what nodes wrote, merged where it is the same.

It is fed by an operation that goes on, or by a record of the journal: pages show both alike.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

from stentor.fanout.collect import Collector
from stentor.fanout.events import Finished, Output, Started
from stentor.fanout.events import Progress as Said
from stentor.fanout.group import Grouping
from stentor.fanout.spool import Piece, Spool
from stentor.operation.events import Ended, NotBegun
from stentor.outcome import Outcome
from stentor.render import notices
from stentor.render.operation import line, rest_line, rollout_line, step_line
from stentor.render.visible import visible
from stentor.rollout import events as rollout
from stentor.rollout.change import Step

SHOWN = 64 * 1024  # bytes of one output that a page shows; all of it is in the journal or the terminal
_LINES = 200


class NodeProgress(NamedTuple):
    """One node of an operation."""

    node: str  # the alias
    kind: str = "waiting"  # the outcome's; ``waiting`` or ``running`` before there is one
    reason: str = ""  # one line for people
    hint: str = ""  # what to do next
    seconds: float = 0.0  # how long it took
    step: str = ""  # how far it has come


class WaveProgress(NamedTuple):
    """A wave: its name, its nodes, why these, and what came of it."""

    name: str
    nodes: tuple[str, ...]
    reason: str
    state: str  # "running", "done", "stopped"


class Merged(NamedTuple):
    """What nodes wrote alike."""

    nodes: tuple[str, ...]  # aliases
    stream: str  # ``stdout`` or ``stderr``
    text: str  # what they wrote, as far as it is shown
    cut: int  # bytes that are not shown


class Progress:
    """What an operation has come to so far.

    Args:
        nodes: aliases of its nodes, in order.
    """

    def __init__(self, nodes: Sequence[str]) -> None:
        self._lock = threading.Lock()
        self._nodes = {node: NodeProgress(node) for node in nodes}
        self._waves: list[WaveProgress] = []
        self._lines: list[str] = []
        self._collector = Collector(Spool(memory=2 << 20, piece=256 << 10))
        self._groups = {stream: Grouping(nodes) for stream in ("stdout", "stderr")}
        self.ended = False

    def take(self, event: object) -> None:
        """Take one event of the operation."""
        with self._lock:
            result = self._collector.add(event)
            if result is not None:
                for stream, grouping in self._groups.items():
                    piece = result.piece(stream)
                    if piece and result.node in self._nodes:
                        grouping.add(result.node, piece)
            if not isinstance(event, Output):
                self._take(event)

    def _take(self, event: object) -> None:
        if isinstance(event, Finished):
            self._finished(event.outcome)
        elif isinstance(event, Started):
            self._change(event.node, kind="running")
        elif isinstance(event, Step):
            self._change(event.node, step=event.text)
            self._say(step_line(event))
        elif isinstance(event, Said):
            self._say(f"{event.node}: {notices.text(event)}".removeprefix(": "))
        elif isinstance(event, rollout.WaveBegan):
            self._waves.append(WaveProgress(event.wave.name, event.wave.nodes, event.wave.reason, "running"))
        elif isinstance(event, rollout.WaveEnded):
            state = "done" if event.verdict.go_on else "stopped"
            self._waves[-1:] = [self._waves[-1]._replace(state=state)] if self._waves else []
            self._say(rollout_line(event))
        elif isinstance(event, rollout.RevertEvent):
            if isinstance(event.event, Finished):
                self._finished(event.event.outcome)
            self._say(rollout_line(event))
        elif isinstance(event, NotBegun):
            self._say(rest_line(event))
        elif isinstance(event, Ended):
            for outcome in event.report:
                self._finished(outcome)
        else:
            self._say(line(event) or rollout_line(event))

    def end(self) -> None:
        """Nothing more comes."""
        with self._lock:
            self.ended = True

    @property
    def nodes(self) -> list[NodeProgress]:
        """Every node, in order."""
        with self._lock:
            return [*self._nodes.values()]

    @property
    def waves(self) -> list[WaveProgress]:
        """The waves that have begun."""
        with self._lock:
            return [*self._waves]

    @property
    def lines(self) -> list[str]:
        """What was said on the way, the last lines."""
        with self._lock:
            return [*self._lines]

    @property
    def output(self) -> list[Merged]:
        """What nodes wrote: merged of those that have finished, then of those that go on."""
        with self._lock:
            found = [
                _merged(tuple(group.nodes), stream, group.piece)
                for stream, grouping in self._groups.items()
                for group in grouping.groups()
                if group.piece is not None
            ]
            return found + [_merged((node,), stream, piece) for node, stream, piece in self._collector.held()]

    def _finished(self, outcome: Outcome) -> None:
        self._change(
            outcome.node,
            kind=outcome.kind,
            reason=outcome.reason,
            hint=outcome.hint,
            seconds=outcome.seconds,
        )

    def _change(self, node: str, **fields: object) -> None:
        known = self._nodes.get(node)
        if known is not None:
            self._nodes[node] = known._replace(**fields)  # type: ignore[arg-type]  # fields of its own

    def _say(self, text: str) -> None:
        if text:
            self._lines.append(text)
            del self._lines[:-_LINES]


def _merged(nodes: tuple[str, ...], stream: str, piece: Piece) -> Merged:
    taken = bytearray()
    for chunk in piece.chunks():
        taken += chunk[: SHOWN - len(taken)]
        if len(taken) >= SHOWN:
            break
    text = b"".join(visible([bytes(taken)])).decode("utf-8", "replace")
    return Merged(nodes, stream, _without_colours(text), len(piece) - len(taken))


def _without_colours(text: str) -> str:
    """A page has no use for a terminal's colours, the one escape sequence that is left."""
    import re

    return re.sub(r"\x1b\[[0-9;:]*m", "", text)
