"""Panes whose connection drops: they say why, and come back by themselves."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stentor.lab import Lab
from tests.support import lacking, need, need_root
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


def opened(stentor: Stentor, tmux: Tmux, *words: str) -> None:
    said = stentor("tmux", "open", *words, "--detach")
    assert said.code == 0, said.stderr


def is_up(tmux: Tmux, node: str, seconds: float = 30) -> None:
    wait(lambda: tmux.panes().get(node) == "up", f"{node} is up", seconds)


def answers(tmux: Tmux, node: str, word: str) -> None:
    """The pane's shell is the node's, and alive: it computes what was not typed."""
    tmux("send-keys", "-t", tmux.pane(node), f"echo ={word}=$(uname -n)=", "Enter")
    wait(lambda: f"={word}={node}=" in tmux.text(tmux.pane(node)), f"{node} answers")


def kill_logins(lab: Lab, node: str) -> None:
    """Kill the processes of sshd which carry logins to a node."""
    killed = 0
    for pid in lab.processes(node):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/cmdline") as file:
            words = file.read()
            if words.startswith("sshd") and "[listener]" not in words:
                os.kill(pid, signal.SIGKILL)
                killed += 1
    assert killed


def test_a_killed_sshd(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    opened(stentor, tmux, "crtr,drtr")
    is_up(tmux, "drtr")
    is_up(tmux, "crtr")
    answers(tmux, "drtr", "before")
    tmux("send-keys", "-t", tmux.pane("crtr"), "remember=me", "Enter")
    kill_logins(lab, "drtr")
    wait(lambda: "no connection to drtr" in tmux.text(tmux.pane("drtr")), "it says so")
    is_up(tmux, "drtr")
    answers(tmux, "drtr", "after")
    # the neighbour noticed nothing
    tmux("send-keys", "-t", tmux.pane("crtr"), "echo =$remember=", "Enter")
    wait(lambda: "=me=" in tmux.text(tmux.pane("crtr")), "the other pane's shell is the same")


def test_a_reboot(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    opened(stentor, tmux, "drtr")
    is_up(tmux, "drtr")
    lab.backend.stop(["drtr"])
    wait(lambda: tmux.panes()["drtr"].startswith(("down", "connecting")), "the border says down")
    wait(lambda: "refused" in tmux.text(tmux.pane("drtr")), "ssh's own words say why")
    lab.backend.start(["drtr"])
    lab.backend.wait(["drtr"])
    is_up(tmux, "drtr")
    answers(tmux, "drtr", "back")


def test_a_node_that_is_down_comes_alive_later(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    lab.backend.stop(["prtr"])
    opened(stentor, tmux, "@gpu")
    is_up(tmux, "drtr")
    wait(lambda: tmux.panes()["prtr"].startswith("down, next try in"), "a waiting pane")
    lab.backend.start(["prtr"])
    lab.backend.wait(["prtr"])
    # Enter tries at once
    tmux("send-keys", "-t", tmux.pane("prtr"), "x", "Enter")
    is_up(tmux, "prtr")
    answers(tmux, "prtr", "alive")


def test_a_cut_link(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    """Nothing comes any more, and nobody says so: only the questions of ServerAlive notice."""
    need_root()
    need("nft")
    opened(stentor, tmux, "drtr")
    is_up(tmux, "drtr")
    table, address = f"stentor_test_{os.getpid()}", lab.node("drtr").address
    rules = (
        f"add table ip {table}\n"
        f"add chain ip {table} in {{ type filter hook input priority 0; }}\n"
        f"add rule ip {table} in ip daddr {address} drop\n"
        f"add rule ip {table} in ip saddr {address} drop\n"
    )
    done = subprocess.run(["nft", "-f", "-"], input=rules, text=True, capture_output=True)
    if done.returncode != 0:
        lacking(f"no packet can be dropped: {done.stderr.strip()}")
    try:
        wait(lambda: "not responding" in tmux.text(tmux.pane("drtr")), "ssh gives the link up", 40)
        wait(lambda: tmux.panes()["drtr"].startswith(("down", "connecting")), "the border says down")
    finally:
        subprocess.run(["nft", "delete", "table", "ip", table], check=True)
    is_up(tmux, "drtr", 40)
    answers(tmux, "drtr", "fixed")


def test_work_outlives_the_connection_in_the_nodes_own_tmux(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    opened(stentor, tmux, "drtr", "--attach-remote", "work")
    is_up(tmux, "drtr")
    wait(lambda: "[work]" in tmux.text(tmux.pane("drtr")), "the node's own tmux is shown")
    tmux("send-keys", "-t", tmux.pane("drtr"), "remember=me; clear", "Enter")
    kill_logins(lab, "drtr")
    wait(lambda: "no connection" in tmux.text(tmux.pane("drtr")), "it dropped")
    is_up(tmux, "drtr")
    wait(lambda: "[work]" in tmux.text(tmux.pane("drtr")), "attached again")
    tmux("send-keys", "-t", tmux.pane("drtr"), "echo =$remember=", "Enter")
    wait(lambda: "=me=" in tmux.text(tmux.pane("drtr")), "the same shell, with what it knew")


def test_a_shell_that_the_user_ends_closes_its_pane(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    opened(stentor, tmux, "crtr,drtr")
    is_up(tmux, "drtr")
    answers(tmux, "drtr", "x")
    wait(lambda: tmux.panes()["drtr"] == "up", "up")
    subprocess.run(["sleep", "2"], check=True)  # a shell that ends within two seconds is taken for broken
    tmux("send-keys", "-t", tmux.pane("drtr"), "exit 3", "Enter")
    wait(lambda: list(tmux.panes()) == ["crtr"], "its pane is gone")


def test_a_login_shell_that_ends_at_once_says_so(lab: Lab, stentor: Stentor, tmux: Tmux) -> None:
    (lab.home("drtr") / ".bash_profile").write_text("exit 7\n")
    opened(stentor, tmux, "drtr")
    wait(lambda: "the login shell of drtr ended with 7 at once" in tmux.text(tmux.pane("drtr")), "it says so")
    (lab.home("drtr") / ".bash_profile").unlink()
    is_up(tmux, "drtr")
    answers(tmux, "drtr", "fixed")
