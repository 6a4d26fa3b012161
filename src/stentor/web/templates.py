"""Templates filled with values; every page has the same frame, and none needs JavaScript to be read."""

from __future__ import annotations

import os
import time
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from stentor.render.history import when
from stentor.render.style import printable
from stentor.render.summary import duration, kind_words
from stentor.typed import TYPE_CHECKING
from stentor.web import assets
from stentor.web.caller import CSRF, Caller
from stentor.web.fleets import Fleets
from stentor.web.gate import Gate

if TYPE_CHECKING:
    import jinja2

_TEMPLATES = os.path.join(os.path.dirname(__file__), "templates")
STYLES = {"ok": "good", "up": "good", "skipped": "quiet", "waiting": "quiet", "running": "busy"}
"""Kind of an outcome to the class that colours it; all others are bad."""


def style_of(kind: str) -> str:
    """Return the class of an outcome's kind."""
    return STYLES.get(kind, "warning" if kind in ("cancelled", "unknown") else "bad")


class Templates:
    """What fills templates."""

    def __init__(self, fleets: Fleets, gate: Gate) -> None:
        self._fleets = fleets  # for what is wrong with the fleet's files
        self._gate = gate  # who may come in
        self.shown = {"/", "/operations"}  # the pages to which every page has a link

    @cached_property
    def _templates(self) -> jinja2.Environment:
        """The templates; Jinja2 is 2 MB that a server holds from the first page on."""
        import jinja2

        made = jinja2.Environment(
            loader=jinja2.FileSystemLoader(_TEMPLATES),
            autoescape=True,
            auto_reload=False,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        made.filters.update(
            plain=printable,
            duration=duration,
            when=lambda moment: when(moment, time.time()),
            style=style_of,
            words=kind_words,
        )
        made.globals.update(static=assets.address, csrf_field=CSRF)
        return made

    def fill(self, template: str, **data: Any) -> str:
        """Return a template, or a part of a page, with these values."""
        return self._templates.get_template(template).render(**data)

    def render(
        self, request: Request, template: str, caller: Caller, *, code: int = 200, **data: Any
    ) -> Response:
        """Return a page.

        Args:
            template: its file.
        """
        return HTMLResponse(
            self.fill(
                template,
                caller=caller,
                code=code,
                path=request.url.path,
                shown_pages=self.shown,
                fault=self._fleets.fault if caller.role else None,
                **data,
            ),
            code,
        )

    def problem(self, request: Request, code: int, reason: str, hint: str = "") -> Response:
        """Return the page that says why there is no other."""
        caller: Caller = request.scope["caller"]
        caller = self._gate.who(caller, request.headers, request.cookies, time.time())
        return self.render(request, "problem.html", caller, code=code, reason=reason, hint=hint)
