"""One selector and its timers: the only place that waits.

Synchronous and small on purpose: a command's start-up is most of what a user with five nodes
waits for, and asyncio alone costs more than all of this program's own imports.

What is done for one node may fail without harm to the others: ``on_behalf`` gives an exception to the
owner, and whatever is registered meanwhile (descriptors, timers) belongs to that owner, too.
"""

from __future__ import annotations

import heapq
import selectors
import time
from collections.abc import Callable, Iterator

from stentor.errors import StentorError
from stentor.typed import Any

READ = selectors.EVENT_READ
WRITE = selectors.EVENT_WRITE

# Told of an exception in what was done for it.
Owner = Callable[[Exception], None]


class Timer:
    """A callback at a time; ``cancel`` makes it do nothing."""

    __slots__ = ("callback", "cancelled", "owner", "when")

    def __init__(self, when: float, callback: Callable[[], None], owner: Owner | None) -> None:
        self.when = when
        self.callback = callback
        self.owner = owner
        self.cancelled = False

    def cancel(self) -> None:
        """Forget the callback; safe at any time and more than once."""
        self.cancelled = True


class Reactor:
    """Calls back when a descriptor is ready or a time has come.

    Args:
        clock: seconds, monotonic; a test gives its own.
        selector: waits for descriptors; a test gives one which does not wait.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        selector: selectors.BaseSelector | None = None,
    ) -> None:
        self.now = clock  # the clock
        self.selector = selector or selectors.DefaultSelector()  # where descriptors are registered
        # To whom belongs what is registered now; None for the program as a whole.
        self.owner: Owner | None = None
        self._watched: dict[int, object] = {}  # the selector's own map looks each up by many steps
        self._timers: list[tuple[float, int, Timer]] = []  # compared without a call of ours
        self._count = 0
        self._soon: list[tuple[Callable[[], None], Owner | None]] = []
        self.at_close: set[Callable[[], None]] = set()  # called by ``close``

    def watch(self, descriptor: int, callback: Callable[[int], None], events: int = READ) -> None:
        """Call back whenever the descriptor is ready, until ``unwatch``."""
        self._watched[descriptor] = self.selector.register(descriptor, events, (callback, self.owner))

    def unwatch(self, descriptor: int) -> None:
        """Stop watching; must come before the descriptor is closed."""
        self.selector.unregister(descriptor)
        self._watched.pop(descriptor, None)

    def at(self, when: float, callback: Callable[[], None]) -> Timer:
        """Call back at a time of this reactor's clock."""
        timer = Timer(when, callback, self.owner)
        self._count += 1
        heapq.heappush(self._timers, (when, self._count, timer))
        return timer

    def after(self, seconds: float, callback: Callable[[], None]) -> Timer:
        """Call back when so many seconds have passed."""
        return self.at(self.now() + seconds, callback)

    def soon(self, callback: Callable[[], None]) -> None:
        """Call back in the next turn."""
        self._soon.append((callback, self.owner))

    def on_behalf(self, owner: Owner | None, callback: Callable[..., object], *arguments: Any) -> None:
        """Call now for an owner, who is told of an exception.

        An error of stentor's own (:class:`StentorError`) concerns the whole program and is raised, as is
        every exception of what belongs to nobody (``owner`` is None).
        """
        before, self.owner = self.owner, owner
        try:
            callback(*arguments)
        except StentorError:
            raise
        except Exception as error:
            if owner is None:
                raise
            owner(error)
        finally:
            self.owner = before

    def turn(self, longest: float = 1.0) -> Iterator[None]:
        """Wait for something to happen, at most ``longest`` seconds, and call back.

        Yields after each callback of a descriptor, so that what it brought can be passed on
        before the next one brings more: memory is bounded by one read, not by one of each node.
        """
        while self._timers and self._timers[0][2].cancelled:
            heapq.heappop(self._timers)
        wait = 0.0 if self._soon else longest
        if self._timers:
            wait = min(wait, max(0.0, self._timers[0][0] - self.now()))
        for key, mask in self.selector.select(wait):
            # An earlier callback of this turn may have stopped watching this one.
            if self._watched.get(key.fd) is key:
                callback, owner = key.data
                self.on_behalf(owner, callback, mask)
                yield
        soon, self._soon = self._soon, []
        for callback, owner in soon:
            self.on_behalf(owner, callback)
        while self._timers and (self._timers[0][2].cancelled or self._timers[0][0] <= self.now()):
            timer = heapq.heappop(self._timers)[2]
            if not timer.cancelled:
                self.on_behalf(timer.owner, timer.callback)

    def close(self) -> None:
        """Let go of what still waits to be called, and give the selector's own descriptor back."""
        for let_go in tuple(self.at_close):
            let_go()
        self.selector.close()
