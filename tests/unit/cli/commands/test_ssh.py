"""``stentor ssh``: the command it becomes, and what is said when ssh itself failed."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from stentor import terminal
from stentor.fleet.model import Fleet, Node
from stentor.probe import outward
from stentor.ssh.login import interactive_argv
from tests.practice import Practice


class Bench:
    """The command line, and an ssh that ends with a code."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.practice = Practice(monkeypatch)
        self.code = 0
        self.kind = "ok"
        self.started: list[list[str]] = []
        monkeypatch.setattr(terminal, "foreground", self._foreground)
        monkeypatch.setattr(outward, "login", lambda *_: self)

    reason = "its host key changed"

    def _foreground(self, argv: list[str], _: object) -> int:
        self.started.append(argv)
        return self.code


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_ssh_command_is_shown_instead_of_run(bench: Bench) -> None:
    ran = bench.practice.run("ssh", "--print", "prtr", "uptime", "-p")
    assert ran.text.startswith("ssh ")
    assert ran.text.endswith(" -- prtr 'uptime -p'\n")
    assert bench.started == []


def test_only_the_node_is_required(bench: Bench) -> None:
    assert "arguments are required: NODE\n" in bench.practice.run("ssh").said


def test_code_of_the_command_is_that_of_ssh(bench: Bench) -> None:
    bench.code = 3
    assert bench.practice.run("ssh", "prtr", "false").code == 3
    assert bench.started[0][-1] == "false"


@pytest.mark.parametrize(
    ("words", "limit"), [([], 5), (["--fresh"], 5), (["--connect-timeout", "20s"], 20), (["-l", "me"], 5)]
)
def test_node_that_is_down_is_given_up(bench: Bench, words: list[str], limit: int) -> None:
    bench.practice.run("ssh", *words, "prtr")
    assert f"ConnectTimeout={limit}" in bench.started[0]


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:  # pytest's own are too long for a socket
        yield Path(path)


@pytest.mark.parametrize("fresh", [False, True])
def test_password_of_a_jump_host_may_take_longer(home: Path, fresh: bool) -> None:
    (home / "ssh_config").write_text("Host hidden\n  ProxyJump gate\n")
    nodes = [Node("near", "near"), Node("behind", "behind", jump="gate"), Node("hidden", "hidden")]
    fleet = Fleet(str(home), {node.alias: node for node in nodes}, {}, str(home / "ssh_config"))
    environ = {**os.environ, "XDG_RUNTIME_DIR": str(home)}
    argvs = {node.alias: interactive_argv(fleet, node, environ, fresh=fresh) for node in nodes}
    assert [alias for alias, argv in argvs.items() if "ConnectTimeout=5" in argv] == ["near"]


@pytest.mark.parametrize(
    ("kind", "hint"),
    [
        ("host-key-changed", "stentor trust prtr"),
        ("unreachable", "stentor ping --watch prtr"),
        ("denied", ""),
    ],
)
def test_hint_follows_a_failure_of_ssh(bench: Bench, kind: str, hint: str) -> None:
    bench.code, bench.kind = 255, kind
    ran = bench.practice.run("ssh", "prtr")
    assert (ran.code, "hint: " in ran.said) == (255, bool(hint))
    assert hint in ran.said
