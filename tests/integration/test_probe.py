"""`ping` and `status` on practice nodes: watched, behind jump hosts, in every shell, up to a login."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab
from stentor.lab.faults import FAULTS, faketime
from stentor.render import json_schema
from tests.support import lacking, need

pytestmark = pytest.mark.integration

Stentor = Callable[..., Any]
OTHERS = ("crtr", "prtr", "trtr", "zrtr")


# The kind of outcome of `ping --login`; the matrix of ping itself and of status is in test_fault_matrix.py.
LOGIN = {
    "down": "unreachable",
    "power-cut": "refused",
    "link-cut": "unreachable",
    "refuse": "refused",
    "kill-sshd": "refused",
    "hang": "no-banner",
    "slow-login": "ok",
    "denied": "denied",
    "host-key-changed": "host-key-changed",
    "bash-profile-exits": "ok",
    "bashrc-exits": "shell-broken",
    "full-disk": "ok",
    "read-only-home": "ok",
    "clock-skew": "ok",
}
SILENT = ("down", "link-cut", "hang")


def records(said: Any, kind: str) -> dict[str, dict[str, Any]]:
    """The JSON Lines of a command by node, after a look at their frame."""
    for line in said.stdout.splitlines():
        json_schema.decode(line)  # every line is of a documented shape
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert (lines[0]["type"], lines[0]["stentor"], lines[0]["command"]) == ("operation", 1, kind)
    assert (lines[-1]["type"], lines[-1]["exit_code"]) == ("report", said.code)
    assert said.stderr == ""
    return {line["node"]: line for line in lines if line["type"] == kind}


def asked(stentor: Stentor, kind: str, *words: str) -> tuple[dict[str, dict[str, Any]], int]:
    said = stentor(kind, "--json", "--connect-timeout", "1", *words)
    return records(said, kind), said.code


def test_the_table_has_every_fault() -> None:
    assert list(LOGIN) == list(FAULTS)


@pytest.mark.parametrize("fault", LOGIN)
def test_a_login_goes_as_far_as_it_can(lab: Lab, stentor: Stentor, fault: str) -> None:
    if fault == "clock-skew" and faketime() is None:
        lacking("libfaketime is not installed")
    lab.break_("drtr", fault)
    found, code = asked(stentor, "ping", "--login")
    assert found["drtr"]["kind"] == LOGIN[fault]
    assert [found[alias]["kind"] for alias in OTHERS] == ["ok"] * 4
    assert code == {"ok": 0, "shell-broken": 1}.get(LOGIN[fault], 4)


@pytest.mark.parametrize("fault", ["refuse", *SILENT])
def test_only_silence_costs_the_timeout(lab: Lab, stentor: Stentor, fault: str) -> None:
    for alias in ("drtr", "trtr", "prtr"):
        lab.break_(alias, fault)
    # Who waits for an hour is ended by the test.
    found, code = asked(stentor, "ping", *(() if fault in SILENT else ("--connect-timeout", "3600")))
    assert code == 4
    for alias in ("drtr", "trtr", "prtr"):
        assert found[alias]["reason"]
    assert {found[alias]["level"] for alias in ("crtr", "zrtr")} == {"up"}
    if fault in SILENT:
        assert set(list(found)[:2]) == {"crtr", "zrtr"}, "who answers waits for nobody"


def test_facts_are_those_of_the_node(lab: Lab, stentor: Stentor) -> None:
    lab.run("drtr", "tmux new-session -d -s one; tmux new-session -d -s two")
    bin_ = lab.home("drtr") / "bin"
    bin_.mkdir(exist_ok=True)
    (bin_ / "chezmoi").write_text("#!/bin/sh\necho chezmoi version v2.52.1, commit x\n")
    (bin_ / "chezmoi").chmod(0o755)
    found, code = asked(stentor, "status")
    facts = found["drtr"]["facts"]
    assert code == 0
    assert facts["kernel"] == os.uname().release
    assert (facts["tmux"], facts["chezmoi"]) == (2, "2.52.1")
    assert (found["trtr"]["facts"]["tmux"], found["trtr"]["facts"]["chezmoi"]) == (0, None)
    assert facts["home_writable"] is True
    assert facts["clock_skew"] == 0.0
    assert facts["hung"] == []


def test_what_is_wrong_is_said_below_the_table(lab: Lab, stentor: Stentor) -> None:
    lab.break_("drtr", "full-disk")
    lab.break_("trtr", "read-only-home")
    faked = faketime() is not None
    if faked:
        lab.break_("crtr", "clock-skew=+2h")
    said = stentor("status")
    assert said.code == 0
    assert re.search(r"^drtr: /\S* is 100% full$", said.stdout, re.MULTILINE)
    assert "\ntrtr: the home directory cannot be written\n" in said.stdout
    if faked:
        assert re.search(r"^crtr: its clock is (2h|1h 59m) ahead$", said.stdout, re.MULTILINE)
    row = next(line for line in said.stdout.splitlines() if line.startswith("drtr  up"))
    assert "100%" in row


def test_expected_down_is_no_failure_and_is_given_a_second(
    make_lab: Callable[..., Lab], stentor: Stentor
) -> None:
    lab = make_lab()
    for words in (["ping"], ["ping", "--login"], ["status"]):
        said = stentor(*words, fleet=lab)
        assert said.code == 0
        assert "expected down: no answer in 1 s" in said.stdout
    assert stentor("ping", "--quiet", fleet=lab) == (0, "", "")
    rows = stentor("ping", fleet=lab).stdout.splitlines()
    assert [row.split()[:2] for row in rows[1:]] == [
        ["crtr", "up"],
        ["prtr", "unreachable"],
        ["drtr", "up"],
        ["trtr", "up"],
        ["zrtr", "unreachable"],
    ]


def test_every_login_shell(make_lab: Callable[..., Lab], stentor: Stentor) -> None:
    shells = ["crtr=zsh", "prtr=fish", "drtr=dash"]
    need("zsh", "fish", "dash")
    shells += ["trtr=tcsh"] if shutil.which("tcsh") else []
    lab = make_lab(shells=shells, all_up=True)
    found = records(stentor("status", "--json", fleet=lab), "status")
    assert {
        alias: (line["kind"], line["facts"]["complete"]) for alias, line in found.items()
    } == dict.fromkeys(found, ("ok", True))


def test_a_warm_connection_whose_link_is_cut_costs_no_more_than_the_timeout(
    lab: Lab, stentor: Stentor
) -> None:
    assert stentor("ping", "--login", "drtr").code == 0
    lab.break_("drtr", "link-cut")
    # Nothing but the timeout ends it: the link stays cut.
    said = stentor("status", "--json", "--timeout", "2", "drtr,trtr")
    found = records(said, "status")
    assert found["drtr"]["kind"] in ("timed-out", "lost", "unreachable")
    assert found["trtr"]["kind"] == "ok"


def fleet_behind(lab: Lab, folder: Path, more: str = "") -> Path:
    """A fleet in which trtr is behind crtr, and drtr behind a ProxyCommand of ssh_config."""
    config = folder / "config"
    proxy = f"Host drtr\n  ProxyCommand nc {lab.node('drtr').address} {lab.node('drtr').port}\n"
    config.write_text(proxy + lab.ssh_config.read_text())
    crtr, trtr = lab.node("crtr"), lab.node("trtr")
    (folder / "nodes.yaml").write_text(
        f"ssh: {{config: {config}, local: false}}\n"
        "nodes:\n"
        f"  crtr: {{address: {crtr.address}, port: {crtr.port}, user: crtr{more}}}\n"
        f"  trtr: {{address: {trtr.address}, port: {trtr.port}, user: trtr, jump: crtr}}\n"
        "  drtr:\n"
    )
    return folder


def test_behind_a_jump_host(lab: Lab, stentor: Stentor, tmp_path: Path) -> None:
    fleet = fleet_behind(lab, tmp_path)
    said = stentor("ping", fleet=fleet)
    assert "behind crtr: up" in said.stdout
    assert "behind a ProxyCommand: only a login can tell" in said.stdout
    assert said.code == 0
    lab.break_("crtr", "refuse")
    found = records(stentor("ping", "--json", fleet=fleet), "ping")
    assert (found["trtr"]["level"], found["trtr"]["kind"]) == ("behind", "refused")
    assert found["trtr"]["behind"] == {"host": "crtr", "level": "refused"}
    assert found["drtr"]["kind"] == "skipped"


def test_watch_writes_changes_where_there_is_no_terminal(lab: Lab, environ: Mapping[str, str]) -> None:
    words = [sys.executable, "-m", "stentor", "ping", "--watch", "0.2", "-t", "1", "drtr,trtr"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        first = [process.stdout.readline() for _ in range(2)]
        lab.break_("drtr", "refuse")
        change = process.stdout.readline()
        lab.heal("drtr")
        back = next(line for line in process.stdout if "-> up" in line)  # a busy node may say nothing first
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    assert [line.split()[2:4] for line in first] == [["drtr:", "up"], ["trtr:", "up"]]
    assert "drtr: up -> refused (connection refused)" in change
    assert "drtr: " in back


@pytest.mark.parametrize("command", ["ping", "status"])
def test_watch_redraws_on_a_terminal_and_leaves_the_last_picture(
    lab: Lab, environ: Mapping[str, str], command: str
) -> None:
    master, slave = pty.openpty()
    words = [sys.executable, "-m", "stentor", command, "--watch", "0.2", "--count", "3", "drtr,trtr"]
    with subprocess.Popen(
        words, env={**environ, "TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave
    ) as process:
        os.close(slave)
        said = b""
        while True:
            try:
                data = os.read(master, 65536)
            except OSError:
                break
            if not data:
                break
            said += data
        assert process.wait(10) == 0
    os.close(master)
    inside, _, after = said.partition(b"\x1b[?1049l")
    assert inside.count(b"Ctrl-C ends") == 3
    assert inside.startswith(b"\x1b[?1049h")
    assert after.count(b"\r\n") == 3, "header and two nodes stay behind"
    assert b"drtr" in after


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["ping", "nobody"], "nobody"),
        (["ping", ""], "empty"),
        (["status", ""], "empty"),
        (["ping", "--connect-timeout", "inf"], "invalid duration"),
        (["status", "--timeout", "-1"], "invalid duration"),
        (["status", "--connect-timeout", "1e400"], "invalid duration"),
        (["ping", "--watch", "0"], "invalid duration '0'"),
        (["ping", "--watch", "nan"], "invalid duration"),
        (["ping", "--watch", "5x"], "invalid duration '5x': write 10, 1.5s, 2m or 1h"),
        (["ping", "--count", "3"], "--count"),
        (["ping", "--watch", "--count", "0"], "--count"),
    ],
)
def test_nonsense_is_named(lab: Lab, stentor: Stentor, words: list[str], said: str) -> None:
    done = stentor(*words)
    assert done.code == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_word_after_watch_may_be_the_selector(lab: Lab, stentor: Stentor) -> None:
    done = stentor("ping", "--count", "1", "--watch", "@gpu")
    assert done.code == 0
    assert [line.split()[2] for line in done.stdout.splitlines()] == ["prtr:", "drtr:"]
