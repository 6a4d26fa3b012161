"""Two operators and one fleet, and what is told when something long is over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from stentor.journal import owner as owner_of
from stentor.lab import Lab
from stentor.rollout import lock
from stentor.transfer import remote, source
from tests.integration.conftest import living

pytestmark = pytest.mark.integration


def test_two_operators_see_each_other(lab: Lab, stentor: Any) -> None:
    since = time.time() - 3600
    line = lock.take("theirs", "crtr@cooperator", since, "dotfiles apply")
    assert lab.run("prtr", line).stdout == "taken\n"
    assert lab.run("prtr", line).stdout == "taken\n", "it is theirs already"
    done = stentor("run", "--canary", "crtr", "@all", "touch ~/touched")
    assert done.code == 6
    form = "%H:%M" if time.localtime(since).tm_yday == time.localtime().tm_yday else "%Y-%m-%d %H:%M"
    at = time.strftime(form, time.localtime(since))
    assert f"prtr: locked by crtr@cooperator since {at}, dotfiles apply" in done.stderr
    assert not (lab.home("crtr") / "touched").exists()
    assert stentor("run", "@all", "uptime").code == 0, "what only looks is not kept out"
    lab.run("prtr", lock.give("somebody else's"))
    assert stentor("run", "--canary", "crtr", "@all", "true").code == 6
    lab.run("prtr", lock.give("theirs"))
    assert stentor("run", "--canary", "crtr", "@all", "true").code == 0
    assert stentor("run", "@all", "ls ~/.local/state/stentor").stdout == "", "nothing is left"


def test_a_stale_lock_is_recognised(lab: Lab, stentor: Any) -> None:
    lab.run("crtr", lock.take("old", "a@b", time.time(), "something", limit=-5))
    assert stentor("run", "--canary", "crtr", "@core", "true").code == 0
    lab.run("crtr", lock.take("older", "a@b", time.time(), "something"))
    owner = lab.home("crtr") / ".local/state/stentor/fleet-lock/owner"
    words = owner.read_text().split(" ", 3)
    owner.write_text(" ".join([words[0], words[1], "another-boot", words[3]]))
    assert stentor("run", "--canary", "crtr", "@core", "true").code == 0
    owner.parent.mkdir(parents=True)
    assert stentor("run", "--canary", "crtr", "@core", "true").code == 0, (
        "killed before it could say whose it is"
    )


def test_what_a_killed_stentor_of_this_machine_left_locked_is_free(
    lab: Lab, stentor: Any, environ: dict[str, str]
) -> None:
    words = [sys.executable, "-m", "stentor", "run", "--canary", "crtr", "@core", "echo begun; sleep 60"]
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as killed:
        owner = lab.home("drtr") / ".local/state/stentor/fleet-lock/owner"
        assert killed.stdout
        assert killed.stdout.readline().endswith(b"begun\n")
        assert stentor("run", "--canary", "crtr", "@core", "true").code == 6, "it lives"
        killed.kill()
    assert owner.exists()
    end = time.monotonic() + 60
    while time.monotonic() < end and any("reap" in one.words for one in living(Path(environ["HOME"]))):
        time.sleep(0.1)  # it ends what the killed one left on the nodes
    assert stentor("run", "--canary", "crtr", "@core", "true").code == 0
    assert not owner.parent.exists()
    # Of another machine, or of another boot of this one, nothing is known.
    word = owner_of.identity().split()
    elsewhere = lock.token_of("theirs", f"{word[0]} 1 00000000")
    lab.run("prtr", lock.take(elsewhere, "a@b", time.time(), "something"))
    assert stentor("run", "--canary", "crtr", "@core", "true").code == 6


def test_a_copy_waits_for_nobody_and_is_kept_out_by_everybody(lab: Lab, stentor: Any, tmp_path: Path) -> None:
    motd = tmp_path / "motd"
    motd.write_text("hello\n")
    theirs = lock.Claim("theirs", "crtr@cooperator", time.time(), "dotfiles apply")
    lab.run("prtr", lock.take(*theirs[:4]))
    done = stentor("copy", "@core", motd, "~/")
    assert done.code == 6
    assert "prtr: locked by crtr@cooperator since" in done.stderr
    assert not (lab.home("crtr") / "motd").exists()
    # Who is locked out between the look and the sending is told so, too.
    parcel, file = source.parcel_of(source.find([str(motd)]).entries, [0], [])
    file.close()
    mine = lock.functions(theirs._replace(token="mine"))
    receive = remote.receive(remote.Target("~/motd", "motd"), parcel, "sha256sum", 0, mine)
    late = stentor("run", "--stdin", "prtr", receive, input=b"hello\n")
    assert late.stderr.startswith("stentor: held theirs ")
    assert " crtr@cooperator dotfiles apply\n" in late.stderr
    assert "failed" in late.stderr
    assert os.listdir(lab.home("prtr") / ".local/state/stentor") == ["fleet-lock"]
    lab.run("prtr", lock.give("theirs"))
    # One that a killed stentor of this machine has left keeps nobody out.
    pid, _, boot = owner_of.identity().split()
    lab.run("prtr", lock.take(lock.token_of("left", f"{pid} 1 {boot}"), "a@b", time.time(), "copy"))
    assert stentor("copy", "@core", motd, "~/").code == 0
    for node in ("crtr", "prtr"):
        assert (lab.home(node) / "motd").read_text() == "hello\n"
        assert os.listdir(lab.home(node) / ".local/state/stentor") == [], "nothing is left"
    assert stentor("copy", "--waves", "2", "@core", motd, "~/again").code == 0
    assert (lab.home("drtr") / "again").exists()


def test_the_end_of_something_long_is_told(lab: Lab, stentor: Any, environ: dict[str, str]) -> None:
    fleet = lab.fleet_dir.parent / "told"
    shutil.copytree(lab.fleet_dir, fleet)
    try:
        command = 'echo "$STENTOR_COMMAND: $STENTOR_RESULT" >> "$HOME/told"'
        for after, lines in (("1h", 0), ("1ms", 1)):
            (fleet / "policy.yaml").write_text(json.dumps({"notify": {"after": after, "command": command}}))
            stentor("run", "@gpu", "test $(hostname) = prtr", fleet=fleet)
            told = Path(environ["HOME"], "told")
            said = told.read_text().splitlines() if lines else []
            assert len(said) == lines
        assert said == ["test $(hostname) = prtr: 1 failed, 1 ok"]
    finally:
        shutil.rmtree(fleet)
