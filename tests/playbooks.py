"""Playbooks for tests, and the real command that runs them on practice nodes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from tests.terminal import Tmux

TIMEOUT = 110.0
PANE = ":"  # of the only session


class Played(NamedTuple):
    """What came of a playbook.

    Attributes:
        code: the exit code of stentor.
        records: the JSON Lines.
        stderr: what was said.
    """

    code: int
    records: list[dict[str, Any]]
    stderr: str

    def finished(self) -> dict[str, dict[str, Any]]:
        """Node to its record ``finished``."""
        return {one["node"]: one for one in self.records if one["type"] == "finished"}

    def kinds(self) -> dict[str, str]:
        """Node to the kind of its outcome."""
        return {node: one["kind"] for node, one in self.finished().items()}

    def text(self, node: str) -> str:
        """What a node said."""
        said = (one for one in self.records if one["type"] == "output" and one["node"] == node)
        return "".join(one["text"] for one in said)


class Playbooks:
    """A folder of playbooks.

    Args:
        folder: where.
        stentor: the fixture.
        environ: of the test.
    """

    def __init__(self, folder: Path, stentor: Callable[..., Any], environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.environ = dict(environ)
        self._stentor = stentor

    def write(self, name: str, *plays: Mapping[str, Any], head: str = "") -> Path:
        """Write a playbook; JSON is YAML."""
        path = self.folder / name
        path.write_text(head + json.dumps(plays, indent=1))
        return path

    def play(self, name: str, *words: str, **options: Any) -> Played:
        """Run it without a question, on all if no node is named, and read what is said."""
        words = words if words and not words[0].startswith("-") else ("@all", *words)
        done = self.run("playbook", name, *words, "--yes", "--json", **options)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        return Played(done.code, records, done.stderr)

    def run(self, *words: str, **options: Any) -> Any:
        """Run stentor in the folder."""
        return self._stentor(*words, cwd=self.folder, timeout=TIMEOUT, **options)

    def start(self, name: str, *words: str) -> subprocess.Popen[str]:
        """Start it, for a test that does something meanwhile."""
        argv = [sys.executable, "-m", "stentor", "playbook", name, *(words or ["@all"]), "--yes", "--json"]
        pipe = subprocess.PIPE
        return subprocess.Popen(
            argv,
            env=self.environ,
            cwd=self.folder,
            stdout=pipe,
            stderr=pipe,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def end(self, process: subprocess.Popen[str]) -> Played:
        """Wait for its end."""
        out, err = process.communicate(timeout=TIMEOUT)
        return Played(process.returncode, [json.loads(line) for line in out.splitlines()], err)


def play(hosts: str, *tasks: Mapping[str, Any], **fields: Any) -> dict[str, Any]:
    """Return a play that gathers no facts."""
    return {"name": f"Play for {hosts}", "hosts": hosts, "gather_facts": False, "tasks": [*tasks], **fields}


def command(name: str, line: str, **fields: Any) -> dict[str, Any]:
    """Return a task that runs a line of shell."""
    return {"name": name, "ansible.builtin.shell": line, **fields}


def wait(condition: Callable[[], object], what: str, seconds: float = 60) -> None:
    """Wait until it holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.05)


def shown(terminal: Tmux, text: str) -> str:
    """Wait until a text is shown; return all that is."""
    wait(lambda: text in terminal.text(PANE), f"'{text}' is shown")
    return terminal.text(PANE)


def typed(terminal: Tmux, playbooks: Playbooks, words: str, prompt: str, password: str) -> None:
    """Run ``site.yml`` at a terminal, type the password that it asks for and confirm."""
    line = f"{sys.executable} -m stentor playbook site.yml @all {words}; sleep 600"
    terminal("new-session", "-d", "-x", "150", "-y", "60", "-c", str(playbooks.folder), line)
    shown(terminal, prompt)
    time.sleep(0.2)  # until getpass has switched the echo off
    terminal("send-keys", "-t", PANE, password, "Enter")
    shown(terminal, "run site.yml on")
    terminal("send-keys", "-t", PANE, "y", "Enter")


def kept_nowhere(playbooks: Playbooks, secret: str) -> None:
    """Fail if the journal or a temporary file has it."""
    assert secret.encode() not in journal_bytes(playbooks.environ)
    left = [path for path in Path(playbooks.environ["TMPDIR"]).rglob("*") if path.is_file()]
    assert not [path for path in left if secret.encode() in path.read_bytes()]


def journal_bytes(environ: Mapping[str, str]) -> bytes:
    """All that is kept under the test's state folder."""
    found = Path(environ["XDG_STATE_HOME"]).rglob("*")
    return b"".join(path.read_bytes() for path in found if path.is_file())


def seen_here(text: str) -> bool:
    """Whether a text is on any command line or in any environment of this machine's, but for this process."""
    for pid in filter(str.isdigit, os.listdir("/proc")):
        for name in ("cmdline", "environ"):
            try:
                if int(pid) != os.getpid() and text.encode() in Path(f"/proc/{pid}/{name}").read_bytes():
                    return True
            except OSError:
                continue
    return False


def ansible_program(name: str) -> str:
    """Return the path of a program of Ansible's, beside this Python."""
    return os.path.join(os.path.dirname(sys.executable), name)
