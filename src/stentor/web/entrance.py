"""What every request passes before anything else: from where, to which name, how often, how large.

A name that is not ours in ``Host`` is refused: a page of another site can have its own name point at this
machine (DNS rebinding) and would then be of "the same site". A browser sends an IP address there only if it
was asked for that address, so addresses are taken.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable, Mapping

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stentor.fleet.build import is_ip_address
from stentor.web.caller import Caller, Rate
from stentor.web.settings import Settings

HOOKS = "/hook/"  # has limits of its own for the rate and the size
MOST_BODY = 64 * 1024  # bytes of a form
_PAGES = 240.0, 40.0  # requests of an address: at once, and for each second

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    # Not no-referrer: a browser would send "Origin: null" with our own forms.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class _TooLargeError(Exception):
    pass


class Entrance:
    """The outermost part of the application."""

    def __init__(
        self, app: ASGIApp, settings: Settings, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._app = app  # what is inside
        self._settings = settings  # where we serve, and for whom
        self._clock = clock  # seconds that never go back
        self._rate = Rate(*_PAGES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request in, or answer it here."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return  # no websocket is served, and uvicorn offers none
        send = self._with_headers(send)
        headers = Headers(scope=scope)
        address, problem = self._origin(scope, headers)
        refused = problem or self._refused(scope, headers, address)
        if refused is not None:
            await refused(scope, receive, send)
            return
        scope["caller"] = Caller(address)
        if scope["path"].startswith(HOOKS):
            await self._app(scope, receive, send)
            return
        await self._limited(scope, receive, send)

    def _refused(self, scope: Scope, headers: Headers, address: str) -> PlainTextResponse | None:
        if not _is_our_name(headers, self._settings):
            return PlainTextResponse(
                "This name is not served here. 'stentor serve --host NAME' adds one.\n", 421
            )
        if "transfer-encoding" in headers and "content-length" in headers:
            # A proxy that goes by the other one would take the rest of the body for somebody's next request.
            text = "Transfer-Encoding and Content-Length at once.\n"
            return PlainTextResponse(text, 400, {"Connection": "close"})
        if scope["path"].startswith(HOOKS):
            return None
        wait = self._rate.take(address, self._clock())
        if wait:
            again = {"Retry-After": str(int(wait) + 1)}
            return PlainTextResponse("Too many requests from this address.\n", 429, again)
        length = headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:18]) > MOST_BODY:
            return PlainTextResponse("The request is too large.\n", 413)
        return None

    def _origin(self, scope: Scope, headers: Headers) -> tuple[str, PlainTextResponse | None]:
        """Return the client's address; behind a proxy what the proxy says, from a proxy's address only."""
        address: str = scope["client"][0] if scope.get("client") else "127.0.0.1"
        if not self._settings.proxies or scope["path"] == "/healthz":
            return address, None
        if not _within(address, self._settings):
            return address, PlainTextResponse("Only the proxy may connect.\n", 403)
        # A proxy that adds its word to the client's own must not have both believed.
        said = {text.strip().lower() for text in headers.getlist(self._settings.proxy_header)}
        if said != {"https"}:
            return address, PlainTextResponse(
                f"The proxy does not say by {self._settings.proxy_header} that the connection is TLS.\n", 403
            )
        hops = [hop.strip() for line in headers.getlist("x-forwarded-for") for hop in line.split(",")]
        for hop in reversed(hops):
            if not is_ip_address(hop):
                break
            address = hop
            if not _within(hop, self._settings):
                break
        return address, None

    async def _limited(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Read no more of a body than a form has, whatever its header says."""
        got = 0
        begun = False

        async def counted() -> Message:
            nonlocal got
            message = await receive()
            got += len(message.get("body", b""))
            if got > MOST_BODY:
                raise _TooLargeError
            return message

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, counted, noted)
        except _TooLargeError:
            if not begun:
                await PlainTextResponse("The request is too large.\n", 413)(scope, receive, send)

    def _with_headers(self, send: Send) -> Send:
        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
                headers.setdefault("Cache-Control", "no-store")
                if self._settings.certificate:
                    headers["Strict-Transport-Security"] = "max-age=31536000"
            await send(message)

        return add


def _is_our_name(headers: Headers, settings: Settings) -> bool:
    given = headers.getlist("host")
    if len(given) != 1:
        return False
    name = given[0].strip().lower()
    if name.startswith("["):
        return is_ip_address(name[1:].partition("]")[0])
    name = name.partition(":")[0].removesuffix(".")
    return name == "localhost" or name in settings.names or is_ip_address(name)


def _within(address: str, settings: Settings) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return any(found in network for network in settings.proxies)
