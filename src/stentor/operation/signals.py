"""INT, TERM and HUP ask an operation to stop; a second one does not wait for the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from stentor.fanout.cancellation import Cancellation
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # signal itself makes enumerations of it, which costs a millisecond

TICK = 0.25  # seconds between two looks at the clock, while nothing else happens
ENDINGS: dict[int, str] = {
    signal.SIGINT: "Ctrl-C",
    signal.SIGTERM: "SIGTERM",
    signal.SIGHUP: "the terminal was closed",
}


class Signals:
    """Handlers for the time of an operation; a context manager. Outside the main thread it does nothing."""

    def __init__(
        self,
        cancellation: Cancellation,
        stopping: Callable[[str], None],
        tick: Callable[[], None] | None = None,
        first_tick: float = TICK,
    ) -> None:
        self._cancellation = cancellation  # is asked to end the operation
        self._stopping = stopping  # called with the reason after the first request
        self._tick = tick  # called every quarter of a second; None for never
        self._first_tick = first_tick  # seconds until ``tick`` is called for the first time
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        table: dict[int, Callable[[int, FrameType | None], None]] = dict.fromkeys(ENDINGS, self._asked)
        if tick := self._tick:
            table[signal.SIGALRM] = lambda *_: tick()
        with suppress(ValueError):  # not the main thread: signals are the caller's
            for number, handler in table.items():
                if signal.getsignal(number) != signal.SIG_IGN:  # nohup's choice is respected
                    self._before[number] = signal.signal(number, handler)
            if self._tick:
                signal.setitimer(signal.ITIMER_REAL, self._first_tick, TICK)

    def __exit__(self, *_: object) -> None:
        if signal.SIGALRM in self._before:
            signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, _: FrameType | None) -> None:
        reason = ENDINGS[number]
        self._cancellation.request(reason)
        if self._cancellation.requests == 1:
            self._stopping(reason)


@contextmanager
def raising() -> Iterator[None]:
    """Have INT, TERM and HUP raise KeyboardInterrupt, for as long as a person is asked something."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    before: dict[int, Any] = {}
    with suppress(ValueError):  # not the main thread: signals are the caller's
        for number in ENDINGS:
            if signal.getsignal(number) != signal.SIG_IGN:
                before[number] = signal.signal(number, interrupt)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
