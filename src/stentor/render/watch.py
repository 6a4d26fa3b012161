"""A picture that is repeated: redrawn in place on a terminal."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from types import TracebackType

from stentor.render.screen import Screen
from stentor.render.style import paint
from stentor.render.wrap import fill
from stentor.typed import Protocol, Self

_ENTER = b"\x1b[?1049h\x1b[?25l\x1b[2J"  # the alternate screen, no cursor, empty
_LEAVE = b"\x1b[?25h\x1b[?1049l"
_HOME = "\x1b[H"
_REST_OF_LINE = "\x1b[K"
_REST_OF_SCREEN = "\x1b[J"


def rounds(
    every: float,
    count: int | None = None,
    *,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[int]:
    """Yield 1, 2, 3, …, each ``every`` seconds after the one before, or at once if that took longer.

    Args:
        every: seconds.
        count: how many; None for no end.
        clock: seconds that only go forward.
    """
    number = 0
    begun = clock()
    while count is None or number < count:
        if number:
            sleep(max(0.0, begun + every - clock()))
        begun = clock()
        number += 1
        yield number


def fitting(lines: Sequence[str], height: int) -> list[str]:
    """Cut a picture to the terminal's height; the last line says how much is missing."""
    if len(lines) <= height:
        return list(lines)
    shown = max(height - 1, 0)
    return [*lines[:shown], f"… {len(lines) - shown} more lines; enlarge the terminal to see them"][:height]


class Redraw:
    """A picture on the terminal's second screen; on leaving, the last one stays behind on the first."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._last: list[str] = []
        self._shown = b""
        self._drawing = self._to_suspend = self._handles = False

    def __enter__(self) -> Self:
        if signal.getsignal(signal.SIGTSTP) == signal.SIG_DFL:
            with suppress(ValueError):  # not the main thread
                signal.signal(signal.SIGTSTP, self._suspend)
                self._handles = True
        self._screen.out(_ENTER)
        return self

    def _suspend(self, *_: object) -> None:
        """Give the terminal back while Ctrl-Z stops the process; then show the picture again."""
        if self._drawing:  # a stream cannot be written to in the middle of a write
            self._to_suspend = True
            return
        self._to_suspend = False
        self._screen.out(_LEAVE)
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        signal.raise_signal(signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._suspend)
        self._screen.out(_ENTER + self._shown)

    def draw(self, title: str, lines: Sequence[str], *, width: int, height: int) -> None:
        """Draw anew, without flicker: each line over the one before it.

        Args:
            title: above it; only while it is watched.
            lines: the picture, not wider than ``width``.
            width: columns of the terminal now.
            height: lines of the terminal now.
        """
        self._last = list(lines)
        colour = self._screen.colour_out
        head = [paint(row, "quiet", colour) for row in fill(title, width, below="  ").split("\n")]
        shown = fitting([*head, "", *lines], height)
        text = f"{_REST_OF_LINE}\r\n".join(shown)
        self._shown = self._screen.encode(f"{_HOME}{text}{_REST_OF_LINE}{_REST_OF_SCREEN}")
        self._drawing = True
        self._screen.out(self._shown)
        self._drawing = False
        if self._to_suspend:
            self._suspend()

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._handles:
            signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        self._screen.out(_LEAVE)
        self._screen.lines(self._last)


class Watched(Protocol):
    """What can be repeated."""

    title: str

    def round(self) -> None:
        """Look once more."""

    def picture(self, width: int | None) -> list[str]:
        """The lines which show what was seen last, in so many columns; None for as many as it takes."""

    def summary(self) -> str:
        """The same in a few words."""

    def changes(self) -> list[str]:
        """A line for each difference between the last look and the one before it."""


def watch(
    watched: Watched,
    numbers: Iterable[int],
    every: float,
    *,
    screen: Screen,
    size: Callable[[], tuple[int, int]],
    silent: bool = False,
    redraw: bool = True,
) -> None:
    """Repeat: redraw on a terminal, elsewhere write a line for each change.

    Args:
        numbers: a round for each.
        every: seconds between two rounds, to be said.
        size: columns and lines of the terminal at this moment.
        silent: draw nothing: ``watched`` writes JSON, or nobody wants to see it.
        redraw: whether a terminal can draw in place of what it shows.
    """
    if silent:
        for _ in numbers:
            watched.round()
    elif not (screen.live_out and redraw):
        for _ in numbers:
            screen.require_reader()
            watched.round()
            said = time.strftime("%Y-%m-%d %H:%M:%S")
            for line in watched.changes():
                screen.print(f"{said} {line}")
    else:
        dot = " · " if screen.can_show("·") else " | "
        with Redraw(screen) as picture:
            for _ in numbers:
                watched.round()
                width, height = size()
                words = [time.strftime("%H:%M:%S"), watched.title, watched.summary()]
                title = dot.join([*words, f"every {every:g} s, Ctrl-C ends"])
                picture.draw(title, watched.picture(width), width=width, height=height)
