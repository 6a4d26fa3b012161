"""What the command line says, word for word: one file a command, in ``*.txt`` beside this one.

A transcript is what is typed (``$ ``), what comes on stdout, on stderr (``2> ``), and an exit
code other than 0 (``[exit N]``). With ``# practice nodes`` first it runs on the practice fleet: five
nodes, two down. Times and places which differ between two runs are masked.

Help is compared by tests/unit/cli/test_help.py.

After a change that is meant: ``make transcripts``, and read the difference.
"""

from __future__ import annotations

import glob
import os
import re
import subprocess
from collections.abc import Callable, Mapping
from typing import Any

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
UPDATE = bool(os.environ.get("UPDATE_TRANSCRIPTS"))
PRACTICE = "# practice nodes"

FILES = sorted(os.path.basename(path) for path in glob.glob(f"{HERE}/*.txt") if "/help" not in path)


def masked(text: str, places: Mapping[str, str]) -> str:
    """The text without what differs between two runs."""
    for name in sorted(places, key=lambda name: -len(places[name])):
        text = text.replace(places[name], name)
    text = re.sub(r" *\b\d+(\.\d+)? ?(ms|s)\b", " 0 s", text)
    text = re.sub(r'("(?:seconds|time|started|started_at|ended)": ?)[\d.e-]+', r"\g<1>0", text)
    return re.sub(r" +$", "", text, flags=re.MULTILINE)


def played(typed: str, environ: Mapping[str, str], places: Mapping[str, str]) -> str:
    """The transcript of one command."""
    done = subprocess.run(
        ["bash", "-c", typed],
        env=environ,
        cwd=environ["HOME"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    errors = "".join(f"2> {line}\n" for line in done.stderr.splitlines())
    ending = f"[exit {done.returncode}]\n" if done.returncode else ""
    return masked(f"$ {typed}\n{done.stdout}{errors}{ending}", places)


@pytest.mark.parametrize("file", FILES)
def test_transcript(file: str, request: pytest.FixtureRequest, environ: dict[str, str]) -> None:
    path = f"{HERE}/{file}"
    with open(path, encoding="utf-8") as opened:
        held = opened.read()
    variables = {**environ, "COLUMNS": "80", "NO_COLOR": "1"}
    places = {"HOME": environ["HOME"]}
    if held.startswith(PRACTICE):
        make_lab: Callable[..., Any] = request.getfixturevalue("make_lab")
        lab = make_lab()
        variables["STENTOR_FLEET"] = str(lab.fleet_dir)
        places |= {"FLEET": str(lab.fleet_dir), "LAB": str(lab.directory)}
    typed = [line[2:] for line in held.splitlines() if line.startswith("$ ")]
    first = PRACTICE + "\n" if held.startswith(PRACTICE) else ""
    now = first + "\n".join(played(command, variables, places) for command in typed)
    if UPDATE:
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(now)
    else:
        assert now == held, "read what changed; if it is meant: make transcripts"
