"""Sessions over practice nodes in a real tmux: opened once, whatever the user's configuration."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]

# What people have in their configurations: another prefix, other first indexes, hooks that split and lay out.
LIVED_IN = """
set -g prefix C-a
unbind C-b
bind C-a send-prefix
set -g base-index 1
setw -g pane-base-index 1
set -g renumber-windows on
set -g default-shell /bin/sh
set -g status-position top
set-hook -g after-new-session 'split-window -h'
set-hook -g after-new-window 'split-window -v'
set-hook -g after-split-window 'select-layout even-horizontal'
set-hook -g session-created 'set -g @greeted 1'
bind -n Enter send-keys Enter
"""


@pytest.fixture(autouse=True)
def _programs() -> None:
    need("tmux", "ssh")


@pytest.fixture
def tmux(environ: dict[str, str]) -> Iterator[Tmux]:
    """The server which stentor uses."""
    server = Tmux(environ)
    yield server
    server.end()


@pytest.fixture
def terminal(environ: dict[str, str]) -> Iterator[Tmux]:
    """A terminal in which to type: a server of its own, with one window of 120x40."""
    outer = Tmux(environ, "terminal")
    outer("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "120", "-y", "40", "sh")
    yield outer
    outer.end()


def all_up(tmux: Tmux, nodes: int, seconds: float = 30) -> None:
    try:
        wait(lambda: list(tmux.panes().values()).count("up") == nodes, f"{nodes} panes are up", seconds)
    except AssertionError as error:
        shown = {node: (state, tmux.text(tmux.pane(node))[-300:]) for node, state in tmux.panes().items()}
        raise AssertionError(f"{error}; instead: {shown}") from None


def answers(tmux: Tmux, node: str) -> bool:
    """Whether the shell in a node's pane is that node's."""
    wait(lambda: "$" in tmux.text(tmux.pane(node)), f"{node} has a prompt")
    tmux("send-keys", "-t", tmux.pane(node), "echo =$(uname -n)=", "Enter")
    wait(lambda: f"={node}=" in tmux.text(tmux.pane(node)), f"{node} answers in its own pane")
    return True


def type_in(terminal: Tmux, line: str) -> None:
    terminal("send-keys", "-t", "t", line, "Enter")


def command(*words: str) -> str:
    return shlex.join([sys.executable, "-m", "stentor", *words])


def test_a_pane_for_every_node(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    said = stentor("tmux", "open", "@all", "--detach")
    assert said.code == 0, said.stderr
    all_up(tmux, 5)
    assert all(answers(tmux, node) for node in lab.nodes)
    assert tmux("list-windows", "-a", "-F", "#{session_name}:#{window_name}") == "all:all"
    shown = tmux("display-message", "-p", "-t", tmux.pane("drtr"), "#{T:pane-border-format}")
    assert "drtr" in shown
    assert "up" in shown


def test_the_default_is_the_core(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    assert stentor("tmux", "open", "--detach").code == 0
    all_up(tmux, 3)
    assert list(tmux.panes("cluster")) == ["crtr", "prtr", "drtr"]
    [left, upper, lower] = tmux(
        "list-panes", "-t", "=cluster:", "-F", "#{pane_left} #{pane_top}"
    ).splitlines()
    # one at the left, two beside it: the removed script's arrangement
    assert left.startswith("0 ")
    assert upper.split()[0] == lower.split()[0] != "0"
    assert stentor("tmux", "open", "@gpu", "--detach").code == 0
    [above, below] = tmux("list-panes", "-t", "=gpu:", "-F", "#{pane_left} #{pane_top}").splitlines()
    assert above.split()[0] == below.split()[0] == "0"


def test_print_shows_what_would_run(lab: Lab, stentor: Stentor, tmux: Tmux, environ: dict[str, str]) -> None:
    said = stentor("tmux", "open", "@all", "--print")
    assert said.code == 0
    assert tmux("list-sessions", check=False) == ""
    done = subprocess.run(["sh", "-c", said.stdout], env=tmux.environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    all_up(tmux, 5)


def test_a_lived_in_configuration(lab: Lab, stentor: Stentor, tmux: Tmux, environ: dict[str, str]) -> None:
    Path(environ["HOME"], ".tmux.conf").write_text(LIVED_IN)
    said = stentor("tmux", "open", "@all", "--detach")
    assert said.code == 0, said.stderr
    wait(lambda: [tmux.panes().get(n) for n in lab.nodes] == ["up"] * 5, "all five are up")
    assert all(answers(tmux, node) for node in lab.nodes)
    assert tmux("show-options", "-gv", "@greeted") == "1"
    marked = tmux("list-panes", "-a", "-F", "#{@node}").split()
    assert sorted(marked) == sorted(lab.nodes)
    assert tmux("list-windows", "-t", "=all:", "-F", "#{window_index}").split()[0] == "1"


@pytest.mark.parametrize("line", ["set -g destroy-unattached on", "set -s exit-unattached on"])
def test_a_session_stays_where_unattached_ones_end(
    lab: Lab, stentor: Stentor, tmux: Tmux, terminal: Tmux, environ: dict[str, str], line: str
) -> None:
    Path(environ["HOME"], ".tmux.conf").write_text(line + "\n")
    said = stentor("tmux", "open", "crtr,drtr", "-s", "t", "--detach")
    assert said.code == 0, said.stderr
    assert ("exit-unattached is off" in said.stderr) == ("exit" in line)
    all_up(tmux, 2)
    tmux.end()
    type_in(terminal, "env -u TMUX " + command("tmux", "open", "crtr,drtr", "-s", "t"))
    wait(lambda: "t: " in tmux("list-clients", "-F", "#{session_name}: ", check=False), "it is attached")
    all_up(tmux, 2)
    # What was configured holds again: it ends when nobody looks at it any more.
    tmux("detach-client", "-s", "t")
    wait(lambda: "t" not in tmux("list-sessions", "-F", "#S", check=False).split(), "it has ended")


def test_what_is_there_is_not_made_twice(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    assert stentor("tmux", "open", "@gpu", "--session", "x", "--detach").code == 0
    said = stentor("tmux", "open", "@all", "--session", "x", "--detach")
    assert "added crtr trtr zrtr" in said.stderr
    assert stentor("tmux", "open", "@all", "--session", "x", "--detach").stderr == ""
    all_up(tmux, 5)
    assert sorted(tmux("list-panes", "-a", "-F", "#{@node}").split()) == sorted(lab.nodes)


def test_a_session_of_the_users_own_is_kept(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    tmux("new-session", "-d", "-s", "cluster", "-n", "mine", "sh")
    before = tmux("list-panes", "-a", "-F", "#{pane_id}")
    assert stentor("tmux", "open", "--detach").code == 0
    wait(lambda: list(tmux.panes().values()).count("up") == 3, "three are up")
    assert before in tmux("list-panes", "-a", "-F", "#{pane_id}").splitlines()
    assert tmux("list-windows", "-t", "=cluster:", "-F", "#{window_name}").splitlines() == [
        "mine",
        "cluster",
    ]
    assert tmux("display-message", "-p", "-t", "=cluster:", "#{window_name}") == "mine"


def test_two_at_once_make_no_duplicate(lab: Lab, tmux: Tmux, environ: dict[str, str]) -> None:
    words = [sys.executable, "-m", "stentor", "tmux", "open", "@all", "--detach"]
    both = [subprocess.Popen(words, env=environ, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(one.communicate()[1], one.returncode)[1] for one in both] == [0, 0]
    assert sorted(tmux("list-panes", "-a", "-F", "#{@node}").split()) == sorted(lab.nodes)


def test_outside_it_attaches_inside_it_switches(lab: Lab, tmux: Tmux, terminal: Tmux) -> None:
    # This terminal is itself in a tmux, of another server: nested, since the socket is named.
    type_in(terminal, command("tmux", "open", "crtr,prtr", "-L", "default"))
    wait(lambda: "prtr up" in terminal.text("t"), "the session is shown")
    terminal("split-window", "-d", "-t", "t", "sh")
    # two clients at once
    terminal("send-keys", "-t", "t.1", "unset TMUX; " + command("tmux", "open", "crtr,prtr"), "Enter")
    wait(lambda: len(tmux("list-clients").splitlines()) == 2, "two clients")
    assert sorted(tmux.panes()) == ["crtr", "prtr"]
    # from within: a local shell of the same server
    tmux("new-window", "-t", "=crtr+prtr:", "-n", "local", "sh")
    wait(lambda: "local*" in terminal.text("t"), "the local window is shown")
    type_in(terminal, command("tmux", "open", "trtr"))
    wait(lambda: "trtr" in tmux("list-clients", "-F", "#{session_name}").split(), "one client was switched")
    assert len(tmux("list-clients").splitlines()) == 2


@pytest.mark.parametrize(("columns", "rows", "windows"), [(80, 24, 7), (200, 60, 2)])
def test_forty_nodes(
    make_lab: Callable[..., Lab], stentor: Stentor, tmux: Tmux, columns: int, rows: int, windows: int
) -> None:
    lab = make_lab(nodes=40)
    size = {"COLUMNS": str(columns), "LINES": str(rows)}
    said = stentor("tmux", "open", "@all", "--detach", fleet=lab, env=size)
    assert said.code == 0, said.stderr
    assert list(tmux.panes()) == list(lab.nodes)
    listed = tmux("list-panes", "-a", "-F", "#{window_id} #{pane_width} #{pane_height}").splitlines()
    assert len({row.split()[0] for row in listed}) == windows
    assert all(int(row.split()[1]) >= 38 and int(row.split()[2]) >= 5 for row in listed), listed
    all_up(tmux, 40, seconds=60)


def test_window_and_its_ways_out(lab: Lab, stentor: Stentor, tmux: Tmux, terminal: Tmux) -> None:
    said = stentor("tmux", "window", "crtr")
    assert said.code == 2
    assert "not inside tmux" in said.stderr
    terminal("new-window", "-t", "t", "sh")
    type_in(terminal, command("-f", str(lab.fleet_dir), "tmux", "window", "drtr", "-L", "terminal"))
    wait(
        lambda: "drtr" in terminal("list-windows", "-t", "t", "-F", "#{window_name}").split(),
        "a window named drtr",
    )
    wait(lambda: "drtr@drtr" in terminal.text("t"), "a login on drtr")


def test_mosh_falls_back_to_ssh(lab: Lab, tmux: Tmux, terminal: Tmux, environ: dict[str, str]) -> None:
    # a mosh which is there and cannot: as when the node has no mosh-server
    fake = Path(environ["HOME"], "bin", "mosh")
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'mosh-server: not found'; exit 127\n")
    fake.chmod(0o755)
    type_in(terminal, f"PATH={fake.parent}:$PATH; tmux -L terminal set-environment -g PATH $PATH; clear")
    type_in(terminal, command("tmux", "window", "drtr", "--mosh", "-L", "terminal"))
    wait(lambda: "drtr@drtr" in terminal.text("t"), "a login on drtr")
    assert "mosh to drtr ended with 127; going on with ssh" in terminal.text("t")


def test_errors_say_what_to_do(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    for words, code, part in (
        (["tmux", "open", "nobody", "-d"], 2, "nobody"),
        (["tmux", "open", "crtr"], 6, "--detach"),
        (["tmux", "close"], 2, "stentor tmux open"),
        (["tmux", "close", "nothing"], 2, "no tmux session 'nothing'"),
        (["tmux", "attach"], 2, "tmux-cluster"),
        (["tmux", "log", "on", "nothing"], 2, "no tmux session"),
    ):
        said = stentor(*words)
        assert said.code == code, (words, said)
        assert part in said.stderr
        assert "Traceback" not in said.stderr
        tmux("kill-server", check=False)
