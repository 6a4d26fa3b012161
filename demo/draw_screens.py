"""Draw the pictures of ``stentor top`` and ``stentor shell`` anew, from real runs on a fresh practice fleet.

``make picture`` runs it. What is seen was drawn by the programs themselves: top by Textual's own
screenshot, the prompt as tmux has it on its screen.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.text import Text

from demo.drawing import DOCS, HERE, Screen, drawing, surroundings
from stentor import lab as labs
from stentor.api.fleet import Fleet
from stentor.render.top.app import Top

IMAGES = DOCS / "images"
WIDTH, HEIGHT = 90, 31
# What is typed, and what is waited for before the next line.
TYPED = [
    ("uname -sr; nproc", "2 ok"),
    ("@gpu", "@gpu (2)>"),
    ("echo 'no GPU here' >&2; exit 3", "[1]"),
    (":select crtr,drtr", "(2)>"),
    ("rm -rf / --no-preserve-root", "to continue:"),
    ("", "nothing was sent"),
    ("!git --version", "git version"),
    (":history -n 2", "no GPU"),
]


def draw_shell(environ: dict[str, str]) -> str:
    """Type into a prompt in a tmux of its own, and draw what stands there."""
    screen = Screen(environ, "stentor shell @core", WIDTH, HEIGHT)
    try:
        said = screen.wait("leaves")
        for line, expected in TYPED:
            before = said.count(expected)
            screen.type(line)
            screen.enter()
            said = screen.wait(expected, before)
            time.sleep(0.3)  # for the prompt behind it
        ansi = screen.shown("-e")
    finally:
        screen.close()
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(ansi.rstrip("\n")))
    return drawing(console, "stentor shell")


def draw_top(environ: dict[str, str]) -> str:
    """Let Textual draw its screen after the first round, with two nodes marked."""
    fleet = Fleet.open(environ["STENTOR_FLEET"], environ=environ)
    app = Top(fleet.select("@all"), lambda *_, **__: None, title="@all", interval=5.0)

    async def drive() -> str:
        async with app.run_test(size=(80, 24)) as pilot:
            while app.looking:
                await pilot.pause(0.1)
            await pilot.press("space", "down", "space", "up")
            await pilot.pause()
            return app.export_screenshot(title="stentor top")

    picture = asyncio.run(drive())
    app.survey.join()
    # Without the fonts which would be fetched from elsewhere.
    picture = re.sub(r"@font-face \{.*?\}", "", picture, flags=re.DOTALL)
    picture = picture.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop leading blanks
    return re.sub(r"terminal-\d+", "top", picture)


def main() -> int:
    """Run both and write the pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="st-", dir="/tmp") as folder:
        lab = labs.up(f"{folder}/lab")
        try:
            environ = surroundings(folder, str(lab.fleet_dir))
            for name, draw in (("shell", draw_shell), ("top", draw_top)):
                picture = re.sub(r"[ \t]+$", "", draw(environ), flags=re.MULTILINE)
                Path(IMAGES, f"{name}.svg").write_text(picture.rstrip("\n") + "\n")
                sys.stdout.write(f"docs/images/{name}.svg\n")
            subprocess.run(
                ["stentor", "masters", "stop", "@all"], env=environ, check=False, capture_output=True
            )
        finally:
            lab.down()
    return 0


if __name__ == "__main__":
    os.chdir(HERE.parent)
    sys.exit(main())
