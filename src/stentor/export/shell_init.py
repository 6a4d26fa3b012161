"""The old commands' names as thin functions of a shell: fixed text beside this file."""

from __future__ import annotations

import os

from stentor.shells import FAMILIES


def script(shell: str) -> str:
    """What a shell is to source."""
    here = os.path.dirname(os.path.abspath(__file__))
    texts = []
    for name in FAMILIES[shell].init:
        with open(os.path.join(here, name), encoding="utf-8") as file:
            texts.append(file.read())
    return "".join(texts)
