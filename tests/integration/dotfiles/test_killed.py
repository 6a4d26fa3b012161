"""stentor is killed between what nodes decide and the journal: whoever comes next asks the nodes."""

from __future__ import annotations

import json
import signal
import time

import pytest

from tests.integration.dotfiles.conftest import Dotfiles, kill_at

pytestmark = pytest.mark.integration


def killed(dotfiles: Dotfiles, method: str, *words: str, by: int = signal.SIGKILL) -> None:
    """Run a verb until it stands there, and kill it."""
    where = ("--source", str(dotfiles.clone), "--via", "push")
    kill_at(method, dotfiles.environ, "dotfiles", *words, *where, by=by)


def told(dotfiles: Dotfiles) -> dict[str, tuple[str, str]]:
    """What the journal says of the last operation's nodes, once nobody writes to it any more."""
    end = time.monotonic() + 60
    while True:
        dotfiles.stentor("reap")
        lines = dotfiles.stentor("show", "--json").stdout.splitlines()
        if json.loads(lines[1])["state"] not in ("running", "interrupted"):
            return {node["node"]: (node["kind"], node["reason"]) for node in json.loads(lines[1])["nodes"]}
        assert time.monotonic() < end, lines[0]
        time.sleep(0.2)


def test_what_a_login_had_confirmed_is_ok(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n", "dot_bashrc": "export GOOD=2\n"})
    killed(dotfiles, "_end", "apply", "crtr,prtr", "--canary", "crtr,prtr", "--yes", "--rev", rev)
    reason = "the node had confirmed it when stentor was killed"
    assert told(dotfiles) == {"crtr": ("ok", reason), "prtr": ("ok", reason)}
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
    assert not (dotfiles.lab.home("crtr") / ".local/state/stentor/dotfiles/pending").exists(), "concluded"


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_what_a_login_had_confirmed_is_ok_in_the_journal_of_who_is_told_to_stop(
    dotfiles: Dotfiles, by: int
) -> None:
    dotfiles.start()
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n", "dot_bashrc": "export GOOD=2\n"})
    killed(dotfiles, "_end", "apply", "crtr,prtr", "--canary", "crtr", "--yes", "--rev", rev, by=by)
    said = told(dotfiles)
    assert (said["crtr"][0], said["prtr"][0]) == ("ok", "cancelled"), said
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=2\n"
    assert dotfiles.read("prtr", ".bashrc") == "export GOOD=1\n"
    pending = ".local/state/stentor/dotfiles/pending"
    assert not any((dotfiles.lab.home(alias) / pending).exists() for alias in said), "concluded"


def test_what_nobody_had_confirmed_is_left_to_the_nodes_deadline(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=3\n"})
    killed(dotfiles, "_prove", "apply", "crtr", "--yes", "--rev", rev)
    kind, reason = told(dotfiles)["crtr"]
    assert (kind, reason) == ("cancelled", "stentor was killed; the node reverts the change by itself")
    assert dotfiles.stentor("dotfiles", "revert", "crtr").code == 0
    assert dotfiles.read("crtr", ".zshrc") == "export GOOD=1\n"
