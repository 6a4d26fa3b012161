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

from demo.draw_picture import HERE, drawing, surroundings
from stentor import lab as labs
from stentor.api.fleet import Fleet
from stentor.render.top.app import Top

IMAGES = HERE.parent / "docs" / "images"
WIDTH, HEIGHT = 90, 31
# What is typed, and what is waited for before the next line.
TYPED = [
    ("uname -sr; nproc", "2 ok"),
    ("@gpu", "@gpu (2)>"),
    ("echo 'no GPU here' >&2; exit 3", "[1]"),
    (":select crtr,drtr", "(2)>"),
    ("rm -rf / --no-preserve-root", "to go on:"),
    ("", "not sent"),
    ("!git --version", "git version"),
    (":history -n 2", "no GPU"),
]


def wait(screen: list[str], environ: dict[str, str], text: str, after: int = 0) -> str:
    """Wait until the terminal shows a text more often than before; return what it shows."""
    deadline = time.monotonic() + 20
    while True:
        said = subprocess.run(
            [*screen, "capture-pane", "-p", "-t", "t"],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        if said.count(text) > after:
            return said
        if time.monotonic() > deadline:
            raise SystemExit(f"'{text}' did not come:\n{said}")
        time.sleep(0.05)


def draw_shell(environ: dict[str, str]) -> str:
    """Type into a prompt in a tmux of its own, and draw what stands there."""
    screen = ["tmux", "-L", "picture"]
    start = [*screen, "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", str(WIDTH), "-y", str(HEIGHT)]
    subprocess.run([*start, "stentor shell @core"], env=environ, check=True)
    try:
        said = wait(screen, environ, "leaves")
        for line, expected in TYPED:
            before = said.count(expected)
            subprocess.run([*screen, "send-keys", "-t", "t", "-l", line], env=environ, check=True)
            subprocess.run([*screen, "send-keys", "-t", "t", "Enter"], env=environ, check=True)
            said = wait(screen, environ, expected, before)
            time.sleep(0.3)  # for the prompt behind it
        ansi = subprocess.run(
            [*screen, "capture-pane", "-e", "-p", "-t", "t"],
            env=environ,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    finally:
        subprocess.run([*screen, "kill-server"], env=environ, check=False)
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
            environ["TMUX_TMPDIR"] = folder
            for name, draw in (("shell", draw_shell), ("top", draw_top)):
                picture = re.sub(r"[ \t]+$", "", draw(environ), flags=re.MULTILINE)
                Path(IMAGES, f"{name}.svg").write_text(picture.rstrip("\n") + "\n")
                sys.stdout.write(f"docs/images/{name}.svg\n")
            subprocess.run(["stentor", "masters", "stop"], env=environ, check=False, capture_output=True)
        finally:
            lab.down()
    return 0


if __name__ == "__main__":
    os.chdir(HERE.parent)
    sys.exit(main())
