"""A survey of the selected nodes, made once or again and again, and how its rounds are shown."""

from __future__ import annotations

import argparse
import time
from collections.abc import Generator, Iterable
from contextlib import closing
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from stentor.api.fleet import Fleet, Selection
from stentor.cli.context import Context
from stentor.cli.dispatch import watch_seconds
from stentor.cli.selector import expression
from stentor.fanout.events import Progress
from stentor.outcome import Outcome, Report, exit_code
from stentor.render.progress import progress
from stentor.render.screen import Screen
from stentor.render.summary import duration, hints
from stentor.render.watch import rounds, watch

if TYPE_CHECKING:
    from stentor.render.json_fields import Shape
    from stentor.render.json_lines import JsonLines

# So many nodes may each move the progress line; of more, every so-manieth does.
_MOVED_BY_EACH = 64
_MOVED_BY = 50


class Observation(Protocol):
    """What was seen of one node."""

    @property
    def outcome(self) -> Outcome:
        """How the look at the node ended."""


Seen = TypeVar("Seen", bound=Observation)


class Survey(Generic[Seen]):
    """One run of a command: rounds of looks at all nodes.

    Args:
        arguments: with ``json`` and ``watch``, perhaps ``quiet``.
        context: for the environment and questions.
        selection: whom to look at.
        screen: where to draw.
        expression: the selector, as it was typed.

    Attributes:
        before: what the round before the last has seen, by alias.
        now: what the last round has seen, by alias in the order of the selection.
        seconds: how long the last round took.
        code: the exit code after the last round.
    """

    command = ""

    def __init__(
        self,
        arguments: argparse.Namespace,
        context: Context,
        selection: Selection,
        screen: Screen,
        expression: str,
    ) -> None:
        self.arguments = arguments
        self.context = context
        self.selection = selection
        self.screen = screen
        self.quiet = getattr(arguments, "quiet", False)
        self.live = (
            screen.live_err and not arguments.watch and not self.quiet and not context.environ.get("CI")
        )
        self.title = f"stentor {self.command} {expression}"
        self.before: dict[str, Seen] = {}
        self.now: dict[str, Seen] = {}
        self.seconds = 0.0
        self.code = 0
        self.lines: JsonLines | None = None
        if arguments.json:
            from stentor.cli.displays import operation_lines

            nodes = [node.alias for node in selection.nodes]
            self.lines = operation_lines(screen, self.command, nodes, expression)

    def look(self) -> Generator[Seen | Progress, None, None]:
        """Look at every node once, and yield what was seen of each as soon as it is known."""
        raise NotImplementedError

    def record(self, seen: Seen, at: float) -> Shape:
        """One node's record, seen at this time in seconds since 1970."""
        raise NotImplementedError

    def picture(self, width: int | None) -> list[str]:
        """The last round as lines, at most so many columns wide."""
        raise NotImplementedError

    def counted(self) -> Iterable[str]:
        """In few words how many nodes are how far, most telling first."""
        raise NotImplementedError

    def changes(self) -> list[str]:
        """A line for each node which is another than in the round before."""
        raise NotImplementedError

    def round(self) -> None:
        """Look at all nodes once, and say while it goes on who is still waited for."""
        started = time.monotonic()
        found: dict[str, Seen] = {}
        try:
            with closing(self.look()) as looks:
                for seen in looks:
                    if isinstance(seen, Progress):
                        self._notice(seen)
                        continue
                    found[seen.outcome.node] = seen
                    if self.lines:
                        self.lines.write(self.record(seen, time.time()))
                    elif self.live:
                        self._progress(found, time.monotonic() - started)
        finally:
            self.screen.erase()
        self.before, self.now = self.now, {n.alias: found[n.alias] for n in self.selection.nodes}
        self.seconds = time.monotonic() - started
        outcomes = [seen.outcome for seen in self.now.values()]
        self.code = exit_code(outcomes)
        if self.lines:
            self.lines.report(outcomes, code=self.code, seconds=self.seconds)

    def _notice(self, event: Progress) -> None:
        from stentor.render.notices import text

        if self.lines:
            self.lines.show(event)
        elif not self.arguments.watch:
            place = f"{event.node}: " if event.node else ""
            self.screen.say(f"stentor: {place}{text(event)}")

    def _progress(self, found: dict[str, Seen], seconds: float) -> None:
        total = len(self.selection.nodes)
        if total > _MOVED_BY_EACH and len(found) % _MOVED_BY:
            return
        waiting = [node.alias for node in self.selection.nodes if node.alias not in found]
        bad = sum(seen.outcome.kind not in ("ok", "skipped") for seen in found.values())
        self.screen.draw(progress(total, len(found), bad, waiting, seconds, self.screen.width - 1))

    def show(self) -> None:
        """Print what the only round has found, and what to do about nodes that did not answer."""
        if self.lines or self.quiet:
            return
        for line in self.picture(self.screen.width if self.screen.live_out else None):
            self.screen.print(line)
        self.screen.say(self.summary())
        if self.hinted():
            report = Report(seen.outcome for seen in self.now.values())
            for line in hints(report, self.selection.fleet.data.groups, self.screen.width):
                self.screen.say(line)

    def hinted(self) -> bool:
        """Whether hints would say more than the picture does."""
        return True

    def summary(self) -> str:
        """How many nodes are how far, and how long it took to know."""
        dot = " · " if self.screen.can_show("·") else " | "
        return f"{dot.join(self.counted())} in {duration(self.seconds)}"


def survey(kind: type[Survey[Any]], arguments: argparse.Namespace, context: Context) -> int:
    """Make one round of a survey and show it, or many with ``--watch``; return the exit code.

    Args:
        kind: which survey.
        arguments: the command's; with ``count`` as well.
        context: for the fleet, and the terminal's size.
    """
    every = watch_seconds(arguments)
    words = expression(arguments)
    selection = Fleet.open(arguments.fleet, environ=context.environ).select(words)
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    made = kind(arguments, context, selection, screen, words)
    if every is None:
        made.round()
        made.show()
        return made.code
    try:
        watch(
            made,
            rounds(every, arguments.count),
            every,
            screen=screen,
            size=lambda: (context.width(), context.height()),
            silent=arguments.json or made.quiet,
        )
    except KeyboardInterrupt:
        return 0  # this is how a watch ends, no error
    return made.code
