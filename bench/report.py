"""What a run of the bench says: the table, who is faster, what was timed, with what and on what."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import time

from bench import measure, peers
from bench.table import Row, ahead, markdown, put

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LONGEST = 220
"""Characters of a command line; the rest are names of hosts."""


class Report:
    """Collects what was measured.

    Args:
        absent: peers that could not be installed, and why.
        window: nodes at once, for every tool.

    Attributes:
        rows: of the table.
        failed: sections that broke, and why.
        left_out: sections for which there was no time.
    """

    def __init__(self, absent: dict[str, str], window: int) -> None:
        self.rows: list[Row] = []
        self.failed: dict[str, str] = {}
        self.left_out: list[str] = []
        self._absent = absent
        self._window = window
        self._took: dict[str, float] = {}
        self._commands: dict[str, list[str]] = {}
        self._began = time.monotonic()
        self._loads = [os.getloadavg()[0]]

    def timed(self, name: str, seconds: float, folder: str) -> None:
        """A section is over: keep how long it took and what it started."""
        self._took[name] = seconds
        self._loads.append(os.getloadavg()[0])
        places = {
            f"{peers.VENV}/bin/": "",
            f"{os.path.dirname(peers.VENV)}/": "",
            f"{os.path.dirname(sys.executable)}/": "",
            folder: "$D",
            ROOT: ".",
            f"{os.path.dirname(peers.BSSH)}/": "",
        }
        found = []
        for line, program in measure.commands.items():
            for place, shorter in places.items():
                line = line.replace(place, shorter)
            line = " ".join(line.split())
            shown = f"{program}: {line}"
            found.append(shown if len(shown) <= LONGEST else f"{shown[:LONGEST]} ...")
        self._commands[name] = found

    def text(self) -> str:
        """All of it, as a part of a page."""
        seconds = time.monotonic() - self._began
        parts = [
            markdown(self.rows),
            self._conditions(seconds),
        ]
        parts += [f"Not compared: {name}: {reason}\n" for name, reason in self._absent.items()]
        parts += [f"Not measured: {name}: {reason}\n" for name, reason in self.failed.items()]
        if self.left_out:
            parts.append(f"Not measured, since the time was over: {', '.join(self.left_out)}\n")
        parts.append(f"Another tool takes less in:\n\n{ahead(self.rows)}")
        parts.append(
            "What was timed, and the seconds that each section took:\n\n"
            f"<!-- not run: by the bench -->\n```text\n{self._timed()}```\n"
        )
        return "\n".join(parts)

    def _conditions(self, seconds: float) -> str:
        middle = sorted(self._loads)[len(self._loads) // 2]
        return (
            f"{_machine()}, window {self._window}, servers on this machine, medians of turns;"
            f" {seconds:.0f} s in all, load {self._loads[0]:.1f} at the start and {middle:.1f} in the middle."
            " `--only`: the word by which `python -m bench --only WORD` measures the row again."
            f" Compared with: {peers.versions(self._absent)}.\n"
        )

    def _timed(self) -> str:
        lines = []
        for name, seconds in self._took.items():
            lines.append(f"{name} ({seconds:.0f} s)")
            lines += [f"    {line}" for line in self._commands[name]]
        return "".join(f"{line}\n" for line in lines)


def write(page: str, text: str) -> None:
    """Put a report into a page between its two marks."""
    with open(page, encoding="utf-8") as file:
        old = file.read()
    with open(page, "w", encoding="utf-8") as file:
        file.write(put(old, "bench", text))


def _machine() -> str:
    """Versions and the processor."""
    said = subprocess.run(["ssh", "-V"], capture_output=True, text=True, check=False).stderr
    openssh = said.split(",")[0].split()[0].replace("_", " ") if said else "OpenSSH"
    with open("/proc/cpuinfo") as file:
        models = [line.partition(": ")[2].strip() for line in file if line.startswith("model name")]
    processor = models[0] if models else platform.machine()
    return f"Python {platform.python_version()}, {openssh}, {os.cpu_count()} cores ({processor})"
