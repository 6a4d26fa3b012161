"""tmux reads the snippet: its keys, the words that each pane gives to ssh, and the question."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from stentor.export.tmux import snippet
from stentor.fleet.model import Fleet, Node
from stentor.lab.backends.debian import make_tree
from stentor.lab.backends.full import PROGRAMS
from tests.readers import nasty
from tests.support import need, need_root
from tests.terminal import Tmux, wait

USERS = (
    *("dom\\me", "a#b", "#{host}", "#(id)", "%1", "100%", "a;b", "a;", "it's", '"', "$HOME", "~x"),
    *("{a}", "é", "*", "a b", "`id`", "a=b"),
)
SSH = '#!/bin/sh\nfor word do printf "%s\\0" "$word"; done >"$LOG/${0##*/}.$$"\nexec sleep 100\n'
Start = Callable[[Fleet, str], Tmux]


@pytest.fixture(params=["here", "Debian 13"])
def tmux_program(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """This machine's tmux, and that of Debian 13 from the system which full nodes share."""
    if request.param == "here":
        need("tmux")
        return "tmux"
    need_root()
    need(*PROGRAMS)
    tree = make_tree(os.environ)
    [loader] = [*tree.glob("usr/lib64/ld-linux-*.so.*"), *tree.glob("usr/lib/ld-linux-*.so.*")][:1]
    libraries = ":".join(map(str, tree.glob("usr/lib/*-linux-gnu")))
    words = [str(loader), "--library-path", libraries, str(tree / "usr/bin/tmux")]
    path = tmp_path / "tmux-13"
    path.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
    path.chmod(0o755)
    return str(path)


@pytest.fixture
def start(tmp_path: Path, tmux_program: str) -> Iterator[Start]:
    """Start a tmux of its own whose ssh writes down its words, and let it read a fleet's snippet."""
    ssh = tmp_path / "bin" / "ssh"
    ssh.parent.mkdir()
    ssh.write_text(SSH)
    ssh.chmod(0o755)
    (tmp_path / "log").mkdir()
    environ = {
        "PATH": f"{ssh.parent}:/usr/bin:/bin",
        "HOME": str(tmp_path),
        "TMUX_TMPDIR": str(tmp_path),
        "LOG": str(tmp_path / "log"),
        "SHELL": "/bin/sh",
        "LC_ALL": "C.UTF-8",
    }
    tmux = Tmux(environ, program=tmux_program)

    def read(fleet: Fleet, name: str) -> Tmux:
        path = tmp_path / "fleet.conf"
        path.write_text(snippet(fleet, list(fleet.nodes.values()), local=None, name=name))
        size = ("-x", "300", "-y", "90")
        tmux("-f", "/dev/null", "new-session", "-d", "-s", "mine", *size, "sleep 100")
        assert tmux("source-file", str(path)) == ""
        return tmux

    yield read
    tmux.end()


def bound(tmux: Tmux, key: str) -> str:
    [line] = [row for row in tmux("list-keys", "-T", "prefix").splitlines() if row.split()[3] == key]
    return line


def users(log: Path) -> list[str]:
    words = [word for file in log.iterdir() for word in file.read_text().split("\0")]
    return sorted(word.removeprefix("User=") for word in words if word.startswith("User="))


def keys(tmux: Tmux, *pressed: Sequence[str], until: Callable[[Tmux], object]) -> None:
    """Press keys at a terminal that is attached to it."""
    terminal = Tmux(tmux.environ, "terminal", tmux.words[0])
    size = ("-x", "300", "-y", "90")
    attach = f"env -u TMUX {shlex.join([*tmux.words, 'attach-session', '-t', '=mine'])}"
    try:
        terminal("-f", "/dev/null", "new-session", "-d", "-s", "t", *size, attach)
        wait(lambda: tmux("list-clients") != "", "attached")
        for one in pressed:
            terminal("send-keys", "-t", "t", *one)
        wait(lambda: until(terminal), f"what comes of {pressed}")
    finally:
        terminal.end()


def test_a_large_fleet_of_nasty_names_is_bound_to_both_keys(start: Start) -> None:
    fleet = nasty()
    tmux = start(fleet, "all of it")
    opening = bound(tmux, "C")
    assert opening.count("split-window") == len(fleet.nodes) - 1
    for alias in fleet.nodes:
        assert f'-- {alias}"' in opening or f"-- {alias}'" in opening or f"-- {alias} " in opening, alias
    assert "pane_synchronized" in bound(tmux, "S")


@pytest.mark.parametrize("name", ["cluster", "#{host} #(id) %H;", 'it\'s; "x" $HOME', "gpu,core!x"])
def test_panes_and_the_window_have_the_words_as_they_are(start: Start, tmp_path: Path, name: str) -> None:
    nodes = {f"n{number}": Node(f"n{number}", "n", ("10.0.0.1",), user) for number, user in enumerate(USERS)}
    tmux = start(Fleet("/f", nodes, {"all": tuple(nodes)}), name)
    keys(tmux, ("C-b", "C"), until=lambda _: len(list((tmp_path / "log").iterdir())) == len(nodes))
    assert users(tmp_path / "log") == sorted(user.replace("\\", "\\\\") for user in USERS)
    windows = tmux("list-windows", "-t", "=mine", "-F", "#{window_name}|#{window_panes}").splitlines()
    if tmux("-V") == "tmux 3.4":  # it alone writes a backslash into such names
        name = re.sub(r"\$(?=[A-Za-z_{])", r"\\$", name)
    assert windows[1:] == [f"{name}|{len(nodes)}"]


def test_the_question_has_the_names(start: Start) -> None:
    fleet = nasty()
    some = {alias: fleet.nodes[alias] for alias in ("on", "1e3", "a.b", "x-", "x.")}
    tmux = start(Fleet("/f", some, {"all": tuple(some)}), "cluster")
    asked = "all panes (5 nodes: on 1e3 a.b x- x.)? (y/n)"
    keys(tmux, ("C-b", "S"), until=lambda terminal: asked in terminal.text("t"))
