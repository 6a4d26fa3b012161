"""The application: every route with the role that it needs, behind what every request passes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio.to_thread
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from stentor.errors import StentorError
from stentor.web import access, api, live, metrics, pages, sign_in, static
from stentor.web.background import Background, log
from stentor.web.entrance import HEADERS, Entrance
from stentor.web.hook import HookRoute
from stentor.web.service import Service

THREADS = 12  # for pages; webhooks, requests that wait for nodes, and operations have threads of their own


async def healthz(_: Request) -> Response:
    """Say that the page is served; for supervisors and load balancers, so nobody has to be signed in."""
    return PlainTextResponse("ok\n")


def make_app(service: Service, *, working: bool = True) -> Starlette:
    """Return the application.

    Args:
        working: whether the work in the background is done: webhooks, pings, catch-up.
    """
    background = Background(service)
    routes = [
        access.public("/healthz", healthz),
        *static.routes(),
        *sign_in.routes(),
        *live.routes(),
        *pages.routes(service, background),
        *HookRoute(background.hooks, service.hub).routes(),
        *api.routes(service),
        *metrics.routes(service),
    ]
    for route in routes:
        access.access_of(route)  # raises where it does not say who may ask

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = THREADS
        service.hub.attach(asyncio.get_running_loop())
        service.watch.start()
        try:
            if working:
                background.start()
            yield
        finally:
            service.hub.close()
            await run_in_threadpool(_stop, service, background, said=working)

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            Middleware(Entrance, settings=service.settings),
            # No other site can have a page of ours asked for with a session (SameSite=Strict), so none can
            # learn a secret from how well a page is compressed.
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=5),
        ],
        exception_handlers={HTTPException: _http, StentorError: _stentor, 500: _fault},
    )
    app.router.redirect_slashes = False  # such a redirect would lead from https to http behind a proxy
    app.state.service = service
    return app


def _stop(service: Service, background: Background, *, said: bool) -> None:
    service.stop()
    background.join()
    service.watch.stop()
    service.operations.join()
    if said:
        log("; ".join(filter(None, ("stopped", background.left()))))


async def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - as it is registered
    return _told(request, error.status_code, str(error.detail).lower(), error.headers)


async def _stentor(request: Request, error: Exception) -> Response:
    """What the command line would say: the message and what to do next."""
    assert isinstance(error, StentorError)  # noqa: S101 - as it is registered
    code = 400 if error.exit_code in (2, 3) else 409 if error.exit_code == 6 else 500
    return _told(request, code, str(error), hint=error.hint)


async def _fault(request: Request, _: Exception) -> Response:
    # Starlette answers this outside of all middleware.
    headers = {**HEADERS, "Cache-Control": "no-store"}
    return _told(request, 500, "an error of stentor's own; the log of 'stentor serve' has it", headers)


def _told(request: Request, code: int, reason: str, headers: object = None, *, hint: str = "") -> Response:
    given = dict(headers) if isinstance(headers, dict) else None
    if access.wants_json(request):
        said = {"error": reason, "hint": hint} if hint else {"error": reason}
        return JSONResponse(said, code, given)
    service: Service = request.app.state.service
    answer = service.templates.problem(request, code, reason, hint)
    answer.headers.update(given or {})
    return answer
