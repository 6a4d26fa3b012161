"""One selector and its timers: the only place that waits.

Synchronous and small on purpose: a command's start-up is most of what a user with five nodes
waits for, and asyncio alone costs more than all of this program's own imports.
"""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable, Iterator

from stentor.typed import Protocol

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE


class Timer:
    """A callback at a time; ``cancel`` makes it do nothing."""

    __slots__ = ("callback", "cancelled", "when")

    def __init__(self, when: float, callback: Callable[[], None]) -> None:
        self.when = when
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        """Forget the callback; safe at any time and more than once."""
        self.cancelled = True

    def __lt__(self, other: Timer) -> bool:
        return self.when < other.when


class Companion(Protocol):
    """What keeps timers of its own."""

    def wait(self) -> float | None:
        """Seconds until it must have its turn; None for as long as it takes."""

    def turn(self) -> None:
        """Do what has become due."""


class Reactor:
    """Calls back when a descriptor is ready or a time has come.

    Args:
        clock: seconds, monotonic; a test gives its own.

    Attributes:
        selector: where descriptors are registered, with a callback as their data.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.now = clock
        self.selector = selectors.DefaultSelector()
        self._timers: list[Timer] = []
        self._soon: list[Callable[[], None]] = []
        self._companions: list[Companion] = []

    def watch(self, descriptor: int, callback: Callable[[int], None], events: int = READ) -> None:
        """Call back whenever the descriptor is ready, until ``unwatch``."""
        self.selector.register(descriptor, events, callback)

    def unwatch(self, descriptor: int) -> None:
        """Stop watching; must come before the descriptor is closed."""
        self.selector.unregister(descriptor)

    def at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back at a time of this reactor's clock."""
        timer = Timer(when, callback)
        heapq.heappush(self._timers, timer)
        return timer

    def after(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back when so many seconds have passed."""
        return self.at(self.now() + seconds, callback)

    def join(self, companion: Companion) -> None:
        """Let something with timers of its own, and descriptors in ``selector``, take part."""
        self._companions.append(companion)

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._soon.append(callback)

    def turn(self, longest: float = 1.0) -> Iterator[None]:
        """Wait for something to happen, at most ``longest`` seconds, and call back.

        Yields after each callback of a descriptor, so that what it brought can be passed on
        before the next one brings more: memory is bounded by one read, not by one of each node.
        """
        while self._timers and self._timers[0].cancelled:
            heapq.heappop(self._timers)
        wait = 0.0 if self._soon else longest
        if self._timers:
            wait = min(wait, max(0.0, self._timers[0].when - self.now()))
        for companion in self._companions:
            patience = companion.wait()
            if patience is not None:
                wait = min(wait, patience)
        for key, mask in self.selector.select(wait):
            # An earlier callback of this turn may have stopped watching this one.
            if self.selector.get_map().get(key.fd) is key:
                key.data(mask)
                yield
        for companion in self._companions:
            companion.turn()
        soon, self._soon = self._soon, []
        for callback in soon:
            callback()
        while self._timers and (self._timers[0].cancelled or self._timers[0].when <= self.now()):
            timer = heapq.heappop(self._timers)
            if not timer.cancelled:
                timer.callback()

    def close(self) -> None:
        """Give the selector's own descriptor back."""
        self.selector.close()
