"""Commands that act on nodes or read the fleet, with nodes in memory."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.operation.operation import Operation
from stentor.outcome import Outcome
from stentor.probe.doctor import Diagnosis
from stentor.probe.finding import Finding
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice


@pytest.fixture
def stentor(monkeypatch: pytest.MonkeyPatch) -> Practice:
    return Practice(monkeypatch)


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# ---- power ----


def test_shutdown_of_several_nodes_is_confirmed_by_their_number(stentor: Practice) -> None:
    refused = stentor.run("shutdown", "@gpu", "--command", "halt")
    assert (refused.code, "--yes-really 2" in refused.said) == (6, True)
    assert stentor.nodes.commands == []
    done = stentor.run("shutdown", "@gpu", "--command", "halt", "--yes-really", "2")
    assert (done.code, done.text) == (0, "prtr: going down\ndrtr: going down\n")


@pytest.mark.parametrize("command", ["reboot", "shutdown"])
def test_a_dry_run_shows_the_order_and_asks_nobody(stentor: Practice, command: str) -> None:
    ran = stentor.run(command, "-n", "@all", "--command", "off now")
    told = dict(line.split(": ", 1) for line in ran.text.splitlines())
    assert ran.code == 0
    assert [*told][-1] == "crtr"
    assert told["crtr"] == "last: off now"
    assert stentor.nodes.commands == []
    assert {
        line["kind"] for line in lines(stentor.run(command, "-n", "@gpu", "--json").text) if "kind" in line
    } == {"skipped"}


def test_gateways_are_checked_for_programs(stentor: Practice) -> None:
    ran = stentor.run("gateway", "check", "crtr", "--json")
    first, state, report = lines(ran.text)
    assert (first["command"], state["type"], state["node"]) == ("gateway check", "gateway", "crtr")
    assert state["reason"] == "it did not say what it has"
    assert report["exit_code"] == ran.code == 1


def test_wake_needs_a_hardware_address(stentor: Practice) -> None:
    ran = stentor.run("wake", "prtr")
    assert (ran.code, "no mac is known of prtr" in ran.said) == (2, True)


def test_wake_previews_what_is_sent_from_where(stentor: Practice) -> None:
    node = stentor.fleet.nodes["prtr"]._replace(mac="aa:bb:cc:dd:ee:ff")
    stentor.fleet = stentor.fleet._replace(nodes={**stentor.fleet.nodes, "prtr": node})
    ran = stentor.run("wake", "-n", "prtr", "--via", "crtr")
    assert (ran.code, ran.text) == (0, "prtr: aa:bb:cc:dd:ee:ff from crtr\n")
    assert stentor.nodes.commands == []
    assert stentor.run("wake", "prtr", "--via", "crtr").text.startswith("prtr: aa:bb:cc:dd:ee:ff from crtr\n")
    assert stentor.nodes.commands[-1][0] == "crtr"


@pytest.mark.parametrize(
    ("code", "why"), [(77, "sudo -n is refused"), (3, "its command failed: exit code 3")]
)
@pytest.mark.parametrize("words", [("reboot", "prtr"), ("shutdown", "prtr")])
def test_a_reboot_that_fails_says_what_did(
    stentor: Practice, words: tuple[str, str], code: int, why: str
) -> None:
    def answer(_: str, command: str) -> Reply:
        return Reply(code=code) if "shutdown" in command else Reply(b"boot-1\n")

    stentor.nodes = FakeNodes(answer)
    ran = stentor.run(*words, "--json")
    (end,) = [line for line in lines(ran.text) if line["type"] == "finished"]
    assert (end["kind"], end["code"], why in end["reason"]) == ("failed", None, True), end
    assert ("sudo" in end["hint"]) == (code == 77)


# ---- files of the fleet ----


def test_masters_are_none_before_the_first_command(
    stentor: Practice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentor.api.base.BaseFleet.masters", lambda _: [])
    assert "no connection is warm" in stentor.run("masters").said
    assert lines(stentor.run("masters", "--json").text) == [{"stentor": 1, "type": "masters"}]
    assert stentor.run("masters", "stop", "@all").said == "0 stopped\n"


def test_masters_are_listed_and_stopped(stentor: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
    from stentor.ssh.listing import Master

    values = {"alias": "prtr", "pid": 7, "since": 0.0, "path": "/run/m"}
    master = Master(**{**Master._field_defaults, **values})
    monkeypatch.setattr("stentor.api.base.BaseFleet.masters", lambda _: [master])
    monkeypatch.setattr("stentor.api.base.BaseFleet.stop_master", lambda *_: False)
    assert stentor.run("masters").text.splitlines()[1].split()[:2] == ["prtr", "7"]
    stopped = stentor.run("masters", "stop", "prtr")
    assert (stopped.code, "the master of prtr did not end (pid 7)" in stopped.said) == (1, True)
    assert stentor.run("masters", "stop", "crtr").said == "0 stopped\n"


def test_report_is_written_and_checked(stentor: Practice, tmp_path: Path) -> None:
    file = str(tmp_path / "STATUS.md")
    assert stentor.run("report", "-o", file).said == f"{file} was written\n"
    assert stentor.run("report", "-c", file).code == 0
    page = str(tmp_path / "fleet.html")
    assert stentor.run("report", "-o", page).code == 0
    assert stentor.run("report", "-o", page).code == 0
    Path(page).write_text("root:x:0:0\n")
    refused = stentor.run("report", "-o", page)
    assert (refused.code, "was not written by 'stentor report'" in refused.said) == (6, True)
    assert Path(page).read_text() == "root:x:0:0\n"
    Path(page).unlink()
    assert stentor.run("report", "-o", page).code == 0
    assert stentor.run("run", "@core", "true").code == 0
    assert stentor.run("report", "-c", file).code == 0  # by a run alone it is not stale
    assert stentor.run("report", "-c", page).code == 0
    nodes = {alias: node._replace(role="spare") for alias, node in stentor.fleet.nodes.items()}
    stentor.fleet = stentor.fleet._replace(nodes=nodes)
    stale = stentor.run("report", "-c", file)
    assert "ok" not in stale.text.replace(file, "")
    assert stentor.run("report", "-c", page).code == 1
    assert (stale.code, f"{file} is stale" in stale.said) == (1, True)
    assert stentor.run("report", "--format", "html").text.startswith("<!")
    assert stentor.run("report", "-c", str(tmp_path / "none.md")).code == 2


def test_export_as_tmux(stentor: Practice) -> None:
    assert "new-window -n cluster" in stentor.run("export", "tmux").text
    assert "new-window -n gpu" in stentor.run("export", "tmux", "@gpu").text


def test_ping_by_login(stentor: Practice) -> None:
    stentor.nodes = FakeNodes({"prtr": Reply(kind="denied", reason="no key")})
    ran = stentor.run("ping", "--login", "@core")
    assert "2 up" in ran.said
    assert "no key" in ran.text
    assert ran.code != 0


# ---- doctor ----


@pytest.fixture
def ill(stentor: Practice, monkeypatch: pytest.MonkeyPatch) -> Practice:
    """Two nodes with a left-over rc; the home of drtr is read-only."""
    move = Finding("rc", "bad", "~/.ssh/rc is left over", "seen", "means", "mv", "move .ssh/rc")
    home = Finding("home-not-writable", "bad", "the home directory is read-only", "", "", "")

    def examine(selection: Any, **_: object) -> Iterator[Diagnosis]:
        for node in selection.nodes:
            found = (move, home) if node.alias == "drtr" else (move,)
            yield Diagnosis(Outcome(node.alias, "ok", 0), None, found)

    monkeypatch.setattr("stentor.api.doctor.examine", examine)
    stentor.nodes = FakeNodes(lambda *_: Reply(b"snapshot taken\n"))
    return stentor


def test_doctor_shows_what_is_wrong_and_the_line_that_fixes_it(ill: Practice) -> None:
    ran = ill.run("doctor", "prtr")
    assert (ran.code, "fix    mv" in ran.text) == (1, True)
    assert ran.said.startswith("1 node: 1 bad, in ")
    assert ill.nodes.commands == []


def test_doctor_fixes_what_is_safe_and_says_how_to_undo_it(ill: Practice) -> None:
    ran = ill.run("doctor", "--fix", "--yes", "@gpu")
    assert "prtr: done: move ~/.ssh/rc aside\n" in ran.text
    assert "drtr: not done: move ~/.ssh/rc aside: not offered: no snapshot" in ran.text
    assert "to undo it: stentor doctor --undo 1\n" in ran.said
    assert ran.code == 1, "drtr is still ill"
    assert {alias for alias, _ in ill.nodes.commands} == {"prtr"}
    assert ill.run("doctor", "--fix", "--yes", "prtr").code == 0


def test_doctor_fixes_as_lines(ill: Practice) -> None:
    found = lines(ill.run("doctor", "--fix", "--yes", "--json", "@gpu").text)
    fixes = [(line["node"], line["kind"], line["undo"]) for line in found if line["type"] == "fix"]
    assert fixes == [("drtr", "skipped", ""), ("prtr", "ok", "stentor doctor --undo 1 prtr")]
    assert found[-1]["exit_code"] == 1


def test_doctor_says_when_nothing_can_be_fixed(ill: Practice) -> None:
    assert "--fix has nothing to do here" in ill.run("doctor", "--fix", "--yes", "drtr").said


@pytest.mark.parametrize(
    "words",
    [
        ["fetch", "crtr", "/etc/hostname", "/etc/passwd/x"],
        ["report", "-o", "/no/such/folder/x"],
        ["report", "--check", "/"],
        ["export", "ansible", "-o", "/no/such/folder/x"],
        ["completion", "bash", "-o", "/etc/passwd/x"],
        ["run", "--hostfile", "/", "true"],
        ["run", "-s", "/no/such", "crtr"],
        ["copy", "crtr", "/no/such", "/tmp/"],
    ],
)
def test_a_path_that_does_not_exist_is_no_internal_error(stentor: Practice, words: list[str]) -> None:
    ran = stentor.run(*words)
    assert ran.code == 2
    assert ran.said.startswith("stentor: ")


@pytest.mark.parametrize(
    ("words", "rest"),
    [
        (
            ("reboot", "prtr", "--command", "off now", "--patience", "10m"),
            "stentor reboot --command 'off now' --patience 600s prtr",
        ),
        (("shutdown", "prtr", "--command", "halt"), "stentor shutdown --command halt prtr"),
        (("shutdown", "prtr"), "stentor shutdown prtr"),
    ],
)
def test_the_command_for_the_rest_does_the_same(
    stentor: Practice, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], rest: str
) -> None:
    told = []

    def stopped(operation: Operation, *_: object, **__: object) -> int:
        told.append(operation.request.rest(["prtr"], 1))
        return 130

    monkeypatch.setattr("stentor.cli.power.carry_out_shown", stopped)
    assert stentor.run(*words).code == 130
    assert told == [rest]
