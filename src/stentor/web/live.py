"""Server-sent events: the parts of an open page that have changed, as HTML by the id of what it replaces."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from stentor.errors import StentorError
from stentor.web.access import Call, streamed
from stentor.web.hub import Patches
from stentor.web.service import Service

MOST_PAGES = 200
MOST_TOPICS = 8
_TOGETHER = 0.15  # seconds in which changes are one
_QUIET = 15.0  # seconds without a change, after which a line keeps the connection open


async def _events(call: Call) -> Response:
    service = call.service
    topics = call.query.all("topic")[:MOST_TOPICS]
    if not topics or not all(map(service.rendered.knows, topics)):
        return JSONResponse({"error": "there is no such topic"}, 404)
    for topic in topics:  # an operation that does not exist is said so before anything is sent
        await run_in_threadpool(service.rendered.patches, topic)
    if service.hub.pages >= MOST_PAGES:
        return JSONResponse({"error": f"{MOST_PAGES} pages are open already"}, 503, {"Retry-After": "30"})
    return StreamingResponse(
        _stream(call, topics), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"}
    )


async def _stream(call: Call, topics: Sequence[str]) -> AsyncIterator[bytes]:
    service = call.service
    sent: dict[str, int] = {}
    subscription = service.hub.subscribe(topics)  # not before: an answer that never begins would not leave
    try:
        # What changed between the page and now; and from here on only what differs from what was sent.
        for topic in subscription.topics:
            subscription.tell(topic)
        while not subscription.over:
            changed = await subscription.changed(_QUIET)
            if not _still_in(call):
                yield b"event: signed-out\ndata:\n\n"
                return
            if not changed:
                yield b": still here\n\n"
                continue
            for topic in changed:
                patches = await run_in_threadpool(_patches, service, topic)
                news = {key: html for key, html in patches.items() if sent.get(key) != hash(html)}
                sent.update((key, hash(html)) for key, html in news.items())
                if news:
                    yield b"event: patch\ndata: " + msgspec.json.encode(news) + b"\n\n"
            await asyncio.sleep(_TOGETHER)
    finally:
        service.hub.leave(subscription)


def _patches(service: Service, topic: str) -> Patches:
    """How a topic looks now; nothing while the journal or the fleet cannot be read, or it is gone."""
    try:
        return service.rendered.patches(topic)
    except (StentorError, HTTPException):
        return {}


def _still_in(call: Call) -> bool:
    request = call.request
    caller = call.caller._replace(user="", role=None, session="")
    found = call.service.gate.who(caller, request.headers, request.cookies, time.time())
    return found.may("viewer")


def routes() -> list[Route]:
    """Return the routes."""
    return [streamed("/events", _events)]
