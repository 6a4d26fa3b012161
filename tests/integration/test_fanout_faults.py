"""The engine on nodes which are broken in every way that the practice fleet knows."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from stentor import Fleet, Settings
from stentor.fanout.events import Finished
from stentor.lab import Lab
from stentor.ssh import login_queue
from stentor.ssh.child import Child
from stentor.ssh.reactor import Reactor

pytestmark = pytest.mark.integration


@pytest.fixture
def fleet(lab: Lab, environ: dict[str, str]) -> Fleet:
    return Fleet.open(str(lab.fleet_dir), environ=environ)


def test_the_login_shell_ends_before_the_command(fleet: Fleet, lab: Lab) -> None:
    lab.break_("crtr", "bashrc-exits")
    result = fleet.select("crtr").run("echo never")["crtr"]
    assert result.kind == "shell-broken"
    assert result.stdout == b""
    assert "start-up files" in result.outcome.hint
    lab.heal("crtr")


DOWN = ("prtr", "trtr", "zrtr")


def test_nodes_that_are_down_cost_one_timeout(
    fleet: Fleet, lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.select("crtr,drtr").run("true")
    for alias in DOWN:
        lab.break_(alias, "down")
    begun: list[str] = []

    class Watched(Child):
        def __init__(self, reactor: Reactor, argv: Sequence[str], *more: Any, **options: Any) -> None:
            begun.append(argv[-1])
            super().__init__(reactor, argv, *more, **options)

    monkeypatch.setattr(login_queue, "Child", Watched)
    kinds: dict[str, str] = {}
    for event in fleet.select("@all").stream("true", Settings(connect_timeout=2.0)):
        if isinstance(event, Finished):
            if event.node in DOWN:
                assert len(begun) >= 3, "one timeout, not three"
            kinds[event.node] = event.outcome.kind
    assert kinds["crtr"] == kinds["drtr"] == "ok"
    assert {kinds[alias] for alias in DOWN} <= {"unreachable", "skipped"}
    assert set(list(kinds)[:2]) == {"crtr", "drtr"}, "who answers waits for nobody"


def test_a_warm_node_that_goes_down(fleet: Fleet, lab: Lab) -> None:
    """The master stands, the network behind it is gone: one timeout, and the next run logs in anew."""
    fleet.select("crtr").run("true")
    lab.break_("crtr", "hang")
    result = fleet.select("crtr").run("true", connect_timeout=1.0)["crtr"]
    assert result.kind in ("unreachable", "no-banner", "ok")
    lab.heal("crtr")
    assert fleet.select("crtr").run("true")["crtr"].ok


def test_a_warm_connection_to_a_node_which_moved_on(fleet: Fleet, lab: Lab) -> None:
    """The old connection is silent, but the node answers: it is logged in to anew, in the same run."""
    fleet.select("crtr").run("true")
    (master,) = fleet.masters()
    os.kill(master.pid, signal.SIGSTOP)
    try:
        settings = Settings(connect_timeout=4.0)
        (done,) = [e for e in fleet.select("crtr").stream("echo once", settings) if isinstance(e, Finished)]
    finally:
        os.kill(master.pid, signal.SIGCONT)
    assert done.outcome.ok


def test_a_silent_connection_never_runs_its_command_later(fleet: Fleet, lab: Lab) -> None:
    fleet.select("crtr").run("true")
    lab.break_("crtr", "link-cut")
    settings = Settings(connect_timeout=0.6)
    (done,) = [e for e in fleet.select("crtr").stream("touch ran-late", settings) if isinstance(e, Finished)]
    assert done.outcome.kind == "unreachable"
    lab.heal("crtr")
    assert fleet.select("crtr").run("sleep 0.5; ls")["crtr"].stdout == b""


@pytest.mark.parametrize(
    ("broken", "fault", "kind", "reason"),
    [
        ("crtr", "refuse", "refused", "behind crtr: connection refused"),
        ("crtr", "denied", "denied", "behind crtr: permission denied"),
        ("drtr", "refuse", "refused", "connection refused"),
        ("drtr", "denied", "denied", "permission denied"),
        ("drtr", "down", "unreachable", "behind crtr: no answer in 3 s"),
    ],
)
def test_a_gateways_failure_is_told_from_that_of_the_node_behind_it(
    lab: Lab, environ: dict[str, str], tmp_path: Path, broken: str, fault: str, kind: str, reason: str
) -> None:
    text = (lab.fleet_dir / "nodes.yaml").read_text().replace("../ssh_config", f"{lab.directory}/ssh_config")
    lines = [
        line.replace("}", ", jump: crtr}", 1) if "alias: drtr" in line else line for line in text.splitlines()
    ]
    (tmp_path / "nodes.yaml").write_text("\n".join(lines) + "\n")
    lab.break_(broken, fault)
    selection = Fleet.open(str(tmp_path), environ=environ).select("drtr")
    result = selection.run("true", connect_timeout=3 if fault == "down" else 30)["drtr"]
    assert (result.kind, result.outcome.reason[: len(reason)]) == (kind, reason)


def own_fleet(lab: Lab, place: Path, config: str, **ways: str) -> Path:
    """A fleet of the lab's nodes with an ssh_config of the user's own; ``drtr="crtr"``: through it."""
    lines = [
        f"  {name}: {{address: {node.address}, port: {node.port}, user: {name}"
        + (f", jump: {ways[name]}}}" if name in ways else "}")
        for name, node in lab.nodes.items()
    ]
    (place / "config").write_text(config)
    (place / "nodes.yaml").write_text(
        "\n".join(["ssh: {config: config, local: false}", "nodes:", *lines, ""])
    )
    return place


@pytest.mark.parametrize("line", ["LogLevel QUIET", "ConnectionAttempts 5"])
def test_what_the_users_own_configuration_says_hides_and_prolongs_nothing(
    lab: Lab, environ: dict[str, str], tmp_path: Path, line: str
) -> None:
    fleet = own_fleet(lab, tmp_path, f"Host *\n  {line}\n{lab.ssh_config.read_text()}")
    for name, fault in (
        ("crtr", "refuse"),
        ("drtr", "denied"),
        ("trtr", "host-key-changed"),
        ("prtr", "down"),
    ):
        lab.break_(name, fault)
    results = Fleet.open(str(fleet), environ=environ).select("@all").run("true", connect_timeout=5)
    kinds = {result.node: result.kind for result in results}
    expected = {"crtr": "refused", "drtr": "denied", "trtr": "host-key-changed", "prtr": "unreachable"}
    assert kinds == {**expected, "zrtr": "ok"}


def test_a_gateway_is_logged_in_to_by_what_ssh_config_says_of_its_name(
    lab: Lab, environ: dict[str, str], tmp_path: Path
) -> None:
    text = lab.ssh_config.read_text()
    (key,) = [line for line in text.splitlines() if "IdentityFile" in line]
    common = text[text.index("Host *") :].replace(key + "\n", "")
    fleet = own_fleet(lab, tmp_path, f"Host crtr drtr\n{key}\n{common}", drtr="crtr")
    selection = Fleet.open(str(fleet), environ=environ).select("drtr")
    assert selection.run("hostname")["drtr"].text == "drtr"
