"""Passkeys: those of who is signed in, and signing in by one. The browser's part is in ``page.js``."""

from __future__ import annotations

import time

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from stentor import extras
from stentor.errors import Refused
from stentor.web.access import Call, anybody, viewer
from stentor.web.background import log
from stentor.web.passkeys import Site, available, site_of
from stentor.web.service import Service
from stentor.web.sign_in import entered, path_or_first

_AGAIN = "sign in again by a link of 'stentor serve login'; within 15 minutes a passkey can be registered"


def _site(call: Call) -> Site:
    """Return how the browser calls the page.

    Raises:
        HTTPException: it has no passkeys for such a name, or the extra is not installed.
    """
    site = _named(call)
    if not available() or site is None:
        raise HTTPException(404, _problem(call))
    return site


def _named(call: Call) -> Site | None:
    return site_of(call.request.headers["host"], secure=call.service.gate.secure)


def _problem(call: Call) -> str:
    """Why no passkey can be registered here and now; empty if one can."""
    if not available():
        missing = extras.lacking("a passkey", "passkeys")
        return f"{missing.message}; {missing.hint}"
    if _named(call) is None:
        names = call.service.settings.names
        name = names[0] if names else "localhost"
        only = "browsers have passkeys for names only, with https or on this machine"
        return f"{only}; call this page {name}, also in the link that signs you in"
    return "" if call.service.gate.may_register(call.caller, time.time()) else _AGAIN


def _show(call: Call) -> Response:
    keys = call.service.gate.passkeys.of(call.caller.user)
    return call.service.templates.render(
        call.request, "passkeys.html", call.caller, keys=keys, problem=_problem(call)
    )


def _register_options(call: Call) -> Response:
    site = _site(call)
    if problem := _problem(call):
        raise HTTPException(403, problem)
    options = call.service.gate.passkeys.begin_registration(call.caller, site)
    return Response(options, media_type="application/json")


def _register(call: Call) -> Response:
    site = _site(call)
    if problem := _problem(call):
        raise HTTPException(403, problem)
    made = call.service.gate.passkeys.register(call.caller, site, call.body)
    log(f"passkey {made.name} of {made.user} ({made.role}) was registered from {call.caller.address}")
    return JSONResponse({"next": "/passkeys"})


def _remove(call: Call) -> Response:
    name = call.form.get("passkey")
    if not name:
        raise HTTPException(400, "no passkey is named")
    call.service.gate.passkeys.remove(call.caller.user, name)
    log(f"passkey {name} of {call.caller.user} was removed from {call.caller.address}")
    return RedirectResponse("/passkeys", 303)


def _sign_in_options(call: Call) -> Response:
    return Response(call.service.gate.passkeys.begin_sign_in(_site(call)), media_type="application/json")


def _sign_in(call: Call) -> Response:
    gate = call.service.gate
    if wait := gate.tries(call.caller):
        raise HTTPException(429, f"too many tries; again in {int(wait) + 1} s")
    try:
        used = gate.passkeys.sign_in(_site(call), call.body)
    except (Refused, HTTPException) as error:
        gate.failed(call.caller)
        reason = error.message if isinstance(error, Refused) else str(error.detail)
        raise HTTPException(403, reason) from None
    answer = JSONResponse({"next": path_or_first(call.query.get("next"))})
    return entered(call, gate.by_passkey(used, time.time()), "", answer)


def routes(_: Service) -> list[Route]:
    """Return the routes."""
    return [
        viewer("/passkeys", _show),
        viewer("/passkeys/new", _register_options),
        viewer("/passkeys/new", _register, methods=["POST"]),
        viewer("/passkeys/remove", _remove, methods=["POST"]),
        anybody("/login/passkey", _sign_in_options),
        anybody("/login/passkey", _sign_in, methods=["POST"], token=False),
    ]
