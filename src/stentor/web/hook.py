"""``/hook/NAME``: what a forge sends, read within limits, and given to the webhooks of the fleet."""

from __future__ import annotations

import asyncio
import time

import anyio
import anyio.to_thread
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from stentor.api.hook_receiver import Receiver
from stentor.hooks.delivery import MAX_BODY
from stentor.web.access import public
from stentor.web.background import DELIVERIES
from stentor.web.caller import Rate
from stentor.web.hub import Hub

_SECONDS = 10.0  # for the whole body
_AT_ONCE = 64 << 20  # bytes of all bodies that are being read
# Of their own: a forge does not wait for its answer because people wait for theirs. Most of the time they
# wait for the disk, and those that wait at once share a commit. So a thousand that come at once are answered
# within the ten seconds that a forge waits, also where a commit takes a third of one.
_THREADS = 128
_NAMES = 4  # threads that only look whether there is such a webhook
_WRONG = 30.0, 1.0  # refusals of an address: at once, and for each second


class _TooLargeError(Exception):
    pass


class _BusyError(Exception):
    pass


class HookRoute:
    """The route of all webhooks."""

    def __init__(self, hooks: Receiver, hub: Hub) -> None:
        self._hooks = hooks  # of the fleet
        self._hub = hub  # for the open pages
        self._wrong = Rate(*_WRONG)
        self._held = 0
        self._threads = anyio.CapacityLimiter(_THREADS)
        self._names = anyio.CapacityLimiter(_NAMES)

    def routes(self) -> list[Route]:
        """Return the route."""
        return [public("/hook/{name}", self.receive, methods=["POST"])]

    async def receive(self, request: Request) -> Response:
        """Read a delivery and answer it; what is to be done is done later."""
        name, address = request.path_params["name"], request.scope["caller"].address
        wait = self._wrong.wait(address, time.monotonic())
        if wait:
            return _text(
                "too many wrong deliveries from this address", 429, {"Retry-After": str(int(wait) + 1)}
            )
        if not await anyio.to_thread.run_sync(self._hooks.known, name, limiter=self._names):
            self._wrong.take(address, time.monotonic())
            return _text("no webhook of this name", 404)
        answer = await self._answer(request, name)
        if answer.status_code >= 400:  # each costs us a body or a line of the file
            self._wrong.take(address, time.monotonic())
        return answer

    async def _answer(self, request: Request, name: str) -> Response:
        body = b""
        try:
            body = await asyncio.wait_for(self._body(request), _SECONDS)
            answer = await anyio.to_thread.run_sync(
                self._hooks.receive, name, request.headers, body, limiter=self._threads
            )
        except TimeoutError:
            return _text(f"the body took longer than {_SECONDS:g} s", 408)
        except ClientDisconnect:
            return _text("the body did not come to its end", 400)
        except _TooLargeError:
            return _text(f"a body is at most {MAX_BODY} bytes", 413)
        except _BusyError:
            return _text("too many deliveries at once", 503, {"Retry-After": "5"})
        finally:
            self._held -= len(body)
        self._hub.changed(DELIVERIES)
        return _text(answer.text, answer.status)

    async def _body(self, request: Request) -> bytes:
        """Read the body, and count it among all that are held in memory."""
        length = request.headers.get("content-length", "0")
        if not (length.isascii() and length.isdecimal()) or int(length[:18]) > MAX_BODY:
            raise _TooLargeError
        chunks: list[bytes] = []
        got = 0
        try:
            async for chunk in request.stream():
                got += len(chunk)
                self._held += len(chunk)
                _check(got, self._held)
                chunks.append(chunk)
        except BaseException:
            self._held -= got
            raise
        return b"".join(chunks)


def _check(got: int, held: int) -> None:
    if got > MAX_BODY:
        raise _TooLargeError
    if held > _AT_ONCE:
        raise _BusyError


def _text(text: str, code: int, headers: dict[str, str] | None = None) -> Response:
    return PlainTextResponse(f"{text}\n", code, headers)
