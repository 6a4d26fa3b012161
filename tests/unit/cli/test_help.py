"""The help of every command and verb, word for word: docs/commands, and tests/transcripts/help.txt.

After a change that is meant: ``make transcripts``, and read the difference.
"""

from __future__ import annotations

import os
import re

import pytest

from stentor.cli.help import overview
from stentor.cli.main import main
from stentor.cli.table import COMMANDS
from stentor.cli.topics import TOPICS
from stentor.fleet.model import Fleet, Node
from stentor.fleet.select import select
from tests import command_pages
from tests.parsers import table
from tests.support import ROOT

HERE = f"{ROOT}/tests/transcripts"
UPDATE = bool(os.environ.get("UPDATE_TRANSCRIPTS"))

HELP: list[list[str]] = [
    [],
    ["--help"],
    ["help", "all"],
    ["help", "topics"],
    *(["help", topic] for topic in TOPICS),
    ["rnu"],
    ["--fleat"],
    ["help", "nothing"],
    ["help", "selector"],
    ["status", "--jsn"],
    ["dotfiles", "apply", "--canry", "crtr"],
    ["nodes", "--xyzzy"],
    ["export", "ansibel"],
]


def said(words: list[str]) -> str:
    """What is typed, what comes on stdout and stderr, and the exit code."""
    out, err, code = command_pages.said(words)
    errors = "".join(f"2> {line}".rstrip() + "\n" for line in err.splitlines())
    ending = f"[exit {code}]\n" if code else ""
    return f"$ {' '.join(['stentor', *words])}\n{out}{errors}{ending}"


def same(path: str, now: str) -> None:
    """Assert that the file holds this text; write it when transcripts are recorded."""
    if UPDATE:
        with open(path, "w", encoding="utf-8") as opened:
            opened.write(now)
    assert os.path.exists(path), f"there is no {path} yet: make transcripts"
    with open(path, encoding="utf-8") as opened:
        assert now == opened.read(), "read what changed; if it is meant: make transcripts"


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.mark.usefixtures("plain")
def test_help() -> None:
    same(f"{HERE}/help.txt", "\n".join(said(words) for words in HELP))


@pytest.mark.usefixtures("plain")
@pytest.mark.parametrize("command", ["index", *COMMANDS])
def test_the_page_of_a_command_is_its_help(command: str) -> None:
    same(f"{command_pages.FOLDER}/{command}.md", command_pages.page(command))


def test_no_page_of_a_command_that_is_gone() -> None:
    assert set(os.listdir(command_pages.FOLDER)) == {f"{name}.md" for name in ("index", *COMMANDS)}


def test_the_short_help_fits_a_small_screen() -> None:
    lines = overview().splitlines()
    assert len(lines) <= 24
    assert max(map(len, lines)) <= 80


def test_a_topic_of_two_words_may_be_written_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["help", "exit", "codes"]) == 0
    assert capsys.readouterr().out.startswith("exit-codes: ")


def test_the_topic_of_exit_codes_says_what_the_page_says() -> None:
    with open(f"{ROOT}/docs/exit-codes.md", encoding="utf-8") as page:
        codes = {int(code) for code in re.findall(r"^\| (\d+) \|", page.read(), re.MULTILINE)}
    assert {int(code) for code in re.findall(r"^  (\d+) ", TOPICS["exit-codes"][1], re.MULTILINE)} == codes


@pytest.mark.parametrize("selector", re.findall(r"'([^']+)'", TOPICS["selectors"][1]))
def test_the_selectors_of_the_topic_are_read(selector: str) -> None:
    nodes = {f"node{number}": Node(f"node{number}", f"node{number}") for number in range(1, 41)}
    nodes |= {alias: Node(alias, alias) for alias in ("crtr", "prtr")}
    groups = {"all": tuple(nodes), "core": ("crtr",), "gpu": ("crtr", "prtr"), "pseudo": ("prtr",)}
    assert select(Fleet("/fleet", nodes, groups), selector)


def test_the_overview_and_topics_fit_a_terminal_of_80_columns() -> None:
    for words in ([], ["help", "all"], ["help", "topics"], *(["help", topic] for topic in TOPICS)):
        lines = [line.removeprefix("2> ") for line in said(words).splitlines()]
        assert [line for line in lines if len(line) > 80] == [], words


def test_what_an_example_does_stands_below_it_where_both_do_not_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    assert re.search(r"stentor run @failed ./up {2,}where the last operation failed", said(["run", "--help"]))
    monkeypatch.setenv("COLUMNS", "80")
    assert "stentor run @failed ./up\n      where the last operation failed" in said(["run", "--help"])
    for words in filter(None, table()):
        lines = said([*words.split(), "--help"]).partition("examples:")[2].splitlines()
        assert [line for line in lines if len(line) > 80 and re.search(r"\S {2,}\S", line[5:])] == [], words


@pytest.mark.parametrize("width", [60, 80])
def test_no_line_of_any_help_is_wider_than_the_terminal(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Save the commands of examples, which are to be copied."""
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    texts = [["--help"], ["help", "all"], ["help", "topics"], *(["help", topic] for topic in TOPICS)]
    for words in (*texts, *([*place.split(), "--help"] for place in filter(None, table()))):
        lines = said(words).partition("\n")[2].splitlines()
        wide = [line for line in lines if len(line) > width]
        assert [line for line in wide if not re.match(r"  stentor (?!.* {2})", line)] == [], words


def test_a_usage_line_is_broken_between_options(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    told = said(["run", "--help"])
    assert "[options] --script FILE SELECTOR\n          [ARGUMENTS...]\n" in told
    told = said(["show", "--help"])
    assert "\n          [--node NODE | -b | --diff | --steps | -j]" in told


@pytest.mark.parametrize("words", [*filter(None, table())])
def test_every_help_has_examples(words: str) -> None:
    examples = said([*words.split(), "--help"]).partition("\nexamples:\n")[2]
    assert f"stentor {words}" in examples
