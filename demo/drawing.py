"""What the programs that draw pictures share: a HOME of its own before a fleet, a tmux as the screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent / "docs"


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
        "XDG_DATA_HOME": f"{folder}/home/.local/share",
        "STENTOR_FLEET": fleet,
        "TMUX_TMPDIR": folder,
        "TERM": "xterm-256color",
        "PATH": f"{os.path.dirname(sys.executable)}:{os.environ['PATH']}",
    }


def drawing(console: Console, title: str) -> str:
    """What a console has recorded, as an SVG without the fonts which rich would fetch from elsewhere."""
    shape = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
    shape = shape.replace("<svg ", '<svg xml:space="preserve" ', 1)  # some viewers drop leading blanks
    return console.export_svg(title=title, code_format=shape, unique_id="stentor")


class Screen:
    """A terminal that can be looked at: a tmux of its own, with one program in it.

    Args:
        environ: the program's environment; ``TMUX_TMPDIR`` is where the socket is.
        program: a command line of sh.
        width: columns.
        height: lines.
    """

    def __init__(self, environ: dict[str, str], program: str, width: int, height: int) -> None:
        self._environ = environ
        self._tmux(
            "-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", f"{width}", "-y", f"{height}", program
        )

    def _tmux(self, *words: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", "picture", *words], env=self._environ, capture_output=True, text=True, check=True
        )
        return done.stdout

    def shown(self, *options: str) -> str:
        """Return what it shows; with ``-e``, colours and all."""
        return self._tmux("capture-pane", *options, "-p", "-t", "t")

    def type(self, line: str) -> None:
        """Type a line, without the key at its end."""
        if line:
            self._tmux("send-keys", "-t", "t", "-l", line)

    def enter(self) -> None:
        """Press the key at the end of a line."""
        self._tmux("send-keys", "-t", "t", "Enter")

    def wait(self, text: str, after: int = 0) -> str:
        """Wait until it shows a text more often than before; return what it shows."""
        deadline = time.monotonic() + 20
        while (said := self.shown()).count(text) <= after:
            if time.monotonic() > deadline:
                raise SystemExit(f"'{text}' did not come:\n{said}")
            time.sleep(0.05)
        return said

    def close(self) -> None:
        """End it."""
        subprocess.run(["tmux", "-L", "picture", "kill-server"], env=self._environ, check=False)
