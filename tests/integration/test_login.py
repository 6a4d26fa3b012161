"""One node by hand, warm connections by name, and logins which need a person."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab import Lab

pytestmark = pytest.mark.integration


class Terminal:
    """The real command on a terminal of its own, with a person who waits for words and types."""

    def __init__(self, words: list[str], environ: dict[str, str]) -> None:
        self.seen = ""
        pid, self.master = pty.fork()
        if pid == 0:
            os.execvpe(sys.executable, [sys.executable, "-m", "stentor", *words], environ)
        self.pid = pid

    def wait_for(self, words: str, seconds: float = 60.0) -> None:
        until = time.monotonic() + seconds
        while words not in self.seen:
            ready, _, _ = select.select([self.master], [], [], max(0.0, until - time.monotonic()))
            assert ready, f"waited for {words!r}, saw {self.seen!r}"
            try:
                data = os.read(self.master, 4096)
            except OSError:
                data = b""
            assert data, f"it ended before it said {words!r}: {self.seen!r}"
            self.seen += data.decode(errors="replace")

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self, seconds: float = 60.0) -> int:
        until = time.monotonic() + seconds
        with contextlib.suppress(OSError):
            while time.monotonic() < until and (data := os.read(self.master, 4096)):
                self.seen += data.decode(errors="replace")
        os.close(self.master)
        _, status = os.waitpid(self.pid, 0)
        return os.waitstatus_to_exitcode(status)


@pytest.fixture
def person(environ: dict[str, str]) -> Callable[..., Terminal]:
    def start(*words: str, **more: str) -> Terminal:
        return Terminal(list(words), {**environ, "TERM": "xterm", **more})

    environ.pop("CI", None)
    return start


def test_a_command_goes_over_the_warm_connection(lab: Lab, stentor: Callable[..., Any]) -> None:
    first = stentor("ssh", "crtr", "echo", "hello;", "exit", "7")
    assert (first.code, first.stdout) == (7, "hello\n")
    listed = stentor("masters", "--json").stdout.splitlines()
    records = [json.loads(line) for line in listed]
    assert records[0] == {"type": "masters", "stentor": 1}
    assert [record["node"] for record in records[1:]] == ["crtr"]
    assert records[1]["pid"] > 1
    again = stentor("ssh", "cooperator", "hostname")
    assert again.code == 0
    assert len(stentor("masters").stdout.splitlines()) == 2
    stopped = stentor("masters", "stop", "@all")
    assert (stopped.code, stopped.stderr) == (0, "1 stopped\n")
    assert "no connection is warm" in stentor("masters").stderr


def test_sum_of_the_memory_is_shown_and_the_least_used_end_beyond_a_limit(
    lab: Lab, stentor: Callable[..., Any]
) -> None:
    assert stentor("run", "crtr,prtr,drtr", "true").code == 0
    assert stentor("run", "prtr", "head -c 50000000 /dev/zero").code == 0  # so prtr's is the most used
    shown = stentor("masters").stdout.splitlines()
    assert len(shown) == 5
    assert shown[-1].startswith("3 in all")
    records = [json.loads(line) for line in stentor("masters", "--json").stdout.splitlines()[1:]]
    memory = {record["node"]: record["memory"] for record in records}
    assert min(memory.values()) > 0
    limit = memory["prtr"] + min(memory.values()) // 2
    assert stentor("masters", "stop", "--over", str(limit)).stderr == "2 stopped\n"
    left = [json.loads(line)["node"] for line in stentor("masters", "--json").stdout.splitlines()[1:]]
    assert left == ["prtr"]


def test_what_would_be_run(lab: Lab, stentor: Callable[..., Any]) -> None:
    said = stentor("ssh", "--print", "--fresh", "crtr", "uptime").stdout
    assert said.startswith("ssh -o ControlMaster=no -o ControlPath=none")
    assert said.rstrip().endswith("-- crtr uptime")


def test_many_nodes_are_refused(lab: Lab, stentor: Callable[..., Any]) -> None:
    done = stentor("ssh", "@gpu")
    assert done.code == 2
    assert "names 2 nodes" in done.stderr


def test_a_shell_on_a_terminal(lab: Lab, person: Callable[..., Terminal]) -> None:
    terminal = person("ssh", "drtr")
    terminal.type("echo $((40+2))-here; exit 5\n")
    terminal.wait_for("42-here")
    assert terminal.end() == 5


@pytest.fixture
def locked(lab: Lab, environ: dict[str, str]) -> Path:
    """A fleet directory like the lab's, whose key has a passphrase and whose host keys are unknown."""
    home = Path(environ["HOME"])
    config = lab.ssh_config.read_text()
    (key,) = {line.split()[1].strip('"') for line in config.splitlines() if "IdentityFile" in line}
    shutil.copy(key, home / "key")
    (home / "key").chmod(0o600)
    subprocess.run(
        ["ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", str(home / "key")],
        check=True, capture_output=True,
    )  # fmt: skip
    fleet = home / "fleet"
    shutil.copytree(lab.fleet_dir, fleet / "ssot")
    text = config.replace(key, str(home / "key"))
    (fleet / "ssh_config").write_text(text)
    return fleet


def test_a_passphrase_is_asked_before_the_fan_out(locked: Path, person: Callable[..., Terminal]) -> None:
    terminal = person("--fleet", str(locked), "run", "crtr", "echo", "got", "in")
    terminal.wait_for("crtr needs you to log in")
    terminal.wait_for("passphrase")
    terminal.type("open sesame\n")
    terminal.wait_for("got in")
    assert terminal.end() == 0


def test_ctrl_c_at_a_prompt_asks_for_nobody_else(locked: Path, person: Callable[..., Terminal]) -> None:
    terminal = person("--fleet", str(locked), "run", "crtr,drtr,trtr", "true")
    terminal.wait_for("crtr needs you to log in")
    terminal.wait_for("passphrase")
    terminal.type("\x03")
    assert terminal.end() == 130
    assert terminal.seen.count("needs you to log in") == 1
    assert "crtr,drtr,trtr (Ctrl-C, before it began)" in terminal.seen


def test_without_a_terminal_it_is_an_outcome_with_the_line_that_mends_it(
    locked: Path, stentor: Callable[..., Any]
) -> None:
    done = stentor("run", "crtr", "true", fleet=locked)
    assert done.code == 4
    assert "permission denied" in done.stderr
    assert "ssh crtr" in done.stderr


def test_an_unknown_host_key_is_asked_for_and_kept(
    lab: Lab, environ: dict[str, str], person: Callable[..., Terminal], stentor: Callable[..., Any]
) -> None:
    fleet = Path(environ["HOME"]) / "fleet"
    shutil.copytree(lab.fleet_dir, fleet / "ssot")
    known = fleet / "known_hosts"
    lines = []
    for line in lab.ssh_config.read_text().splitlines():
        word = line.split()[:1]
        if word == ["UserKnownHostsFile"]:
            line = f"  UserKnownHostsFile {known}"
        if word == ["StrictHostKeyChecking"]:
            line = "  StrictHostKeyChecking ask"
        lines.append(line)
    (fleet / "ssh_config").write_text("\n".join(lines) + "\n")
    done = stentor("run", "crtr", "true", fleet=fleet)
    assert done.code == 4
    assert "host key is not known" in done.stderr
    terminal = person("--fleet", str(fleet), "run", "crtr", "echo", "got", "in")
    terminal.wait_for("fingerprint")
    terminal.type("yes\n")
    terminal.wait_for("got in")
    assert terminal.end() == 0
    assert known.read_text()
