"""The completion scripts, typed at in real shells: keys go in through a terminal, words come out."""

from __future__ import annotations

import os
import pathlib
import pty
import select
import subprocess
import time

import pytest

from stentor.render.completion import Option, Place, Table, script
from tests.support import need

TABLE: Table = {
    "": Place(
        (
            Option(("-f", "--fleet"), "the fleet directory", "dirs"),
            Option(("-h", "--help"), "it's help: this"),
        ),
        (),
        {"run": "run a command", "ping": "how far", "lab": "a practice fleet"},
    ),
    "run": Place(
        (
            Option(("-w", "--window"), "how many at once", "any"),
            Option(("--gather",), "merge what is alike"),
            Option(("--script",), "a script", "files"),
            Option(("--color",), "when", "words:always,never"),
        ),
        ("nodes", "command*"),
    ),
    "ping": Place((Option(("--watch",), "again and again"),), ("nodes*",)),
    "lab": Place((), (), {"up": "start it", "break": "break a node"}),
    "lab up": Place((Option(("--nodes",), "how many", "any"),), ()),
    "lab break": Place((), ("nodes", "words:hang,refuse")),
}
WORDS = (
    "@all\t3 nodes",
    "@gpu\t2 nodes",
    "crtr\tcooperator gateway",
    "drtr\tdirector gpu",
    "prtr\tprojector gpu",
)

# What is typed before TAB, and what the line becomes; alike in all three shells.
UNIQUE = [
    ("stentor pi", "ping"),
    ("stentor --fl", "--fleet"),
    ("stentor run --ga", "--gather"),
    ("stentor run cr", "crtr"),
    ("stentor run @g", "@gpu"),
    ("stentor run crtr,dr", "crtr,drtr"),
    ("stentor run @all,@", "@all,@gpu"),
    ("stentor run --window 3 dr", "drtr"),
    ("stentor run --gather dr", "drtr"),
    ("stentor run --color al", "always"),
    ("stentor run --color=al", "--color=always"),
    ("stentor run --script scr", "script.sh"),
    ("stentor run crtr cat scr", "script.sh"),
    ("stentor run -- dr", "drtr"),
    ("stentor --fleet fold pi", "ping"),
    ("stentor --fleet fol", "folder/"),
    ("stentor ping crtr dr", "drtr"),
    ("stentor lab br", "break"),
    ("stentor lab break crtr ha", "hang"),
    ("stentor lab up --no", "--nodes"),
]


@pytest.fixture
def place(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A folder to type in, and a `stentor` which answers `completion --words` and counts the questions."""
    (tmp_path / "bin").mkdir()
    (tmp_path / "words").write_text("".join(word + "\n" for word in WORDS))
    program = tmp_path / "bin" / "stentor"
    program.write_text(f'#!/bin/sh\necho "$*" >>{tmp_path}/asked\nexec cat {tmp_path}/words\n')
    program.chmod(0o755)
    here = tmp_path / "here"
    here.mkdir()
    (here / "script.sh").write_text("")
    (here / "folder").mkdir()
    for shell in ("bash", "zsh", "fish"):
        (tmp_path / f"c.{shell}").write_text(script(shell, TABLE))
    monkeypatch.setenv("PATH", f"{tmp_path}/bin:{os.environ['PATH']}")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.delenv("STENTOR_FLEET", raising=False)
    monkeypatch.chdir(here)
    return str(tmp_path)


class Terminal:
    """A shell on a terminal of its own; what it says is read until a mark."""

    def __init__(self, arguments: list[str]) -> None:
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.environ.update({"TERM": "dumb", "COLUMNS": "200"})
            os.execvp(arguments[0], arguments)
        self.seen = ""

    def until(self, mark: str, seconds: float = 60.0) -> str:
        """Read until ``mark`` is there; return and forget what came up to it."""
        end = time.monotonic() + seconds
        while mark not in self.seen:
            assert time.monotonic() < end, f"waited for {mark!r}, saw {self.seen!r}"
            if select.select([self.fd], [], [], 0.2)[0]:
                self.seen += os.read(self.fd, 65536).decode(errors="replace")
        before, _, self.seen = self.seen.partition(mark)
        return before

    def type(self, keys: str) -> None:
        os.write(self.fd, keys.encode())

    def close(self) -> None:
        os.close(self.fd)  # the shell gets HUP, and an end of file
        os.waitpid(self.pid, 0)


SETTINGS = {
    "bash": "PS1='ready> '; set +o history; bind 'set bell-style none'; source {place}/c.bash\n"
    "stentor() {{ printf 'GOT %s;\\n' \"$*\"; }}\n",
    "zsh": "PS1='ready> '; unset zle_bracketed_paste; setopt nobeep; "
    'autoload -Uz compinit; compinit -u -D; source {place}/c.zsh\nstentor() {{ print -r -- "GOT $*;" }}\n',
}


def start(shell: str, place: str) -> Terminal:
    settings = SETTINGS[shell].format(place=place)
    if shell == "bash":
        with open(f"{place}/rc", "w") as file:
            file.write(settings)
        terminal = Terminal(["bash", "--noprofile", "--rcfile", f"{place}/rc", "-i"])
    else:
        with open(f"{place}/.zshrc", "w") as file:
            file.write(settings)
        os.environ["ZDOTDIR"] = place
        terminal = Terminal(["zsh", "-d", "-i"])
    terminal.until("ready> ")
    return terminal


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_typed(shell: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    need(shell)
    monkeypatch.setenv("ZDOTDIR", place)
    terminal = start(shell, place)
    try:
        wrong = []
        for typed, expected in UNIQUE:
            terminal.type(typed + "\t")
            terminal.type("\n")
            got = terminal.until("ready> ").rpartition("GOT ")[2].partition(";")[0].split()
            if not got or got[-1].rstrip("/") != expected.rstrip("/"):  # zsh takes a slash back
                wrong.append((typed, expected, got))
        assert not wrong
    finally:
        terminal.close()
    with open(f"{place}/asked") as file:
        # Once for the fleet of this folder, once more for the one which --fleet names: never at every key.
        assert len(file.readlines()) <= 2


@pytest.mark.parametrize(("typed", "expected"), UNIQUE)
def test_fish(place: str, typed: str, expected: str) -> None:
    need("fish")
    offered = ask_fish(place, typed)
    assert [line.partition("\t")[0].strip() for line in offered] == [expected]


def ask_fish(place: str, typed: str) -> list[str]:
    done = subprocess.run(
        ["fish", "--no-config", "-c", f"source {place}/c.fish; complete -C {typed!r}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def test_fish_describes(place: str) -> None:
    need("fish")
    assert ask_fish(place, "stentor run @all!@") == ["@all!@gpu\t2 nodes"]  # not what is there already
    assert ask_fish(place, "stentor --he") == ["--help\tit's help: this"]


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_several(shell: str, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    need(shell)
    monkeypatch.setenv("ZDOTDIR", place)
    terminal = start(shell, place)
    try:
        # Only the last name of a selector is being typed.
        terminal.type("stentor run '@gpu!@\t\t" if shell == "bash" else "stentor run \\@gpu\\!@\t\t")
        terminal.until("@all")
        terminal.type("\x15")  # forget the line
        terminal.type("stentor lab break \t\t")
        listed = terminal.until("prtr")
        assert "crtr" in listed and "drtr" in listed
    finally:
        terminal.close()


def test_scripts_are_clean(place: str) -> None:
    need("shellcheck", "zsh", "fish")
    subprocess.run(["shellcheck", "--shell=bash", f"{place}/c.bash"], check=True)
    subprocess.run(["zsh", "-n", f"{place}/c.zsh"], check=True)
    subprocess.run(["fish", "--no-execute", f"{place}/c.fish"], check=True)
