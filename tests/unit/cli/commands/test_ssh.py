"""``stentor ssh``: the command it becomes, and what is said when ssh itself failed."""

from __future__ import annotations

import pytest

from stentor import terminal
from stentor.probe import outward
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


def test_code_of_the_command_is_that_of_ssh(bench: Bench) -> None:
    bench.code = 3
    assert bench.practice.run("ssh", "prtr", "false").code == 3
    assert bench.started[0][-1] == "false"


@pytest.mark.parametrize(("kind", "hints"), [("host-key-changed", 1), ("denied", 0)])
def test_hint_about_a_host_key_follows_a_failure_of_ssh(bench: Bench, kind: str, hints: int) -> None:
    bench.code, bench.kind = 255, kind
    ran = bench.practice.run("ssh", "prtr")
    assert (ran.code, ran.said.count("stentor trust prtr")) == (255, hints)
