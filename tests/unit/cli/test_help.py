"""The help of every command and verb, word for word, in tests/transcripts/help*.txt.

After a change that is meant: ``make transcripts``, and read the difference.
"""

from __future__ import annotations

import glob
import io
import os
from contextlib import redirect_stderr, redirect_stdout

import pytest

from stentor.cli.commands.completion import table
from stentor.cli.main import main
from tests.support import ROOT

HERE = f"{ROOT}/tests/transcripts"
UPDATE = bool(os.environ.get("UPDATE_TRANSCRIPTS"))

PAGES: dict[str, list[list[str]]] = {
    "help.txt": [["--help"], [], ["rnu"], ["--fleat"], ["help", "nothing"]],
}
for place in sorted(filter(None, table())):
    PAGES.setdefault(f"help-{place.split()[0]}.txt", []).append([*place.split(), "--help"])


def said(words: list[str]) -> str:
    """What is typed, what comes on stdout and stderr, and the exit code."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = main(words)
    errors = "".join(f"2> {line}".rstrip() + "\n" for line in err.getvalue().splitlines())
    ending = f"[exit {code}]\n" if code else ""
    return f"$ {' '.join(['stentor', *words])}\n{out.getvalue()}{errors}{ending}"


@pytest.mark.parametrize("file", PAGES)
def test_help(file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")
    now = "\n".join(said(words) for words in PAGES[file])
    path = f"{HERE}/{file}"
    if UPDATE:
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(now)
    assert os.path.exists(path), f"there is no {path} yet: make transcripts"
    with open(path, encoding="utf-8") as opened:
        assert now == opened.read(), "read what changed; if it is meant: make transcripts"


def test_no_page_of_a_command_that_is_gone() -> None:
    assert {os.path.basename(path) for path in glob.glob(f"{HERE}/help*.txt")} == set(PAGES)
