"""Serve the application: uvicorn, without a log of requests, ended as a service is."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from types import FrameType

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from stentor.errors import StentorError
from stentor.ssh.limits import raise_descriptor_limit
from stentor.web import install, state
from stentor.web.app import make_app
from stentor.web.background import log
from stentor.web.service import Service
from stentor.web.settings import Settings

READ_SECONDS = 60.0  # in which a client has to take something of what it was sent
HEAD_SECONDS = 15.0  # for all lines of a head; in a TLS connection from after the handshake


class Connection(H11Protocol):
    """Ends a connection whose next head does not come to its end in time."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Take what came; a head that has begun has to come to its end."""
        super().data_received(data)
        if self._is_answering():
            self._forget()
        elif self._late is None:
            self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        self._forget()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEAD_SECONDS, self._end)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _end(self) -> None:
        self._late = None
        if not self.transport.is_closing() and not self._is_answering():
            self.transport.close()

    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # there is none before the first request
        return cycle is not None and not cycle.response_complete


_CONNECTIONS = 2000  # a thousand deliveries at once, beside open pages
_OTHERS = 100  # files that are open besides: the journal, the deliveries, connections to nodes
_GRACE = 5  # seconds for answers under way when the service ends


class _Server(uvicorn.Server):
    """uvicorn's, which ends open pages first: it would wait for them."""

    def __init__(self, config: uvicorn.Config, service: Service, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._service = service
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin, and say so."""
        await super().startup(sockets=sockets)
        if self.started:
            self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say what has to come to its end first, and end."""
        under_way = self._service.stop()
        numbers = f"operation{'s' * (len(under_way) > 1)} {', '.join(map(str, under_way))}"
        log(f"stopping; first to be stopped or reverted: {numbers}" if under_way else "stopping")
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """End the pages that wait, and then the server."""
        install.notify(self._service.environ, "STOPPING=1")
        self._service.hub.wake()
        super().handle_exit(sig, frame)


def serve(service: Service, ready: Callable[[str], None]) -> int:
    """Serve until a signal ends it; return the exit code.

    Args:
        ready: called with the URL when requests are answered.

    Raises:
        StentorError: the address cannot be listened on.
        Refused: another ``stentor serve`` of this user runs.
    """
    with state.alone(service.directory), bind(service.settings) as listening:
        return _run(service, listening, ready)


def _run(service: Service, listening: socket.socket, ready: Callable[[str], None]) -> int:
    settings = service.settings._replace(port=listening.getsockname()[1])
    config = uvicorn.Config(
        make_app(service),
        loop="asyncio",
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        log_level="error",  # not a line for each request that is none: anybody can send them
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=max(_OTHERS, min(_CONNECTIONS, raise_descriptor_limit() - _OTHERS)),
        timeout_keep_alive=20,
        timeout_graceful_shutdown=_GRACE,
        h11_max_incomplete_event_size=32 * 1024,
        ssl_certfile=settings.certificate or None,
        ssl_keyfile=settings.key or None,
    )

    def begun() -> None:
        state.begin(service.directory, settings, service.fleet().data.root)
        install.notify(service.environ, "READY=1")
        ready(settings.url)

    server = _Server(config, service, begun)
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # uvicorn raises the signal again, when all is ended
    finally:
        state.end(service.directory)
    return 0 if server.started else 1


def bind(settings: Settings) -> socket.socket:
    """Return a socket that listens.

    Raises:
        StentorError: the address is in use, or not this machine's.
    """
    family = socket.AF_INET6 if ":" in settings.address else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if sys.platform == "linux":  # of all its connections; closing one would wait for its client for ever
            listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(READ_SECONDS * 1000))
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind((settings.address, settings.port))
    except OSError as error:
        listening.close()
        why = (error.strerror or str(error)).lower()
        raise StentorError(
            f"cannot listen on {settings.address}, port {settings.port}: {why}",
            hint="another port: --listen 127.0.0.1:8441; 'stentor serve doctor' says who serves",
        ) from None
    return listening
