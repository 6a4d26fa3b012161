"""Draw README's picture, an SVG that moves: a line that ends every login, which the first node reverts.

``make picture`` runs it. The commands are typed at a real terminal in front of a fresh practice fleet whose
nodes have zsh, chezmoi and a repository of dotfiles; what is shown, and when, is what the terminal showed.
Only pauses are shortened, and the speed of typing is ours.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from demo.drawing import DOCS, HERE, Screen, surroundings
from demo.moving import Frame, moving
from stentor import lab as labs
from tests.docs import walk

PICTURE = DOCS / "picture.svg"
WIDTH, HEIGHT = 104, 40
COMMANDS = [
    "echo 'exec nu' >>dot_zshrc   # no node has nu: every new login would end at once",
    "git commit -qam 'Try nu' && git push -q",
    "stentor dotfiles apply crtr,drtr,trtr --yes",
    "stentor run crtr,drtr,trtr 'cat .zshrc'",
]
LABEL = (
    "A change that would end every login is applied to one node, which reverts it; the others are untouched"
)
_PROMPT = r"\[\e[1;32m\]$\[\e[0m\] "
# Seconds: to type a character, for a reader after a command and at the end, and the longest pause.
_KEY, _READ, _DONE, _PAUSE = 0.025, 2.2, 6.0, 0.8


def record(environ: dict[str, str]) -> list[Frame]:
    """Type the commands, and look at the terminal all the time."""
    screen = Screen(
        environ,
        f'cd "$(chezmoi source-path)" && exec bash --rcfile "{environ["HOME"]}/prompt"',
        WIDTH,
        HEIGHT,
    )
    frames: list[Frame] = []
    try:
        screen.wait("$")
        for number, command in enumerate(COMMANDS, 1):
            screen.type(command)
            screen.wait(command[-12:])
            typing = len(command) * _KEY
            frames.append(Frame(_lines(screen), typing + _KEY * 10, typing))
            screen.enter()
            frames += _watched(screen, number)
            frames[-1] = frames[-1]._replace(seconds=_READ)
    finally:
        screen.close()
    return [*frames[:-1], frames[-1]._replace(seconds=_DONE)]


def _watched(screen: Screen, commands: int) -> Iterator[Frame]:
    """Each thing that is shown, for as long as it is, until the prompt comes again."""
    lines, since = _lines(screen), time.monotonic()
    deadline = since + 60
    while sum(_plain(line).startswith("$ ") for line in lines) <= commands:
        time.sleep(0.03)
        now, next_lines = time.monotonic(), _lines(screen)
        if now > deadline or len(next_lines) == HEIGHT:
            raise SystemExit("the commands do not end, or do not fit:\n" + "\n".join(map(_plain, next_lines)))
        if next_lines != lines:
            yield Frame(lines, min(now - since, _PAUSE))
            lines, since = next_lines, now
    yield Frame(lines, 0.0)


def _lines(screen: Screen) -> tuple[str, ...]:
    return tuple(screen.shown("-e").rstrip("\n").split("\n"))


def _plain(line: str) -> str:
    return re.sub(r"\x1b\[[\d;]*m", "", line) + " "


def main() -> int:
    """Make the fleet, record, and write the picture."""
    with tempfile.TemporaryDirectory(prefix="st-", dir="/tmp") as folder:
        lab = labs.up(f"{folder}/lab", shells=["zsh"])
        try:
            environ = walk.prepare(lab, surroundings(folder, str(lab.fleet_dir)))
            Path(environ["HOME"], "prompt").write_text(f"PS1='{_PROMPT}'\n")
            picture = moving(record(environ), WIDTH, "stentor", LABEL)
            subprocess.run(
                ["stentor", "masters", "stop", "@all"], env=environ, check=False, capture_output=True
            )
        finally:
            lab.down()
    PICTURE.write_text(picture)
    sys.stdout.write(f"{PICTURE.relative_to(HERE.parent)}\n")
    return 0


if __name__ == "__main__":
    os.chdir(HERE.parent)
    sys.exit(main())
