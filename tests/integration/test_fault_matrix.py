"""Every fault of the practice fleet against ping, status and run: the right outcome, others unharmed."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest

from stentor.lab import Lab
from stentor.lab.faults import FAULTS, faketime
from tests.support import lacking

pytestmark = pytest.mark.integration

Stentor = Callable[..., Any]
NODES = ["crtr", "prtr", "drtr", "trtr", "zrtr"]
CONNECT = 2.0
WRITE = "echo written >>~/log && tail -n 1 ~/log"


class Expected(NamedTuple):
    """What is to be seen of a node with this fault.

    Attributes:
        level: of ``ping``.
        cold: of ``run`` with a login of its own; also of ``status``, unless ``status`` says otherwise.
        warm: of ``run`` over a connection which was there before.
        status: of ``status``; None for the same as ``cold``.
    """

    level: str
    cold: str
    warm: str
    status: str | None = None


MATRIX = {
    "down": Expected("unreachable", "unreachable", "unreachable"),
    "power-cut": Expected("refused", "refused", "refused"),
    "link-cut": Expected("unreachable", "unreachable", "unreachable"),
    "refuse": Expected("refused", "refused", "ok"),
    "kill-sshd": Expected("refused", "refused", "refused"),
    "hang": Expected("no-banner", "no-banner", "ok"),
    "slow-login": Expected("up", "ok", "ok"),
    "denied": Expected("up", "denied", "ok"),
    "host-key-changed": Expected("up", "host-key-changed", "ok"),
    "bash-profile-exits": Expected("up", "ok", "ok"),
    "bashrc-exits": Expected("up", "shell-broken", "shell-broken"),
    "full-disk": Expected("up", "failed", "failed", status="ok"),
    "read-only-home": Expected("up", "failed", "failed", status="ok"),
    "clock-skew": Expected("up", "ok", "ok"),
}


def test_the_matrix_is_whole() -> None:
    assert list(MATRIX) == list(FAULTS)


@pytest.fixture(params=MATRIX)
def fault(request: pytest.FixtureRequest) -> str:
    name = str(request.param)
    if name == "clock-skew" and faketime() is None:
        lacking("libfaketime is not installed")
    return name


def lines(stentor: Stentor, *words: str) -> dict[str, dict[str, Any]]:
    """Run a command on all nodes with --json; return what came of each. What hangs, hangs for ever."""
    said = stentor(words[0], "--json", "--connect-timeout", str(CONNECT), *words[1:])
    assert "Traceback" not in said.stderr, said.stderr
    found = [json.loads(line) for line in said.stdout.splitlines()]
    assert found, said.stderr
    assert found[-1]["exit_code"] == said.code
    last = {line["node"]: line for line in found if line["type"] in ("finished", "ping", "status")}
    assert sorted(last) == sorted(NODES)
    return last


def unharmed(last: dict[str, dict[str, Any]]) -> None:
    assert {node: line["kind"] for node, line in last.items() if node != "drtr"} == dict.fromkeys(
        [node for node in NODES if node != "drtr"], "ok"
    )


def test_ping(lab: Lab, stentor: Stentor, fault: str) -> None:
    lab.break_("drtr", fault)
    last = lines(stentor, "ping", "@all")
    unharmed(last)
    assert last["drtr"]["level"] == MATRIX[fault].level


def test_cold_run(lab: Lab, stentor: Stentor, fault: str) -> None:
    lab.break_("drtr", fault)
    last = lines(stentor, "run", "@all", WRITE)
    unharmed(last)
    assert last["drtr"]["kind"] == MATRIX[fault].cold
    # Nothing that is said not to have started has done anything.
    written = (lab.home("drtr") / "log").exists()
    assert written == (MATRIX[fault].cold == "ok")


def test_warm_run(lab: Lab, stentor: Stentor, fault: str) -> None:
    lines(stentor, "run", "@all", "true")
    lab.break_("drtr", fault)
    last = lines(stentor, "run", "@all", WRITE)
    unharmed(last)
    assert last["drtr"]["kind"] == MATRIX[fault].warm
    lab.heal()
    last = lines(stentor, "run", "@all", "true")
    assert {line["kind"] for line in last.values()} == {"ok"}
    assert (lab.home("drtr") / "log").exists() == (MATRIX[fault].warm == "ok")


def test_status(lab: Lab, stentor: Stentor, fault: str) -> None:
    lab.break_("drtr", fault)
    last = lines(stentor, "status", "@all")
    unharmed(last)
    assert last["drtr"]["kind"] == (MATRIX[fault].status or MATRIX[fault].cold)
    facts = last["drtr"]["facts"]
    if fault == "full-disk":
        assert facts["home"]["percent"] == 100
    elif fault == "read-only-home":
        assert facts["home_writable"] is False
    elif fault == "clock-skew":
        assert abs(facts["clock_skew"] - 86400) < 60
