"""The old commands' names as thin functions of a shell: fixed text beside this file."""

from __future__ import annotations

import os

# bash and zsh share their functions; what completes is each one's own.
FILES = {"bash": ("init.sh", "init.bash"), "zsh": ("init.sh", "init.zsh"), "fish": ("init.fish",)}


def script(shell: str) -> str:
    """What a shell is to source."""
    here = os.path.dirname(os.path.abspath(__file__))
    texts = []
    for name in FILES[shell]:
        with open(os.path.join(here, name), encoding="utf-8") as file:
            texts.append(file.read())
    return "".join(texts)
