"""An operation in front of a person: events to displays, signals to its cancellation."""

from __future__ import annotations

from collections.abc import Callable

from stentor.operation.events import Ended, Stopping
from stentor.operation.signals import Signals
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.operation.operation import Operation
    from stentor.render.display import Display


def carry_out(
    operation: Operation,
    display: Display,
    *,
    clock: Callable[[], float],
    first_tick: float = 0.0,
) -> int:
    """Carry an operation out and show it; return the exit code.

    Ctrl-C, SIGTERM and SIGHUP end it; a second one does not wait for that. If the display cannot be
    written to (``| head`` has seen enough, the disk is full), it is ended likewise before the error goes up.

    Args:
        clock: seconds that never go back.
        first_tick: seconds until the display is told the time for the first time, and then every
            quarter of a second; 0 if it does not want to know.

    Raises:
        BrokenPipeError: nobody reads what is written.
        StentorError: the operation or the display cannot go on.
    """
    return _Showing(operation, display, clock).run(first_tick)


class _Showing:
    def __init__(self, operation: Operation, display: Display, clock: Callable[[], float]) -> None:
        self._operation = operation
        self._display = display
        self._clock = clock
        self._busy = False  # a display writes just now: a signal handler must not write as well
        self._stopping: Stopping | None = None
        self._fault: Exception | None = None

    def run(self, first_tick: float) -> int:
        code = 0
        tick = self._tick if first_tick else None
        with Signals(self._operation.cancellation, self._stop, tick, first_tick):
            for event in self._operation.events():
                self._write(self._display.show, event)
                if self._stopping:
                    stopping, self._stopping = self._stopping, None
                    self._write(self._display.show, stopping)
                if isinstance(event, Ended):
                    code = event.code
                    self._write(self._display.end, event.report)
        if self._fault is not None:
            raise self._fault
        return code

    def _write(self, write: Callable[[Any], None], what: object) -> None:
        """Let the display write; after its first fault it is left alone and the operation ended."""
        if self._fault is not None:
            return
        self._busy = True
        try:
            write(what)
        except Exception as fault:
            self._fault = fault
            self._operation.cancellation.request("the output cannot be written")
        finally:
            self._busy = False

    def _stop(self, reason: str) -> None:
        if self._busy:
            self._stopping = Stopping(reason)
        else:
            self._write(self._display.show, Stopping(reason))

    def _tick(self) -> None:
        if not self._busy:
            self._write(self._display.tick, self._clock())
