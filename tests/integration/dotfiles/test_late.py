"""Nodes that are out of reach while others get a change: remembered, named and caught up."""

from __future__ import annotations

import json
import time
from collections.abc import Callable

import pytest

from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.test_crash_nodes import applying

pytestmark = pytest.mark.integration


def test_a_node_that_is_down_is_remembered_and_catches_up(dotfiles: Dotfiles) -> None:
    dotfiles.start()
    dotfiles.lab.break_("drtr", "power-cut")
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    said = dotfiles("apply", "crtr,drtr", "--yes")
    assert said.code == 4, said
    assert "+export GOOD=2" in said.stdout.partition("drtr:")[2]
    assert "assumed from the fleet's facts" in said.stdout
    late = "drtr was down; run 'stentor dotfiles catch-up drtr' when back"
    assert said.stderr.index("a new login confirmed it") < said.stderr.index(late)
    dotfiles.lab.heal("drtr")
    assert f"missed {rev[:10]}, behind since" in dotfiles("status", "drtr").stdout
    ran = dotfiles.stentor("run", "@core", "true")
    assert (
        "stentor: drtr: missed a change of the dotfiles; run 'stentor dotfiles catch-up drtr'\n" in ran.stderr
    )
    said = dotfiles("catch-up", "@all", "--yes")
    assert said.code == 0, said
    assert dotfiles.read("drtr", ".zshrc") == "export GOOD=2\n"
    assert rev in dotfiles.read("drtr", ".local/state/stentor/dotfiles/applied")
    assert "no node has missed anything" in dotfiles("catch-up", "@all").stderr


def answered_after(dotfiles: Dotfiles, happens: Callable[[], object], *words: str) -> tuple[int, str]:
    """Apply; when the question is asked something happens, and then a person says yes."""

    def answer() -> bytes:
        happens()
        return b"y\n"

    return dotfiles.asked("apply", *words, "--via", "push", "-t", "2", answers=iter([answer]))


def missed(dotfiles: Dotfiles, alias: str) -> str | None:
    row = json.loads(dotfiles("status", alias, "--json").stdout.splitlines()[1])
    found: str | None = row["missed"]
    return found


def test_a_node_that_drops_out_before_its_wave(dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr", "drtr")
    good = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})

    def off() -> None:
        dotfiles.lab.break_("drtr", "power-cut")

    code, said = answered_after(dotfiles, off, "crtr,drtr", "--canary", "crtr")
    assert code != 0, said
    assert "drtr was down; run 'stentor dotfiles catch-up drtr' when back" in said
    assert missed(dotfiles, "drtr") == good
    dotfiles.lab.heal("drtr")
    assert dotfiles("catch-up", "@all", "--yes").code == 0
    # The same, but the change does not stand anywhere in the end: no node has missed it.
    dotfiles.commit({"dot_zshrc": "exit 7\n", "dot_profile": "exit 7\n"})
    words = ["--canary", "drtr,crtr", "--overwrite", "existing"]
    code, said = answered_after(dotfiles, off, "crtr,drtr", *words)
    assert code != 0, said
    assert "crtr: not confirmed" in said
    assert "catch-up" not in said
    assert missed(dotfiles, "drtr") is None


def test_what_no_node_has_no_node_has_missed(dotfiles: Dotfiles) -> None:
    dotfiles.start("crtr")
    rev = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    dotfiles.lab.break_("drtr", "power-cut")
    alone = dotfiles("apply", "drtr", "--yes")
    assert f"drtr: nothing missed, no node has {rev[:10]}" in alone.stderr
    assert missed(dotfiles, "drtr") is None
    assert dotfiles("apply", "crtr", "--yes").code == 0
    assert "drtr was down; run" in dotfiles("apply", "drtr", "--yes").stderr
    assert missed(dotfiles, "drtr") == rev


def test_a_change_that_was_reverted_everywhere_is_missed_by_no_node(dotfiles: Dotfiles) -> None:
    """The canary held it for a while; in the end no node has it."""
    dotfiles.start("crtr", "prtr")
    dotfiles.lab.break_("drtr", "power-cut")
    dotfiles.commit({"dot_profile.tmpl": "[ {{ .stentor.alias }} != prtr ] || exit 1\n"})
    words = ["--overwrite", "existing", "--on-failure", "revert", "--canary", "crtr"]
    said = dotfiles("apply", "crtr,prtr,drtr", "--yes", *words)
    assert said.code == 1, said
    assert "crtr: failed: reverted, because another node failed" in said.stdout
    assert "drtr: nothing missed" in said.stderr
    assert missed(dotfiles, "drtr") is None


def test_a_gate_that_fails_stops_the_waves(dotfiles: Dotfiles) -> None:
    """The logins proved the change, and the policy's gate fails."""
    dotfiles.start("crtr", "prtr")
    before = dotfiles.manifest("crtr")
    policy = dotfiles.lab.fleet_dir / "policy.yaml"
    policy.write_text("rollout: {gate: '! test -e ~/.fresh'}\n")
    try:
        dotfiles.commit({"dot_fresh": "new\n"})
        said = dotfiles("apply", "crtr,prtr", "--yes", "--short", "--json")
        lines = [json.loads(line) for line in said.stdout.splitlines()]
        kinds = {line["node"]: line["kind"] for line in lines if line["type"] == "finished"}
        assert (said.code, kinds) == (1, {"crtr": "failed", "prtr": "cancelled"}), said
        assert dotfiles.read("crtr", ".fresh") == "new\n"
        assert dotfiles.clean("crtr")
        assert dotfiles("rollback", "crtr", "--yes", "--short").code == 0
        said = dotfiles("apply", "crtr", "--yes", "--on-failure", "revert")
        assert said.code == 1, said
        assert "crtr: failed: reverted: gate failed: exit code 1" in said.stdout
        assert dotfiles.manifest("crtr") == before
    finally:
        policy.unlink()


def test_a_contact_after_the_deadline_names_what_the_node_decided_alone(dotfiles: Dotfiles) -> None:
    """Its sshd dies in the middle of the proof: it reverts by itself, and nobody hears of it meanwhile."""
    dotfiles.start("crtr")
    before = dotfiles.manifest("crtr")
    policy = dotfiles.lab.fleet_dir / "policy.yaml"
    state = ".local/state/stentor"
    check = f"test ! -e ~/{state}/dotfiles/pending/applied || {{ touch ~/{state}/proving; sleep 10; }}"
    policy.write_text(json.dumps({"dotfiles": {"login": "2s", "limit": "5s", "checks": [check]}}))
    try:
        dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
        process = applying(dotfiles, "crtr", "-t", "2")
        while not (dotfiles.lab.home("crtr") / state / "proving").exists():
            assert process.poll() is None, process.communicate()
            time.sleep(0.05)
        dotfiles.lab.break_("crtr", "kill-sshd")
        _, ended = process.communicate(timeout=60)
        assert process.returncode != 0, ended
    finally:
        policy.unlink()
    dotfiles.lab.heal("crtr")
    line = (
        "stentor: crtr: had to decide alone on a change of the dotfiles; see 'stentor dotfiles status crtr'\n"
    )
    said = dotfiles.stentor("run", "crtr", "true")
    assert (said.code, line in said.stderr) == (0, False), "its time is not up"
    deadline = time.monotonic() + 120
    while line not in said.stderr:
        assert time.monotonic() < deadline, said
        time.sleep(1)
        said = dotfiles.stentor("run", "crtr", "true")
    assert "nobody confirmed it in time" in dotfiles.read("crtr", f"{state}/dotfiles/reverted")
    assert dotfiles.manifest("crtr") == before
    assert dotfiles.clean("crtr")
    assert line not in dotfiles.stentor("run", "crtr", "true").stderr
