"""The old commands' names as thin functions of a shell: fixed text beside this file."""

from __future__ import annotations

from stentor.export.texts import text_beside
from stentor.shells import FAMILIES


def script(shell: str) -> str:
    """What a shell is to source."""
    return "".join(text_beside(name) for name in FAMILIES[shell].init)
