"""How far up the ladder a node can be reached without logging in.

The rungs, lowest first, are called as the outcomes are: ``unresolved`` (no address for the
name), ``unreachable`` (no answer in time), ``refused`` (the host answers, the port is closed),
``no-banner`` (the port is open, nothing says ``SSH-2.0-``), ``up``.

All nodes are tried at once over one selector, so those which are down cost one timeout in all.
:class:`Reach` works in a selector that belongs to somebody else (the engine's loop); the function
:func:`reach` is a loop of its own around it.

A node with several addresses: they are tried in their order, the next one as soon as the one
before has failed or has been silent for ``STAGGER`` seconds, and the first that gets to the top
wins (RFC 8305, section 5, "happy eyeballs"). All at once would win a few milliseconds, but the
answer would then change from one moment to the next between addresses which are both alive; one
after the other would let a dead first address cost the whole timeout.
"""

from __future__ import annotations

import errno
import heapq
import os
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, NamedTuple

from stentor.ssh.address import is_numeric, socket_address
from stentor.ssh.banner import Unspoken, read_banner
from stentor.ssh.limits import raise_descriptor_limit

RUNGS = ("unresolved", "unreachable", "refused", "no-banner", "up")
STAGGER = 0.25  # RFC 8305's "Connection Attempt Delay"
# A node that is expected down is not waited for as long as one whose silence is news.
PATIENCE_IF_EXPECTED_DOWN = 1.0
RESERVE = 100  # descriptors left to the rest of the program

Clock = Callable[[], float]


class Door(NamedTuple):
    """Where to knock.

    Attributes:
        key: whose door it is; comes back in the answer, and is otherwise not looked at.
        addresses: names or IP addresses, in the order in which they are to be tried.
        port: TCP port.
        patience: seconds for this door in place of the timeout of all; None for that.
    """

    key: str
    addresses: tuple[str, ...]
    port: int = 22
    patience: float | None = None


class Reached(NamedTuple):
    """How far one node was reached.

    Attributes:
        key: of the ``Door``.
        rung: one of ``RUNGS``.
        address: the IP address that got there; the name, when it is unresolved.
        seconds: from the first attempt to this rung.
        banner: the server's identification line, ``SSH-2.0-OpenSSH_9.2p1``; else empty.
        reason: one line for people; empty when up.
    """

    key: str
    rung: str
    address: str
    seconds: float
    banner: str = ""
    reason: str = ""


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
        self._selector = selector
        self._waiting: deque[Door] = deque()
        self._knocks: set[_Knock] = set()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._timer_count = 0
        self._done: list[Reached] = []
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
        while self._waiting and max(self.open, len(self._knocks)) < self.window:
            knock = _Knock(self, self._waiting.popleft())
            self._knocks.add(knock)
            knock.begin()

    def _at(self, when: float, action: Callable[[], None]) -> None:
        self._timer_count += 1
        heapq.heappush(self._timers, (when, self._timer_count, action))

    def _look_up(self, name: str, answer: Callable[[list[str], str], None]) -> None:
        if self._names is None:
            from stentor.ssh.names import Names

            self._names = Names(self._selector)
        self._names.look_up(name, answer)

    def _finished(self, knock: _Knock, reached: Reached) -> None:
        if knock in self._knocks:
            self._knocks.discard(knock)
            self._done.append(reached)
            knock.end()


class _Knock:
    """One node under way: its addresses still to be tried, and the best that was reached."""

    def __init__(self, reach: Reach, door: Door) -> None:
        self.reach = reach
        self.door = door
        self.started = reach.clock()
        self.limit = reach.timeout if door.patience is None else door.patience
        self.ended = False
        self.to_try: deque[str] = deque()
        self.unknown: set[str] = set()  # names which are being looked up
        self.attempts: list[_Attempt] = []
        self.next_at = 0.0  # when the address after the latest may have its turn
        self.best: Reached | None = None

    def begin(self) -> None:
        self.reach._at(self.started + self.limit, self.give_up)
        if not self.door.addresses:
            self.fail("unresolved", "", "no address is known")
        for address in self.door.addresses:
            if is_numeric(address):
                self.to_try.append(address)
            else:
                self.unknown.add(address)
        for name in tuple(self.unknown):
            self.reach._look_up(name, partial(self.looked_up, name))
        self.next_address()

    def looked_up(self, name: str, found: list[str], why: str) -> None:
        if self.ended:
            return
        self.unknown.discard(name)
        if not found:
            self.fail("unresolved", name, why)
        self.to_try.extend(found)
        if not self.attempts:
            self.next_address()
        self.perhaps_over()

    def next_address(self) -> None:
        """Try the next address, unless none is left; its successor's turn comes by a timer."""
        if self.ended or not self.to_try:
            return self.perhaps_over()
        if self.reach.open < self.reach.window:
            attempt = _Attempt(self, self.to_try.popleft())
            self.attempts.append(attempt)
            attempt.begin()
        if self.to_try:  # empty when this one came to an end of all at once
            self.next_at = self.reach.clock() + STAGGER
            self.reach._at(self.next_at, self.next_in_turn)
        return None

    def next_in_turn(self) -> None:
        """A timer's call: not if a later attempt has begun since it was set."""
        if self.reach.clock() >= self.next_at:
            self.next_address()

    def up(self, attempt: _Attempt, banner: str) -> None:
        seconds = self.reach.clock() - self.started
        self.reach._finished(self, Reached(self.door.key, "up", attempt.address, seconds, banner))

    def fail(self, rung: str, address: str, reason: str) -> None:
        """Remember this, if it is the highest rung so far; the first of equals stays."""
        if self.best is None or RUNGS.index(rung) > RUNGS.index(self.best.rung):
            seconds = self.reach.clock() - self.started
            self.best = Reached(self.door.key, rung, address, seconds, "", reason)

    def attempt_failed(self, attempt: _Attempt, rung: str, reason: str) -> None:
        attempt.end()
        self.attempts.remove(attempt)
        self.fail(rung, attempt.address, reason)
        self.next_address()

    def perhaps_over(self) -> None:
        if not (self.ended or self.to_try or self.unknown or self.attempts) and self.best:
            self.reach._finished(self, self.best)

    def give_up(self) -> None:
        """Time is over: whatever is still open says how far it got."""
        if self.ended:
            return
        limit = f"{self.limit:g} s"
        for attempt in self.attempts:
            if attempt.connected:
                said = attempt.said()
                self.fail("no-banner", attempt.address, said or f"no SSH banner in {limit}")
            else:
                self.fail("unreachable", attempt.address, f"no answer in {limit}")
        for address in self.to_try:
            self.fail("unreachable", address, f"not tried in {limit}")
        for name in self.door.addresses:
            if name in self.unknown:
                self.fail("unresolved", name, f"no answer about the name '{name}' in {limit}")
        if self.best:
            self.reach._finished(self, self.best)

    def end(self) -> None:
        self.ended = True
        for attempt in self.attempts:
            attempt.end()
        self.attempts.clear()
        self.to_try.clear()


class _Attempt:
    """One address under way; the object itself is what the selector's key carries."""

    def __init__(self, knock: _Knock, address: str) -> None:
        self.knock = knock
        self.address = address
        self.connected = False
        self.received = b""
        self.sock: socket.socket | None = None
        self.registered = False

    def begin(self) -> None:
        reach = self.knock.reach
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        try:
            self.sock = socket.socket(family, socket.SOCK_STREAM)
            reach.open += 1
            self.sock.setblocking(False)
            code = self.sock.connect_ex(socket_address(self.address, self.knock.door.port))
        except OSError as error:
            return self.os_failed(error.errno or 0)
        if code in (0, errno.EINPROGRESS):
            reach._selector.register(self.sock, selectors.EVENT_WRITE, self)
            self.registered = True
            return None
        return self.os_failed(code)

    def __call__(self, _mask: int) -> None:
        """The selector says that something happened."""
        if self.sock is None:
            return None
        if self.connected:
            return self.read(self.sock)
        code = self.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            return self.os_failed(code)
        self.connected = True
        if not self.knock.reach.banner:
            return self.knock.up(self, "")
        self.knock.reach._selector.modify(self.sock, selectors.EVENT_READ, self)
        return None

    def read(self, sock: socket.socket) -> None:
        try:
            data = sock.recv(4096)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            why = self.said() or f"{os.strerror(error.errno or 0).lower()} before its SSH banner"
            return self.knock.attempt_failed(self, "no-banner", why)
        self.received += data
        try:
            banner = read_banner(self.received, ended=not data)
        except Unspoken as why:
            return self.knock.attempt_failed(self, "no-banner", str(why))
        return self.knock.up(self, banner) if banner else None

    def said(self) -> str:
        """What it said in place of a banner, as a reason; empty when it was silent."""
        try:
            read_banner(self.received, ended=True)
        except Unspoken as why:
            return str(why) if self.received else ""
        return ""

    def os_failed(self, code: int) -> None:
        if code in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EAGAIN):
            return self.postpone()
        rung = "refused" if code in (errno.ECONNREFUSED, errno.ECONNRESET) else "unreachable"
        return self.knock.attempt_failed(self, rung, os.strerror(code).lower())

    def postpone(self) -> None:
        """Not the node's fault: we are short of descriptors or buffers. Try again in a moment."""
        reach, knock = self.knock.reach, self.knock
        self.end()
        knock.attempts.remove(self)
        knock.next_at = 0.0
        reach.window = max(1, min(reach.window, reach.open))
        knock.to_try.appendleft(self.address)
        reach._at(reach.clock() + 0.05, knock.next_address)

    def end(self) -> None:
        if self.sock is None:
            return
        reach = self.knock.reach
        if self.registered:
            reach._selector.unregister(self.sock)
            self.registered = False
        self.sock.close()
        self.sock = None
        reach.open -= 1


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
