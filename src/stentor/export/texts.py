"""Files that are written as they are, beside this one; the old commands' names as functions of a shell."""

from __future__ import annotations

import os

from stentor.shells import FAMILIES


def text_beside(name: str) -> str:
    """Return the text of a file in this package."""
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), name), encoding="utf-8") as file:
        return file.read()


def script(shell: str) -> str:
    """What a shell is to source."""
    return "".join(text_beside(name) for name in FAMILIES[shell].init)
