"""A login that is given up ends all that it started: nothing of it is left when the command has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from stentor.lab.plan.process_tree import Process
from tests.integration.conftest import living

pytestmark = pytest.mark.integration

# A gateway that never answers, one that leaves ssh's process group, one that ignores to be ended, and what
# one jump host more makes of each.
CONFIG = """
Host silent
    ProxyCommand exec sleep 71000
Host leaving
    ProxyCommand setsid sleep 71001 & exec sleep 71002
Host stubborn
    ProxyCommand sh -c 'trap "" TERM HUP; sleep 71003; :'
Host failing
    ProxyCommand setsid sleep 71004 >&2 & exit 1
Host behind-*
    HostName 192.0.2.1
Host behind-silent
    ProxyJump silent
Host behind-leaving
    ProxyJump leaving
"""
NODES = "ssh: {config: ssh_config, local: false}\nnodes: {silent: , leaving: , stubborn: , failing: ,\n"
NODES += "  behind-silent: , behind-leaving: }\n"


def left(environ: dict[str, str]) -> list[str]:
    found: list[Process] = living(Path(environ["HOME"]))
    return [" ".join(process.words) for process in found]


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    (tmp_path / "nodes.yaml").write_text(NODES)
    (tmp_path / "ssh_config").write_text(CONFIG)
    return tmp_path


@pytest.mark.parametrize(
    "words",
    [
        ("run", "-t", "1", "@all", "true"),
        ("doctor", "-t", "1", "@all"),
        ("ping", "-t", "1", "--login", "@all"),
        ("trust", "-t", "1", "@all"),
        ("dotfiles", "status", "-t", "1", "@all"),
    ],
    ids=" ".join,
)
def test_nothing_is_left_of_logins_that_failed(
    fleet: Path, stentor: Callable[..., Any], environ: dict[str, str], words: tuple[str, ...]
) -> None:
    done = stentor(*words, fleet=fleet)
    assert done.code not in (2, 70, 128), done
    assert left(environ) == []


def test_nothing_is_left_after_ctrl_c(fleet: Path, environ: dict[str, str]) -> None:
    words = [sys.executable, "-m", "stentor", "--fleet", str(fleet), "run", "-t", "30", "@all", "true"]
    process = subprocess.Popen(words, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    until = time.monotonic() + 60
    while len([words for words in left(environ) if words.startswith("sleep 7100")]) < 6:
        assert time.monotonic() < until, left(environ)
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert left(environ) == []


def test_a_question_to_ssh_that_hangs_is_given_up(
    fleet: Path, stentor: Callable[..., Any], environ: dict[str, str]
) -> None:
    (fleet / "ssh_config").write_text('Match exec "sleep 71005"\n  Port 1\n')
    process = subprocess.Popen(
        [sys.executable, "-m", "stentor", "--fleet", str(fleet), "run", "silent", "true"],
        env=environ,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while "sleep 71005" not in left(environ):
        assert time.monotonic() < until
        time.sleep(0.05)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    assert left(environ) == []


def test_a_jump_host_through_itself_starts_nothing(
    fleet: Path, stentor: Callable[..., Any], environ: dict[str, str]
) -> None:
    (fleet / "ssh_config").write_text("Host silent\n  HostName 192.0.2.1\nHost *\n  ProxyJump silent\n")
    done = stentor("run", "failing", "true", fleet=fleet)
    assert "silent would jump through itself: silent -> silent" in done.stderr
    assert "silent would jump through itself" in stentor("ssh", "failing", "true", fleet=fleet).stderr
    checked = stentor("check", fleet=fleet)
    assert (checked.code, "silent would jump through itself" in checked.stdout) == (0, True)
    assert left(environ) == []
