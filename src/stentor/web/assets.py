"""The style sheet, the script and the mark: three files of our own, and no other."""

from __future__ import annotations

import os
from functools import cache
from hashlib import sha256

KINDS = {"page.css": "text/css", "page.js": "text/javascript", "mark.svg": "image/svg+xml"}


@cache
def content(name: str) -> tuple[bytes, str]:
    """Return a file of :data:`KINDS`, and the version that its path has."""
    with open(os.path.join(os.path.dirname(__file__), "static", name), "rb") as file:
        found = file.read()
    return found, sha256(found).hexdigest()[:12]


def address(name: str) -> str:
    """Return the path of a file; another content has another path, so that browsers may keep it."""
    return f"/static/{content(name)[1]}/{name}"
