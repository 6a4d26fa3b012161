"""Sessions across nodes, closing with a question, logs, captures, and the snippet without a tool."""

from __future__ import annotations

import json
import shlex
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import need
from tests.terminal import Tmux, wait

pytestmark = pytest.mark.integration
Stentor = Callable[..., Any]


@pytest.fixture
def tmux(environ: dict[str, str]) -> Iterator[Tmux]:
    """The server which stentor uses."""
    need("tmux", "ssh")
    server = Tmux(environ)
    yield server
    server.end()


@pytest.fixture
def core(lab: Lab, stentor: Stentor, tmux: Tmux) -> Tmux:
    """The core nodes open and up."""
    assert stentor("tmux", "open", "--detach").code == 0
    wait(lambda: list(tmux.panes().values()).count("up") == 3, "three panes are up")
    return tmux


def test_list_asks_every_node(lab: Lab, stentor: Stentor) -> None:
    assert lab.run("crtr", "tmux new-session -d -s work; tmux new-window -t work 'sleep 100'").code == 0
    assert lab.run("drtr", "tmux new-session -d -s 'a b' cat").code == 0
    lab.backend.stop(["zrtr"])
    said = stentor("tmux", "list")
    assert said.code == 4, said.stderr
    rows = {row.split()[0]: row for row in said.stdout.splitlines()}
    assert "work" in rows["crtr"]
    assert "sleep" in rows["crtr"]
    assert "a b" in rows["drtr"]
    assert "cat" in rows["drtr"]
    assert "no session" in rows["prtr"]
    assert "refused" in rows["zrtr"]
    said = stentor("tmux", "list", "@core", "--json")
    assert said.code == 0
    header, *lines, report = [json.loads(line) for line in said.stdout.splitlines()]
    assert header == {"type": "tmux_sessions", "stentor": 1}
    assert report["kinds"] == {"ok": ["crtr", "prtr", "drtr"]}
    [session] = [line for line in lines if line["type"] == "session" and line["node"] == "crtr"]
    assert (session["name"], session["windows"], session["attached"]) == ("work", 2, 0)
    assert session["since"] > 1_600_000_000
    assert [line["node"] for line in lines if line["type"] == "tmux_node"] == ["crtr", "prtr", "drtr"]


def test_attach_becomes_a_client_of_the_nodes_own(lab: Lab, environ: dict[str, str], tmux: Tmux) -> None:
    assert lab.run("drtr", "tmux new-session -d -s work").code == 0
    terminal = Tmux(environ, "terminal")
    try:
        terminal("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "100", "-y", "30", "sh")
        terminal("send-keys", "-t", "t", "stentor tmux attach drtr nothing", "Enter")
        wait(lambda: "no such tmux session; it has: work" in terminal.text("t"), "it says what there is")
        terminal("send-keys", "-t", "t", "stentor tmux attach drtr work", "Enter")
        wait(lambda: "[work]" in terminal.text("t"), "the node's session is shown")
        terminal("send-keys", "-t", "t", "C-b", "d")
    finally:
        terminal.end()


def test_attach_without_a_node(core: Tmux, environ: dict[str, str]) -> None:
    terminal = Tmux(environ, "terminal")
    try:
        terminal("-f", "/dev/null", "new-session", "-d", "-s", "t", "-x", "100", "-y", "30", "env -u TMUX sh")
        terminal("send-keys", "-t", "t", "stentor tmux attach", "Enter")
        wait(lambda: core("list-clients", "-F", "#{session_name}") == "cluster", "attached to cluster")
    finally:
        terminal.end()


def test_close_asks_when_work_would_be_lost(lab: Lab, stentor: Stentor, core: Tmux) -> None:
    core("send-keys", "-t", core.pane("drtr"), "sleep 1000", "Enter")
    core("send-keys", "-t", core.pane("crtr"), "less .profile", "Enter")
    wait(lambda: "less" in lab.run("crtr", "ps -eo comm").stdout, "less runs on crtr")
    wait(lambda: "sleep" in lab.run("drtr", "ps -eo comm").stdout, "sleep runs on drtr")
    said = stentor("tmux", "close", "cluster")
    assert said.code == 6, said.stderr
    assert "crtr: less (pts/" in said.stderr
    assert "drtr: sleep (pts/" in said.stderr
    assert "prtr" not in said.stderr
    assert "--yes" in said.stderr
    assert stentor("tmux", "close", "cluster", "--yes").code == 0
    assert core("list-sessions", check=False) == ""


def test_close_of_idle_shells_does_not_ask(stentor: Stentor, core: Tmux) -> None:
    said = stentor("tmux", "close")
    assert (said.code, said.stderr) == (0, "")
    assert core("list-sessions", check=False) == ""


def test_logs(lab: Lab, stentor: Stentor, core: Tmux, environ: dict[str, str]) -> None:
    place = Path(environ["HOME"], "it's #{logs} %d")
    said = stentor("tmux", "log", "on", "--dir", str(place))
    assert said.code == 0, said.stderr
    assert said.stdout.splitlines() == [f"{place}/{node}.log" for node in ("crtr", "prtr", "drtr")]
    core("send-keys", "-t", core.pane("drtr"), "echo =$(uname -n)=", "Enter")
    wait(lambda: "=drtr=" in (place / "drtr.log").read_text(), "the log has it")
    assert (place / "drtr.log").stat().st_mode & 0o777 == 0o600
    assert "=drtr=" not in (place / "crtr.log").read_text()
    assert stentor("tmux", "log", "off").code == 0
    size = (place / "drtr.log").stat().st_size
    core("send-keys", "-t", core.pane("drtr"), "echo more", "Enter")
    wait(lambda: core.text(core.pane("drtr")).count("more") == 2, "it ran")
    assert (place / "drtr.log").stat().st_size == size
    assert f"{environ['XDG_STATE_HOME']}/stentor/tmux/cluster/crtr.log" in stentor("tmux", "log", "on").stdout
    bad = stentor("tmux", "log", "on", "--dir", "/proc/nothing")
    assert bad.code == 2
    assert "cannot make /proc/nothing" in bad.stderr


def test_capture_merges_what_is_the_same(stentor: Stentor, core: Tmux) -> None:
    for node in ("crtr", "prtr", "drtr"):
        core("send-keys", "-t", core.pane(node), "PS1=; clear; echo all alike", "Enter")
    core("send-keys", "-t", core.pane("drtr"), "echo not quite", "Enter")
    wait(lambda: "not quite" in core.text(core.pane("drtr")).split("\n"), "it ran")
    wait(lambda: core.text(core.pane("prtr")).startswith("all alike"), "it ran")
    wait(lambda: core.text(core.pane("crtr")).startswith("all alike"), "it ran")
    said = stentor("tmux", "capture")
    assert said.code == 0, said.stderr
    assert "crtr,prtr (2)" in said.stdout
    assert said.stdout.count("all alike") == 2
    said = stentor("tmux", "capture", "drtr", "--json")
    pane = json.loads(said.stdout.splitlines()[1])
    assert (pane["node"], pane["state"]) == ("drtr", "up")
    assert "not quite" in pane["text"]
    assert stentor("tmux", "capture", "@all").code == 4


def test_the_snippet_loads_and_works(lab: Lab, stentor: Stentor, tmux: Tmux, environ: dict[str, str]) -> None:
    said = stentor("export", "tmux")
    assert said.code == 0, said.stderr
    snippet = Path(environ["HOME"], "fleet.conf")
    snippet.write_text(said.stdout)
    tmux("-f", "/dev/null", "new-session", "-d", "-s", "mine", "-x", "120", "-y", "40", "sh")
    assert tmux("source-file", str(snippet)) == ""
    terminal = Tmux(environ, "terminal")
    try:
        attach = shlex.join([*tmux.words, "attach-session", "-t", "=mine"])
        terminal(
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-s",
            "t",
            "-x",
            "120",
            "-y",
            "40",
            f"env -u TMUX {attach}",
        )
        wait(lambda: tmux("list-clients") != "", "attached")
        terminal("send-keys", "-t", "t", "C-b", "C")
        wait(lambda: all(f"{n}@{n}" in terminal.text("t") for n in ("crtr", "prtr", "drtr")), "three logins")
        terminal("send-keys", "-t", "t", "C-b", "S")
        wait(lambda: "(3 nodes: crtr prtr drtr)? (y/n)" in terminal.text("t"), "it asks")
        terminal("send-keys", "-t", "t", "y")
        on = "#{pane_synchronized}#{pane-border-style}"
        wait(lambda: tmux("display-message", "-p", "-t", "=mine:", on) == "1fg=red", "on, and red")
        terminal("send-keys", "-t", "t", "C-b", "S")
        wait(lambda: tmux("display-message", "-p", "-t", "=mine:", on).startswith("0"), "off")
    finally:
        terminal.end()


def test_the_snippet_of_every_group_loads(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    tmux("-f", "/dev/null", "new-session", "-d", "-s", "mine", "sh")
    for words in (["@all"], ["crtr"], ["@gpu", "--key", "M-g", "--sync-key", "F12"]):
        text = stentor("export", "tmux", *words).stdout
        done = subprocess.run(
            [*tmux.words, "source-file", "-"], input=text, env=tmux.environ, capture_output=True, text=True
        )
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), words
