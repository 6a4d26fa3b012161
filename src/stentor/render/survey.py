"""Rounds of looking at nodes: a table, a line for each change, or JSON Lines; for ``ping`` and its like."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from stentor.fanout.events import Progress
from stentor.outcome import Outcome, Report, exit_code, not_seen
from stentor.render import notices
from stentor.render.progress import progress
from stentor.render.summary import duration, say_hints, say_interrupted
from stentor.render.ticking import ticking

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.render.json_fields import Shape
    from stentor.render.json_lines import JsonLines
    from stentor.render.screen import Screen

# Of more nodes than the first number, only every so-manieth moves the progress line.
_MOVED_BY_EACH = 64
_MOVED_BY = 50


class Observation(Protocol):
    """What was seen of one node."""

    @property
    def outcome(self) -> Outcome:
        """How the look at the node ended."""


Seen = TypeVar("Seen", bound=Observation)
Shown = TypeVar("Shown", contravariant=True)


class View(Protocol[Shown]):
    """How a round is shown; a module or an object. ``now`` has what was seen of each node, by alias."""

    def record(self, seen: Shown, at: float, /) -> Shape:
        """Return one node's record, seen at this time in seconds since 1970."""

    def picture(self, now: Mapping[str, Shown], width: int | None, /, *, colour: bool) -> list[str]:
        """Return the round as lines, at most so many columns wide."""

    def counted(self, now: Mapping[str, Shown], /) -> Iterable[str]:
        """Say in few words how many nodes are how far, most telling first."""

    def changes(self, before: Mapping[str, Shown], now: Mapping[str, Shown], /) -> list[str]:
        """Return a line for each node that differs from the round before."""


class Survey(Generic[Seen]):
    """Looks at all nodes of a selection, once or again and again, and shows each round."""

    def __init__(
        self,
        screen: Screen,
        view: View[Seen],
        selection: BaseSelection,
        look: Callable[[Mapping[str, Seen]], Generator[Seen | Progress]],
        *,
        lines: JsonLines | None = None,
        title: str = "",
        live: bool = False,
        noticed: bool = True,
    ) -> None:
        self._screen = screen
        self._view = view
        self._aliases = [node.alias for node in selection.nodes]
        self._groups = selection.fleet.groups
        # Looks at every node once, given what the last round has seen; yields as soon as it knows.
        self._look = look
        self._lines = lines  # writes records instead; None for people
        self._live = live  # whether to draw progress
        self._noticed = noticed  # whether notices are said
        self.title = title  # of the command, above a picture that is redrawn
        self._before: dict[str, Seen] = {}
        self.now: dict[str, Seen] = {}  # what the last round has seen, by alias in the order of the selection
        self.seconds = 0.0  # how long it took
        self.missing: tuple[str, ...] = ()  # nodes that were not seen when it was interrupted

    def look(self) -> None:
        """Look at all nodes once, and say while it goes on who is still waited for.

        Raises:
            KeyboardInterrupt: as it came; ``now`` has what was seen until then.
        """
        started = time.monotonic()
        found: dict[str, Seen] = {}
        drawn = self._live and not self._lines
        try:
            with (
                ticking(lambda seconds: self._draw(found, seconds), wanted=drawn) as lock,
                closing(self._look(self.now)) as looks,
            ):
                for seen in looks:
                    with lock:
                        self._take(seen, found)
                        if drawn and not isinstance(seen, Progress):
                            self._progress(found, time.monotonic() - started)
        except KeyboardInterrupt:
            self.missing = tuple(alias for alias in self._aliases if alias not in found)
            raise
        finally:
            self._screen.erase()
            seen_now = {alias: found[alias] for alias in self._aliases if alias in found}
            self._before, self.now = self.now, seen_now
            self.seconds = time.monotonic() - started

    def round(self) -> None:
        """Look once, and write the report."""
        self.look()
        if self._lines:
            self._lines.report(self.report, code=self.code, seconds=self.seconds)

    def interrupted(self, *, silent: bool = False) -> int:
        """Show or write what was seen before Ctrl-C, and name the other nodes; return the exit code."""
        if self._lines:
            self._lines.report(self.report, code=self.code, seconds=self.seconds)
            return self.code
        if not silent and self.now:
            self.show(hinted=False)
        say_interrupted(self._screen, self.missing, self._groups)
        return self.code

    @property
    def report(self) -> Report:
        """What came of every node in the last round."""
        return Report([*(seen.outcome for seen in self.now.values()), *map(not_seen, self.missing)])

    @property
    def code(self) -> int:
        """The exit code after the last round."""
        return exit_code(self.report)

    def _notice(self, event: Progress) -> None:
        if self._lines:
            self._lines.show(event)
        elif self._noticed:
            self._screen.say(notices.line(event))

    def _take(self, seen: Seen | Progress, found: dict[str, Seen]) -> None:
        if isinstance(seen, Progress):
            self._notice(seen)
            return
        found[seen.outcome.node] = seen
        if self._lines:
            self._lines.write(self._view.record(seen, time.time()))

    def _progress(self, found: Mapping[str, Seen], seconds: float) -> None:
        if len(self._aliases) <= _MOVED_BY_EACH or not len(found) % _MOVED_BY:
            self._draw(found, seconds)

    def _draw(self, found: Mapping[str, Seen], seconds: float) -> None:
        total = len(self._aliases)
        waiting = [alias for alias in self._aliases if alias not in found]
        bad = sum(seen.outcome.kind not in ("ok", "skipped") for seen in found.values())
        self._screen.draw(progress(total, len(found), bad, waiting, seconds, self._screen.width - 1))

    def show(self, *, hinted: bool = True) -> None:
        """Print what the only round has found.

        Args:
            hinted: say as well what to do about nodes that did not answer.
        """
        self._screen.lines(self.picture(self._screen.columns))
        self._screen.say(self.summary())
        if hinted:
            say_hints(self._screen, self.report, self._groups)

    def picture(self, width: int | None) -> list[str]:
        """Return the last round as lines, at most so many columns wide."""
        return self._view.picture(self.now, width, colour=self._screen.colour_out)

    def changes(self) -> list[str]:
        """Return a line for each node that differs from the round before."""
        return self._view.changes(self._before, self.now)

    def summary(self) -> str:
        """Say how many nodes are how far, and how long it took to know."""
        dot = " · " if self._screen.can_show("·") else " | "
        return f"{dot.join(self._view.counted(self.now))} in {duration(self.seconds)}"
