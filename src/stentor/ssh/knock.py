"""One node under way: its addresses, tried one after the other; the parts of :mod:`stentor.ssh.reach`."""

from __future__ import annotations

import errno
import os
import selectors
import socket
from collections import deque
from functools import partial

from stentor.ssh.address import is_numeric, socket_address
from stentor.ssh.banner import Unspoken, read_banner
from stentor.ssh.door import RUNGS, Door, Reached
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.ssh.reach import Reach

STAGGER = 0.25  # RFC 8305's "Connection Attempt Delay"


class Knock:
    """One node under way: its addresses still to be tried, and the best that was reached."""

    def __init__(self, reach: Reach, door: Door) -> None:
        self.reach = reach
        self.door = door
        self.started = reach.clock()
        self.limit = reach.timeout if door.patience is None else door.patience
        self.ended = False
        self.to_try: deque[str] = deque()
        self.unknown: set[str] = set()  # names which are being looked up
        self.attempts: list[Attempt] = []
        self.next_at = 0.0  # when the address after the latest may have its turn
        self.best: Reached | None = None

    def begin(self) -> None:
        """Try the first address, and ask for those which are names."""
        self.reach.at(self.started + self.limit, self.give_up)
        if not self.door.addresses:
            self.fail("unresolved", "", "no address is known")
        for address in self.door.addresses:
            if is_numeric(address):
                self.to_try.append(address)
            else:
                self.unknown.add(address)
        for name in tuple(self.unknown):
            self.reach.look_up(name, partial(self.looked_up, name))
        self.next_address()

    def looked_up(self, name: str, found: list[str], why: str) -> None:
        """Take what came of a name."""
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
            attempt = Attempt(self, self.to_try.popleft())
            self.attempts.append(attempt)
            attempt.begin()
        if self.to_try:  # empty when this one came to an end of all at once
            self.next_at = self.reach.clock() + STAGGER
            self.reach.at(self.next_at, self.next_in_turn)
        return None

    def next_in_turn(self) -> None:
        """A timer's call: not if a later attempt has begun since it was set."""
        if self.reach.clock() >= self.next_at:
            self.next_address()

    def up(self, attempt: Attempt, banner: str) -> None:
        """The top: nothing else is waited for."""
        seconds = self.reach.clock() - self.started
        self.reach.finished(self, Reached(self.door.key, "up", attempt.address, seconds, banner))

    def fail(self, rung: str, address: str, reason: str) -> None:
        """Remember this, if it is the highest rung so far; the first of equals stays."""
        if self.best is None or RUNGS.index(rung) > RUNGS.index(self.best.rung):
            seconds = self.reach.clock() - self.started
            self.best = Reached(self.door.key, rung, address, seconds, "", reason)

    def attempt_failed(self, attempt: Attempt, rung: str, reason: str) -> None:
        """Note how far this address came, and go on with the next."""
        attempt.end()
        self.attempts.remove(attempt)
        self.fail(rung, attempt.address, reason)
        self.next_address()

    def perhaps_over(self) -> None:
        """Answer with the best there was, if nothing is left to wait for."""
        if not (self.ended or self.to_try or self.unknown or self.attempts) and self.best:
            self.reach.finished(self, self.best)

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
            self.reach.finished(self, self.best)

    def end(self) -> None:
        """Close all that is open."""
        self.ended = True
        for attempt in self.attempts:
            attempt.end()
        self.attempts.clear()
        self.to_try.clear()


class Attempt:
    """One address under way; the object itself is what the selector's key carries."""

    def __init__(self, knock: Knock, address: str) -> None:
        self.knock = knock
        self.address = address
        self.connected = False
        self.received = b""
        self.sock: socket.socket | None = None
        self.registered = False

    def begin(self) -> None:
        """Begin to connect."""
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
            reach.selector.register(self.sock, selectors.EVENT_WRITE, self)
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
        self.knock.reach.selector.modify(self.sock, selectors.EVENT_READ, self)
        return None

    def read(self, sock: socket.socket) -> None:
        """Read as far as the banner."""
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
        """The system says why this cannot be: which rung is that?"""
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
        reach.at(reach.clock() + 0.05, knock.next_address)

    def end(self) -> None:
        """Close the socket."""
        if self.sock is None:
            return
        reach = self.knock.reach
        if self.registered:
            reach.selector.unregister(self.sock)
            self.registered = False
        self.sock.close()
        self.sock = None
        reach.open -= 1
