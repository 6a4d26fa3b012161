"""Routes with the role that each needs; a route without one cannot be made.

``viewer`` and ``operator`` give the route a synchronous function of a :class:`Call`, which runs in a thread.
``public`` gives it an asynchronous one of Starlette's request, and nobody has to be signed in.
"""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import anyio.to_thread
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stentor.web.caller import CSRF, Caller, Role
from stentor.web.service import Service

SAFE = ("GET", "HEAD")
_BODY_SECONDS = 10.0
_FIELDS = 2000
_FOR_PROGRAMS = ("/api", "/metrics", "/events", "/hook")


class Form(NamedTuple):
    """The fields of a form or of a query, in their order."""

    pairs: Sequence[tuple[str, str]] = ()

    def get(self, name: str, otherwise: str = "") -> str:
        """Return the first value of a field."""
        return next((value for key, value in self.pairs if key == name), otherwise)

    def all(self, name: str) -> list[str]:
        """Return every value of a field."""
        return [value for key, value in self.pairs if key == name]


class Call(NamedTuple):
    """A request that may be answered."""

    service: Service  # what all routes share
    caller: Caller  # who asks
    path: Mapping[str, str]  # the values in the path
    query: Form  # the fields behind ``?``
    form: Form  # the fields of the body, where it is a form
    body: bytes  # as it came
    request: Request  # as Starlette has it


Endpoint = Callable[[Call], Response]
Raw = Callable[[Request], Awaitable[Response]]


def viewer(path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",)) -> Route:
    """Return a route for everybody who is signed in."""
    return _route(path, endpoint, "viewer", methods)


def operator(
    path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",), asks_nodes: bool = False
) -> Route:
    """Return a route for those who may act.

    Args:
        asks_nodes: whether the answer waits for nodes: such have threads of their own, or a few that wait for
            silent nodes would keep all others from their pages.
    """
    return _route(path, endpoint, "operator", methods, asks_nodes=asks_nodes)


def anybody(path: str, endpoint: Endpoint, *, methods: Sequence[str] = ("GET",), token: bool = True) -> Route:
    """Return a route of a page for those who are not signed in as well.

    Args:
        token: whether a form of somebody who is signed in must have the session's token.
    """
    return _route(path, endpoint, None, methods, token=token)


def public(path: str, endpoint: Raw, *, methods: Sequence[str] = ("GET",)) -> Route:
    """Return a route that looks itself who asks: no session, no CSRF token."""

    @functools.wraps(endpoint)
    async def handle(request: Request) -> Response:
        return await endpoint(request)

    return _marked(Route(path, handle, methods=list(methods)), "public")


def streamed(path: str, endpoint: Callable[[Call], Awaitable[Response]]) -> Route:
    """Return a route for everybody who is signed in, whose answer goes on: it is asynchronous."""

    async def handle(request: Request) -> Response:
        call = await _call(request, "viewer")
        return call if isinstance(call, Response) else await endpoint(call)

    return _marked(Route(path, handle), "viewer")


def access_of(route: Route) -> str:
    """Return the role that a route needs: ``viewer``, ``operator``, ``anybody`` or ``public``.

    Raises:
        TypeError: it was not made here.
    """
    found = getattr(route, "stentor_access", None)
    if not isinstance(found, str):
        raise TypeError(f"{route.path} says not who may ask; make it by stentor.web.access")
    return found


def _marked(route: Route, access: str) -> Route:
    route.stentor_access = access  # type: ignore[attr-defined]  # read by access_of
    return route


def _route(
    path: str,
    endpoint: Endpoint,
    role: Role | None,
    methods: Sequence[str],
    *,
    token: bool = True,
    asks_nodes: bool = False,
) -> Route:
    async def handle(request: Request) -> Response:
        call = await _call(request, role, token=token)
        if isinstance(call, Response):
            return call
        threads = call.service.asking if asks_nodes else None
        return await anyio.to_thread.run_sync(endpoint, call, limiter=threads)

    return _marked(Route(path, handle, methods=list(methods)), role or "anybody")


async def _call(request: Request, role: Role | None, *, token: bool = True) -> Call | Response:
    """Return the call, or the answer to a request that may not be answered."""
    service: Service = request.app.state.service
    caller: Caller = request.scope["caller"]
    caller = service.gate.who(caller, request.headers, request.cookies, time.time())
    if role is not None and not caller.may(role):
        return _refused(request, caller, role)
    form, body = Form(), b""
    if request.method not in SAFE:
        try:
            body = await asyncio.wait_for(request.body(), _BODY_SECONDS)
        except TimeoutError:
            return Response("The request did not come to its end in time.\n", 408)
        form = _form(body, request.headers.get("content-type", ""))
        sent = request.headers.get("x-csrf-token") or form.get(CSRF)
        if not _from_here(request) or (token and not caller.sent(sent)):
            return _answer(request, 403, "this form is not of this page or too old; open the page again")
    query = Form(tuple(request.query_params.multi_items()))
    return Call(service, caller, request.path_params, query, form, body, request)


def _form(body: bytes, kind: str) -> Form:
    if kind.partition(";")[0].strip().lower() != "application/x-www-form-urlencoded":
        return Form()
    try:
        text = body.decode("utf-8", "replace")
        return Form(tuple(parse_qsl(text, keep_blank_values=True, max_num_fields=_FIELDS)))
    except ValueError:  # more fields than any page has
        return Form()


def _from_here(request: Request) -> bool:
    """Whether a browser says that the request comes from a page of ours; other programs say nothing."""
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2].lower() != request.headers.get("host", "").lower():
        return False
    return request.headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")


def wants_json(request: Request) -> bool:
    """Whether a program asks, ours in a page among them: it is told why not as JSON."""
    return request.url.path.startswith(_FOR_PROGRAMS) or request.headers.get("accept") == "application/json"


def _refused(request: Request, caller: Caller, role: Role) -> Response:
    if caller.role is not None:
        return _answer(request, 403, f"{caller.user} is a {caller.role}; this is for an {role}")
    if request.method in SAFE and not wants_json(request):
        path = request.url.path
        back = path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?{urlencode({'next': back})}" if back != "/" else "/login", 303)
    answer = _answer(request, 401, "not signed in; 'stentor serve login' prints a link")
    answer.headers["WWW-Authenticate"] = 'Bearer realm="stentor"'
    return answer


def _answer(request: Request, code: int, reason: str) -> Response:
    if wants_json(request):
        return JSONResponse({"error": reason}, code)
    service: Service = request.app.state.service
    return service.templates.problem(request, code, reason)
