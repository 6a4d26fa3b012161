"""``stentor uninstall`` on practice nodes that had changes of the dotfiles, a timer and a partial copy."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import Any

import pytest

from stentor.rollout import lock
from tests.integration.dotfiles.conftest import FIRST
from tests.integration.dotfiles.test_push import Hosted, fake_cron, hosted
from tests.support import need
from tests.terminal import Tmux

__all__ = ["hosted"]
pytestmark = pytest.mark.integration


def lines(said: Any, kind: str) -> list[dict[str, Any]]:
    records = [json.loads(line) for line in said.stdout.splitlines()]
    return [record for record in records if record["type"] == kind]


def test_nodes_keep_their_dotfiles_and_nothing_of_stentor(hosted: Hosted, stentor: Any) -> None:
    hosted.commit(FIRST)
    hosted.git("push", "-q", "-u", "origin", "main")
    assert hosted.say("init", "drtr", "--yes").code == 0
    before = hosted.manifest("drtr")
    fake_cron(hosted, "drtr")
    assert hosted.say("timer", "install", "drtr").code == 0
    home = hosted.lab.home("drtr")
    dry = stentor("uninstall", "drtr,crtr", "--dry-run")
    assert dry.code == 0, dry
    assert "timer          by cron" in dry.stdout
    assert "crtr: nothing of stentor's" in dry.stdout
    assert (home / ".local/state/stentor/dotfiles").exists()
    assert stentor("uninstall", "drtr").code == 6, "nobody was asked"
    done = stentor("uninstall", "drtr,crtr", "--yes", "--json")
    assert done.code == 0, done
    assert {record["node"]: record["kind"] for record in lines(done, "finished")} == {
        "crtr": "ok",
        "drtr": "ok",
    }
    assert not (home / ".local/state/stentor").exists()
    assert (home / "crontab").read_text() == ""
    (home / "crontab").unlink()
    (home / ".local/bin/crontab").unlink()
    assert hosted.manifest("drtr") == before
    assert hosted.lab.run("drtr", "PATH=~/.local/bin:$PATH chezmoi verify ~/.zshrc ~/.bashrc").code == 0
    again = stentor("uninstall", "drtr")
    assert (again.code, again.stdout) == (0, "drtr: nothing of stentor's\n")
    assert "uninstall: remove what stentor keeps on nodes" in stentor("history").stdout


def test_a_node_that_is_down_is_named_and_the_others_are_cleaned(hosted: Hosted, stentor: Any) -> None:
    hosted.lab.break_("drtr", "down")
    for alias in ("crtr", "trtr"):
        (hosted.lab.home(alias) / ".local/state/stentor/snapshots/s1").mkdir(parents=True)
    said = stentor("uninstall", "crtr,drtr,trtr", "--yes")
    assert said.code == 4, said
    assert "removed " not in said.stdout, "what is here stays"
    assert "crtr" in stentor("masters").stdout
    assert "drtr: " in said.stdout
    assert "2 ok" in said.stderr
    assert not (hosted.lab.home("crtr") / ".local/state/stentor").exists()


def test_the_lock_of_an_operation_that_was_killed_is_removed_too(hosted: Hosted, stentor: Any) -> None:
    identity = "from stentor.journal.owner import identity; print(identity())"
    ended = subprocess.run(
        [sys.executable, "-c", identity], capture_output=True, text=True, check=True
    ).stdout
    token = lock.token_of("killed", ended.strip())
    assert (
        hosted.lab.run("drtr", lock.take(token, "crtr@cooperator", time.time(), "copy")).stdout == "taken\n"
    )
    state = hosted.lab.home("drtr") / ".local/state/stentor"
    assert (state / "fleet-lock").exists()
    dry = stentor("uninstall", "drtr", "--dry-run")
    assert "blocked" not in dry.stdout, dry
    assert "/fleet-lock" in dry.stdout
    done = stentor("uninstall", "drtr", "--yes")
    assert done.code == 0, done
    assert not state.exists()


@pytest.mark.usefixtures("lab")
def test_tmux_sessions_of_nodes_stay_and_are_named(stentor: Any, environ: dict[str, str]) -> None:
    need("tmux")
    tmux = Tmux(environ)
    try:
        assert stentor("tmux", "open", "crtr,drtr", "-s", "work", "--detach").code == 0
        tmux("new-session", "-d", "-s", "mine")
        said = stentor("uninstall", "--here", "--dry-run")
    finally:
        tmux.end()
    assert said.code == 0, said
    line = "stays here: tmux session work; to end it: stentor tmux close work\n"
    assert said.stderr.count("tmux session") == said.stderr.count(line) == 1, "not of sessions without nodes"
