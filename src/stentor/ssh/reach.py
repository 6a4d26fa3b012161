"""How far up the ladder a node can be reached without logging in.

The rungs, lowest first, are called as the outcomes are: ``unresolved`` (no address for the
name), ``unreachable`` (no answer in time), ``refused`` (the host answers, the port is closed),
``no-banner`` (the port is open, nothing says ``SSH-2.0-``), ``up``.

All nodes are tried together over one selector, so those which are down cost one timeout in all.
:class:`Reach` works in a selector that belongs to somebody else (the engine's loop); the function
:func:`reach` is a loop of its own around it.

A node with several addresses: they are tried in their order, the next one as soon as the one
before has failed or has been silent for ``STAGGER`` seconds, and the first that gets to the top
wins (RFC 8305, section 5, "happy eyeballs"). All at once would win a few milliseconds, but the
answer would then change from one moment to the next between addresses which are both alive; one
after the other would let a dead first address cost the whole timeout.
"""

from __future__ import annotations

import heapq
import selectors
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator

from stentor.ssh.door import RUNGS, Door, Reached
from stentor.ssh.knock import Knock
from stentor.ssh.limits import raise_descriptor_limit
from stentor.typed import Any

__all__ = ["PATIENCE_IF_EXPECTED_DOWN", "RUNGS", "Door", "Reach", "Reached", "reach"]

# A node that is expected down is not waited for as long as one whose silence is news.
PATIENCE_IF_EXPECTED_DOWN = 1.0
RESERVE = 100  # descriptors left to the rest of the program
# Doors at once as long as answers come. Many addresses are often one machine (containers, a lab, a
# gateway's ports): its sshd forks for each connection, its queue holds 128, and what does not fit
# is dropped and sent again only a second later.
AT_ONCE = 64
# Without any answer for so many seconds it is silence that we wait for, and the next are tried, too:
# a thousand nodes that are down cost less than a second more than one.
STALLED = 0.05

Clock = Callable[[], float]


class Reach:
    """Knocks at many doors at once in a selector which the caller owns.

    What it registers there has a function of one argument as ``data``; the caller's loop is::

        for key, mask in selector.select(reach.wait()):
            key.data(mask)
        for reached in reach.take():
            ...

    Args:
        selector: where its sockets are registered while they are open.
        timeout: seconds from a door's first attempt until it is given up.
        banner: whether to wait for the server's identification; otherwise an open port is ``up``.
        window: how many sockets at once; by default what the limit of open files allows.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        selector: selectors.BaseSelector,
        *,
        timeout: float,
        banner: bool = True,
        window: int | None = None,
        clock: Clock = time.monotonic,
    ) -> None:
        self.timeout = timeout
        self.banner = banner
        self.clock = clock
        self.window = max(1, window or raise_descriptor_limit() - RESERVE)
        self.open = 0
        self.selector = selector
        self._waiting: deque[Door] = deque()
        self._knocks: set[Knock] = set()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_count = 0
        self._done: list[Reached] = []
        self._room = AT_ONCE
        self._answered = clock()
        self._looking_for_a_stall = False
        self._names: Any = None  # ssh.names.Names, when the first name turns up

    @property
    def busy(self) -> bool:
        """Whether anything is still to come, ``take()`` included."""
        return bool(self._waiting or self._knocks or self._done)

    def add(self, door: Door) -> None:
        """Knock at this door, now or as soon as the window has room."""
        self._waiting.append(door)
        self._fill()

    def wait(self) -> float | None:
        """Seconds that the caller's ``select`` may sleep; None for as long as it likes."""
        if self._done:
            return 0.0
        return max(0.0, self._timers[0][0] - self.clock()) if self._timers else None

    def take(self) -> list[Reached]:
        """Do what has become due, and return who got where since the last call."""
        now = self.clock()
        while self._timers and self._timers[0][0] <= now:
            heapq.heappop(self._timers)[2]()
        self._fill()
        done, self._done = self._done, []
        return done

    def close(self) -> None:
        """Give up all that is under way; nothing stays in the caller's selector."""
        self._waiting.clear()
        for knock in self._knocks:
            knock.end()
        self._knocks.clear()
        self._done.clear()
        self._timers.clear()
        if self._names is not None:
            self._names.close()
            self._names = None

    def _fill(self) -> None:
        while self._waiting and self._room > 0 and max(self.open, len(self._knocks)) < self.window:
            self._room -= 1
            knock = Knock(self, self._waiting.popleft())
            self._knocks.add(knock)
            knock.begin()
        if self._waiting and not self._looking_for_a_stall:
            self._looking_for_a_stall = True
            self.at(self.clock() + STALLED, self._look_for_a_stall)

    def _look_for_a_stall(self) -> None:
        self._looking_for_a_stall = False
        now = self.clock()
        if now - self._answered >= STALLED:
            self._answered = now
            self._room = AT_ONCE
        self._fill()

    def at(self, when: float, action: Callable[[], None]) -> None:
        """Call this at that time of the clock."""
        self._timer_count += 1
        heapq.heappush(self._timers, (when, self._timer_count, action))

    def look_up(self, name: str, answer: Callable[[list[str], str], None]) -> None:
        """Ask for a name's addresses."""
        if self._names is None:
            from stentor.ssh.names import Names

            self._names = Names(self.selector)
        self._names.look_up(name, answer)

    def finished(self, knock: Knock, reached: Reached) -> None:
        """Take the answer about a door."""
        if knock in self._knocks:
            self._knocks.discard(knock)
            self._room = min(AT_ONCE, self._room + 1)
            self._answered = self.clock()
            self._done.append(reached)
            knock.end()


def reach(
    doors: Iterable[Door],
    *,
    timeout: float,
    banner: bool = True,
    window: int | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Reached]:
    """Knock at all doors at once and yield each as soon as it is known how far it was reached.

    The arguments are those of :class:`Reach`. Closing the iterator closes all sockets.
    """
    with selectors.DefaultSelector() as selector:
        machine = Reach(selector, timeout=timeout, banner=banner, window=window, clock=clock)
        try:
            for door in doors:
                machine.add(door)
            while machine.busy:
                for key, mask in selector.select(machine.wait()):
                    key.data(mask)
                yield from machine.take()
        finally:
            machine.close()
