"""Files that are written as they are, beside this one."""

from __future__ import annotations

import os


def text_beside(name: str) -> str:
    """Return the text of a file in this package."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()
