"""One endpoint: its addresses, tried one after the other, up to the server's SSH banner."""

from __future__ import annotations

import errno
import os
import socket
from collections import deque
from collections.abc import Callable
from functools import partial

from stentor.ssh.address import is_numeric, socket_address
from stentor.ssh.banner import NoBannerError, read_banner
from stentor.ssh.endpoint import LEVELS, Endpoint, Level, Reached
from stentor.ssh.reactor import READ, WRITE, Reactor, Timer

STAGGER = 0.25  # RFC 8305's "Connection Attempt Delay"
_SHORTAGE = 0.05  # until the next try where descriptors or buffers are used up, seconds

LookUp = Callable[[str, Callable[[list[str], str], None]], None]


class SocketPool:
    """How many sockets may be open at once, and how many are."""

    def __init__(self, most: int) -> None:
        self.most = most  # the limit
        self.open = 0

    def shrink(self) -> None:
        """The system gives no more than are open now."""
        self.most = max(1, min(self.most, self.open))


class ConnectProbe:
    """Finds the highest level that any of an endpoint's addresses reaches."""

    def __init__(
        self,
        reactor: Reactor,
        endpoint: Endpoint,
        done: Callable[[ConnectProbe, Reached], None],
        *,
        limit: float,
        banner: bool,
        pool: SocketPool,
        look_up: LookUp,
    ) -> None:
        self.reactor = reactor
        self.endpoint = endpoint  # where to connect to
        # Whether to wait for the server's identification; otherwise an open port is ``up``.
        self.banner = banner
        self.pool = pool  # limits the sockets of all probes together
        self._done = done  # told what was reached, once
        self._limit = limit  # seconds for all addresses together
        self._look_up = look_up  # asks for the addresses of a name
        self._started = reactor.now()
        self._ended = False
        self._to_try: deque[str] = deque()
        self._unknown: set[str] = set()  # names which are being looked up
        self._attempts: list[_Attempt] = []
        self._next: Timer | None = None
        self._deadline: Timer | None = None
        self._best: Reached | None = None

    def begin(self) -> None:
        """Try the first address, and ask for those which are names."""
        self._deadline = self.reactor.after(self._limit, self._give_up)
        if not self.endpoint.addresses:
            self._fail("unresolved", "", "no address is known")
        for address in self.endpoint.addresses:
            if is_numeric(address):
                self._to_try.append(address)
            else:
                self._unknown.add(address)
        for name in tuple(self._unknown):
            self._look_up(name, partial(self._looked_up, name))
        self._next_address()

    def end(self) -> None:
        """Close all that is open; nobody is told."""
        self._ended = True
        for timer in (self._next, self._deadline):
            if timer:
                timer.cancel()
        for attempt in self._attempts:
            attempt.close()
        self._attempts.clear()
        self._to_try.clear()

    def _looked_up(self, name: str, found: list[str], why: str) -> None:
        if self._ended:
            return
        self._unknown.discard(name)
        if not found:
            self._fail("unresolved", name, why)
        self._to_try.extend(found)
        if not self._attempts:
            self._next_address()
        self._finish_if_over()

    def _next_address(self) -> None:
        """Try the next address, unless none is left; the one after it follows by a timer."""
        if self._next:
            self._next.cancel()
        if self._ended or not self._to_try:
            return self._finish_if_over()
        if self.pool.open < self.pool.most:
            attempt = _Attempt(self, self._to_try.popleft())
            self._attempts.append(attempt)
            attempt.begin()
        if self._to_try:  # empty when this attempt was the end of all
            self._next = self.reactor.after(STAGGER, self._next_address)
        return None

    # Told by the attempts.

    def up(self, address: str, banner: str) -> None:
        """One address reached the highest level: nothing else is waited for."""
        seconds = self.reactor.now() - self._started
        self._finish(Reached(self.endpoint.key, "up", address, seconds, banner))

    def attempt_failed(self, attempt: _Attempt, level: Level, reason: str) -> None:
        """Note how far this address came, and go on with the next."""
        attempt.close()
        self._attempts.remove(attempt)
        self._fail(level, attempt.address, reason)
        self._next_address()

    def postpone(self, attempt: _Attempt) -> None:
        """Try this address again later: the system is short of descriptors or buffers."""
        attempt.close()
        self._attempts.remove(attempt)
        self._to_try.appendleft(attempt.address)
        self.pool.shrink()
        self.reactor.after(_SHORTAGE, self._next_address)

    def _fail(self, level: Level, address: str, reason: str) -> None:
        """Remember this, if it is the highest level so far; the first of equals stays."""
        if self._best is None or LEVELS.index(level) > LEVELS.index(self._best.level):
            seconds = self.reactor.now() - self._started
            self._best = Reached(self.endpoint.key, level, address, seconds, "", reason)

    def _finish_if_over(self) -> None:
        if not (self._ended or self._to_try or self._unknown or self._attempts) and self._best:
            self._finish(self._best)

    def _give_up(self) -> None:
        """The time is over: whatever is still open says how far it got."""
        if self._ended:
            return
        limit = f"{self._limit:g} s"
        for attempt in self._attempts:
            if attempt.connected:
                self._fail("no-banner", attempt.address, attempt.said() or f"no SSH banner in {limit}")
            else:
                self._fail("unreachable", attempt.address, f"no answer in {limit}")
        for address in self._to_try:
            self._fail("unreachable", address, f"not tried in {limit}")
        for name in self.endpoint.addresses:
            if name in self._unknown:
                self._fail("unresolved", name, f"no answer about the name '{name}' in {limit}")
        if self._best:
            self._finish(self._best)

    def _finish(self, reached: Reached) -> None:
        if not self._ended:
            self.end()
            self._done(self, reached)


class _Attempt:
    """One address under way."""

    def __init__(self, probe: ConnectProbe, address: str) -> None:
        self.address = address
        self.connected = False
        self._probe = probe
        self._received = b""
        self._socket: socket.socket | None = None
        self._watched = False

    def begin(self) -> None:
        """Begin to connect."""
        probe = self._probe
        family = socket.AF_INET6 if ":" in self.address else socket.AF_INET
        try:
            connection = self._socket = socket.socket(family, socket.SOCK_STREAM)
            probe.pool.open += 1
            connection.setblocking(False)
            code = connection.connect_ex(socket_address(self.address, probe.endpoint.port))
        except OSError as error:
            return self._refused(error.errno or 0)
        if code in (0, errno.EINPROGRESS):
            probe.reactor.watch(connection.fileno(), self._connected, WRITE)
            self._watched = True
            return None
        return self._refused(code)

    def _connected(self, _: int) -> None:
        connection, probe = self._socket, self._probe
        if connection is None:
            return None
        code = connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if code:
            return self._refused(code)
        self.connected = True
        if not probe.banner:
            return probe.up(self.address, "")
        probe.reactor.unwatch(connection.fileno())
        probe.reactor.watch(connection.fileno(), self._read, READ)
        return None

    def _read(self, _: int) -> None:
        """Read as far as the banner."""
        connection, probe = self._socket, self._probe
        if connection is None:
            return None
        try:
            data = connection.recv(4096)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            why = self.said() or f"{os.strerror(error.errno or 0).lower()} before its SSH banner"
            return probe.attempt_failed(self, "no-banner", why)
        self._received += data
        try:
            banner = read_banner(self._received, ended=not data)
        except NoBannerError as why:
            return probe.attempt_failed(self, "no-banner", str(why))
        return probe.up(self.address, banner) if banner else None

    def said(self) -> str:
        """What it said in place of a banner, as a reason; empty when it was silent."""
        try:
            read_banner(self._received, ended=True)
        except NoBannerError as why:
            return str(why) if self._received else ""
        return ""

    def _refused(self, code: int) -> None:
        """The system does not connect, and says why."""
        if code in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.EAGAIN):
            return self._probe.postpone(self)
        level: Level = "refused" if code in (errno.ECONNREFUSED, errno.ECONNRESET) else "unreachable"
        return self._probe.attempt_failed(self, level, os.strerror(code).lower())

    def close(self) -> None:
        """Close the socket."""
        if self._socket is None:
            return
        if self._watched:
            self._probe.reactor.unwatch(self._socket.fileno())
            self._watched = False
        self._socket.close()
        self._socket = None
        self._probe.pool.open -= 1
