"""Sign in by a link that ``stentor serve login`` prints, or by a token of the file; sign out.

A link is opened by a GET, which must not use it up: programs that preview links do so too. It is used up by
the button on the page that it opens.
"""

from __future__ import annotations

import time

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stentor.web.access import Call, anybody
from stentor.web.gate import SESSION_SECONDS
from stentor.web.passkeys import available, site_of
from stentor.web.store import Ticket


def _show(call: Call) -> Response:
    if call.caller.role is not None and not call.query.get("key"):
        return RedirectResponse("/", 303)
    return _page(call, call.query.get("next"), key=call.query.get("key"))


def _enter(call: Call) -> Response:
    gate, now = call.service.gate, time.time()
    back = call.form.get("next")
    wait = gate.tries(call.caller)
    if wait:
        return _page(call, back, problem=f"too many tries; again in {int(wait) + 1} s", code=429)
    key, token = call.form.get("key"), call.form.get("token").strip()
    ticket = gate.by_link(key, now) if key else gate.by_token(token, now)
    if ticket is None:
        gate.failed(call.caller)
        problem = (
            "this link was used or is too old; 'stentor serve login' prints another"
            if key
            else "this token is not in the file of tokens"
        )
        return _page(call, back, problem=problem, code=403)
    return entered(call, ticket, back)


def entered(call: Call, ticket: Ticket, back: str, answer: Response | None = None) -> Response:
    """Return the answer that gives a browser its session.

    Args:
        ticket: the session's.
        back: the path to which it leads; another one leads to the first page.
        answer: in place of a redirect.
    """
    gate = call.service.gate
    gate.sign_out(call.caller)  # who is signed in already gets another session in its place
    answer = answer or RedirectResponse(path_or_first(back), 303)
    answer.set_cookie(
        gate.cookie,
        ticket.secret,
        max_age=int(SESSION_SECONDS),
        path="/",
        secure=gate.secure,
        httponly=True,
        samesite="strict",
    )
    return answer


def _leave(call: Call) -> Response:
    call.service.gate.sign_out(call.caller)
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        call.service.gate.cookie, path="/", secure=call.service.gate.secure, httponly=True, samesite="strict"
    )
    return answer


def _page(call: Call, back: str, *, key: str = "", problem: str = "", code: int = 200) -> Response:
    site = site_of(call.request.headers["host"], secure=call.service.gate.secure)
    known = call.service.gate.passkeys.all()
    return call.service.templates.render(
        call.request,
        "login.html",
        call.caller,
        code=code,
        key=key,
        back=back if _is_path(back) else "",
        problem=problem,
        tokens=bool(call.service.settings.tokens),
        passkeys=available() and site is not None and any(one.site == site.name for one in known),
    )


def path_or_first(text: str) -> str:
    """Return a path of ours, or that of the first page."""
    return text if _is_path(text) else "/"


def _is_path(text: str) -> bool:
    """Whether it leads to a page of ours: a path, and nothing that a browser takes for another host."""
    return text.startswith("/") and not text.startswith("//") and "\\" not in text and text.isprintable()


def routes() -> list[Route]:
    """Return the routes."""
    return [
        anybody("/login", _show),
        # A browser sends no session with a link that another program opens: its page has no token then.
        anybody("/login", _enter, methods=["POST"], token=False),
        anybody("/logout", _leave, methods=["POST"]),
    ]
