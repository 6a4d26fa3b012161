"""The route of the style sheet and the script."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from stentor.web.access import public
from stentor.web.assets import KINDS, content


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    kind = KINDS.get(name)
    if kind is None or request.path_params["version"] != content(name)[1]:
        return Response("There is no such file.\n", 404, media_type="text/plain")
    keep = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(content(name)[0], media_type=kind, headers=keep)


def routes() -> list[Route]:
    """Return the routes."""
    return [public("/static/{version}/{name}", _file)]
