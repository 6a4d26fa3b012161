"""Draw README's picture: commands typed at a terminal in front of a fresh practice fleet, as an SVG.

``make picture`` runs it. Nothing in the picture is written by hand but the prompt.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.text import Text

from stentor import lab as labs

HERE = Path(__file__).resolve().parent
PICTURE = HERE.parent / "docs" / "picture.svg"
WIDTH = 96
COMMANDS = [
    "stentor ping",
    "stentor run @all 'uname -s; nproc'",
    """stentor run @core 'test "$(hostname)" != drtr || { echo "no GPU here" >&2; exit 3; }'""",
]


def typed(command: str, environ: dict[str, str]) -> str:
    """What a command says to a terminal of our width, colours and all."""
    ours, theirs = pty.openpty()
    subprocess.run(["stty", "cols", str(WIDTH), "rows", "50"], stdin=theirs, check=True)
    process = subprocess.Popen(
        ["bash", "-c", command], stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    )
    os.close(theirs)
    said = b""
    while True:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break  # the last one who held the terminal has gone
        if not piece:
            break
        said += piece
    process.wait()
    os.close(ours)
    return settled(said.decode())


def settled(said: str) -> str:
    """What is left on the screen: a progress line that was drawn over is gone."""
    lines = []
    for line in said.replace("\r\n", "\n").split("\n"):
        last = re.split(r"\r|\x1b\[[01]?G", line)[-1]
        lines.append(re.sub(r"\x1b\[(?:[0-2]?[JK]|\?25[hl])", "", last))
    return "\n".join(lines).rstrip("\n")


def surroundings(folder: str, fleet: str) -> dict[str, str]:
    """An environment with a HOME of its own in a folder, in front of a fleet, of a person at a terminal."""
    for name in ("run", "home"):
        os.makedirs(f"{folder}/{name}", 0o700, exist_ok=True)
    left_out = ("CI", "NO_COLOR", "COLUMNS", "TMUX")
    return {
        **{name: value for name, value in os.environ.items() if name not in left_out},
        "HOME": f"{folder}/home",
        "XDG_RUNTIME_DIR": f"{folder}/run",
        "XDG_CACHE_HOME": f"{folder}/home/.cache",
        "XDG_STATE_HOME": f"{folder}/home/.state",
        "STENTOR_FLEET": fleet,
        "TERM": "xterm-256color",
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }


def drawing(console: Console, title: str) -> str:
    """What a console has recorded, as an SVG without the fonts which rich would fetch from elsewhere."""
    shape = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    shape = shape.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop leading blanks
    return console.export_svg(title=title, code_format=shape, unique_id="stentor")


def main() -> int:
    """Run the commands and write the picture."""
    console = Console(
        record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    with tempfile.TemporaryDirectory(prefix="st-", dir="/tmp") as folder:
        lab = labs.up(f"{folder}/lab")
        try:
            environ = surroundings(folder, str(lab.fleet_dir))
            for command in COMMANDS:
                console.print(Text.assemble(("$ ", "bold green"), (command, "bold")), soft_wrap=True)
                console.print(Text.from_ansi(typed(command, environ)))
                console.print()
            subprocess.run(["stentor", "masters", "stop"], env=environ, check=False, capture_output=True)
        finally:
            lab.down()
    PICTURE.write_text(re.sub(r"[ \t]+$", "", drawing(console, "stentor"), flags=re.MULTILINE))
    sys.stdout.write(f"{PICTURE.relative_to(HERE.parent)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
