"""One command over one master: the sockets and pipes around :mod:`stentor.ssh.mux`."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from struct import pack

from stentor.ssh import mux
from stentor.ssh.reactor import Reactor
from stentor.typed import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import socket
else:
    import _socket as socket  # socket itself makes enumerations of it, which costs two milliseconds

# What a pipe holds on Linux; a larger buffer would stay empty.
_CHUNK = 65536
_WIDE = 1024 * 1024
_WIDE_CHUNK = 256 * 1024
_RETRY_CONNECT = 0.01


class Listener(Protocol):
    """Told what a session does, in this order: opened, output…, ended; or not_opened alone."""

    def opened(self) -> None:
        """The server gave us a session."""

    def output(self, stream: str, data: bytes) -> None:
        """Bytes came on "stdout" or "stderr"."""

    def ended(self, code: int | None) -> None:
        """All output has come; None without an exit code (a signal, or the connection was lost)."""

    def not_opened(self, master: bool, reason: str) -> None:
        """There is no session: ``master`` tells whether one answers at the control path at all."""


class Session:
    """Opens a session, passes its output on, and says how it ended."""

    __slots__ = (
        "_code", "_decoder", "_listener", "_opened", "_outputs", "_reactor", "_refusal", "_request",
        "_socket", "_stdin", "_wide", "closed", "path",
    )  # fmt: skip

    def __init__(
        self,
        reactor: Reactor,
        path: str,
        request: bytes,
        listener: Listener,
        stdin: str | None = None,
        *,
        wide: bool = False,
    ) -> None:
        self._reactor = reactor
        self.path = path  # the master's control path
        self._request = request  # HELLO and NEW_SESSION, ready to be sent; the same bytes serve every node
        self._listener = listener
        self._stdin = stdin  # a file to be the command's standard input, opened anew; None for nothing
        # Much comes on stdout: where the system can, it comes by a pipe of 1 MB. What finds no room there,
        # the master keeps in a buffer that grows by a packet at a time, copied each time.
        self._wide = wide
        self._decoder = mux.Decoder()
        self._socket: socket.socket | None = None
        self._outputs: set[int] = set()
        self._code: int | None = None
        self._opened = False
        self._refusal = ""
        self.closed = False

    def open(self) -> None:
        """Connect and ask for the session; what comes of it is told to the listener later."""
        if self.closed:
            return
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.setblocking(False)
        try:
            connection.connect(self.path)
        except BlockingIOError:
            # The master's queue of 64 connections is full for the moment.
            connection.close()
            self._reactor.after(_RETRY_CONNECT, self.open)
            return
        except OSError as error:
            connection.close()
            self._fail(False, os.strerror(error.errno or 0))
            return
        self._socket = connection
        try:
            self._send(connection)
        except (OSError, mux.ProtocolError) as error:
            self._fail(True, f"the master did not take the request: {error}")
            return
        self._reactor.watch(connection.fileno(), self._read_socket)

    def _send(self, connection: socket.socket) -> None:
        stdin = os.open(self._stdin or os.devnull, os.O_RDONLY | os.O_CLOEXEC)
        given = [stdin]
        try:
            for stream in ("stdout", "stderr"):
                ours, theirs = os.pipe()
                os.set_blocking(ours, False)
                if self._wide and stream == "stdout":
                    _widen(ours)
                given.append(theirs)
                self._outputs.add(ours)
                self._reactor.watch(ours, self._reader(ours, stream))
            # A fresh socket's buffer takes a whole packet, so that nothing can come between it
            # and the descriptors. Each of them goes alone: three in one message block the master.
            connection.sendall(mux.HELLO + self._request)
            for descriptor in given:
                connection.sendmsg([b"\0"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, pack("i", descriptor))])
        finally:
            for descriptor in given:
                os.close(descriptor)

    def _reader(self, descriptor: int, stream: str) -> Callable[[int], None]:
        size = _WIDE_CHUNK if self._wide else _CHUNK

        def read(_: int) -> None:
            try:
                data = os.read(descriptor, size)
            except BlockingIOError:
                return
            if data:
                self._listener.output(stream, data)
                return
            self._drop(descriptor)
            self._perhaps_ended()

        return read

    def _drop(self, descriptor: int) -> None:
        self._outputs.discard(descriptor)
        self._reactor.unwatch(descriptor)
        os.close(descriptor)

    def _read_socket(self, _: int) -> None:
        connection = self._socket
        if connection is None:
            return
        try:
            data = connection.recv(4096)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._drop_socket()
            self._perhaps_ended()
            return
        try:
            messages = self._decoder.feed(data)
        except mux.ProtocolError as error:
            self._fail(True, str(error))
            return
        for message in messages:
            if isinstance(message, mux.Opened):
                self._opened = True
                self._listener.opened()
            elif isinstance(message, mux.Exit):
                self._code = message.code
            elif isinstance(message, mux.Refusal):
                self._refusal = message.reason
                self._fail(True, message.reason)
                return

    def _drop_socket(self) -> None:
        if self._socket is not None:
            if self._socket.fileno() >= 0:
                with suppress(KeyError):  # it failed before it was watched
                    self._reactor.unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None

    def _perhaps_ended(self) -> None:
        if self.closed or self._socket is not None or self._outputs:
            return
        self.closed = True
        if self._opened:
            self._listener.ended(self._code)
        else:
            self._listener.not_opened(True, self._refusal or "the master closed the connection")

    def _fail(self, master: bool, reason: str) -> None:
        if self.closed:
            return
        self.close()
        self._listener.not_opened(master, reason)

    def close(self) -> None:
        """Let go of everything; the listener hears nothing more. The remote process goes on."""
        self.closed = True
        self._drop_socket()
        for descriptor in list(self._outputs):
            self._drop(descriptor)


def _widen(pipe: int) -> None:
    import fcntl  # not at every start

    with suppress(AttributeError, OSError):  # Linux; and a user's pipes may hold only so much in all
        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _WIDE)
