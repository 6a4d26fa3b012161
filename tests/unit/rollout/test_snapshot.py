"""A snapshot on a node: taken before a change, put back after it, by every sh."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stentor.rollout.snapshot import KEPT, Answer, File, answer, guarded, restore
from stentor.sh import STATE
from tests.support import need

PLACE = STATE + "/snapshots"
SHELLS = ["/bin/dash", "/bin/bash", "busybox sh"]


@pytest.fixture(params=SHELLS)
def node(request: pytest.FixtureRequest, tmp_path: Path) -> Node:
    need(request.param.split()[0])
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    return Node(home, request.param)


class Node:
    """A home directory, and the sh there."""

    def __init__(self, home: Path, shell: str) -> None:
        self.home = home
        self.shell = shell

    def run(self, command: str) -> Answer:
        assert command.startswith("exec sh -c ")
        done = subprocess.run(
            ["sh", "-c", command.replace("sh", self.shell, 1)],
            env={"HOME": str(self.home), "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=False,
        )
        return answer(done.stdout)

    def write(self, path: str, text: str, mode: int = 0o644) -> Path:
        file = self.home / path
        file.write_text(text)
        file.chmod(mode)
        return file

    @property
    def snapshots(self) -> list[str]:
        return sorted(os.listdir(self.home / PLACE)) if (self.home / PLACE).exists() else []


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


def test_what_was_moved_comes_back(node: Node) -> None:
    rc = node.write(".ssh/rc", "export A\n", 0o755)
    assert node.run(guarded("op.1", [File("moved", ".ssh/rc")])).taken
    assert (rc.exists(), node.snapshots) == (False, ["op.1"])
    assert mode(node.home / PLACE / "op.1") == 0o700
    assert node.run(restore("op")).restored == (".ssh/rc",)
    assert (rc.read_text(), mode(rc), node.snapshots) == ("export A\n", 0o755, [])
    assert node.run(restore("op")).none


def test_a_mode_is_kept_without_a_copy(node: Node) -> None:
    key = node.write(".ssh/id_a b", "secret", 0o644)
    node.home.chmod(0o777)
    change = "chmod 600 '.ssh/id_a b' || go_back chmod\nchmod 755 . || go_back chmod"
    assert node.run(guarded("op", [File("mode", ".ssh/id_a b"), File("mode", "")], change)).taken
    assert (mode(key), mode(node.home)) == (0o600, 0o755)
    assert sorted(os.listdir(node.home / PLACE / "op")) == ["became", "was"]
    assert node.run(restore("op")).restored == (".ssh/id_a b", ".")
    assert (mode(key), mode(node.home)) == (0o644, 0o777)


def test_contents_come_back_and_what_was_absent_goes(node: Node) -> None:
    old = node.write(".profile", "old\n", 0o640)
    change = "echo new >.profile || go_back write\necho new >.zshenv || go_back write"
    files = [File("contents", ".profile"), File("contents", ".zshenv")]
    assert node.run(guarded("op", files, change)).taken
    assert (old.read_text(), (node.home / ".zshenv").read_text()) == ("new\n", "new\n")
    assert node.run(restore("op")).restored == (".profile", ".zshenv")
    assert (old.read_text(), mode(old), (node.home / ".zshenv").exists()) == ("old\n", 0o640, False)


def test_going_back_never_goes_over_what_came_since(node: Node) -> None:
    node.write(".ssh/rc", "old\n")
    node.write(".profile", "old\n")
    change = "echo new >.profile || go_back write"
    assert node.run(guarded("op", [File("moved", ".ssh/rc"), File("contents", ".profile")], change)).taken
    rc = node.write(".ssh/rc", "mine\n")
    profile = node.write(".profile", "mine\n")
    said = node.run(restore("op"))
    assert said.left == (".ssh/rc: it was changed since", ".profile: it was changed since")
    assert (rc.read_text(), profile.read_text(), node.snapshots) == ("mine\n", "mine\n", ["op"])
    rc.unlink()
    assert node.run(restore("op")).restored == (".ssh/rc",)
    assert rc.read_text() == "old\n"


def test_a_change_that_fails_leaves_all_as_it_was(node: Node) -> None:
    rc, profile = node.write(".ssh/rc", "old\n"), node.write(".profile", "old\n", 0o600)
    change = "echo new >.profile || go_back write\nfalse || go_back the second line"
    said = node.run(guarded("op", [File("moved", ".ssh/rc"), File("contents", ".profile")], change))
    assert (said.taken, said.failed) == (False, "the second line")
    assert (rc.read_text(), profile.read_text(), mode(profile), node.snapshots) == (
        "old\n",
        "old\n",
        0o600,
        [],
    )


def test_without_a_snapshot_nothing_is_changed(node: Node) -> None:
    (node.home / ".local").write_text("no folder can be here")
    key = node.write(".ssh/id_a", "secret", 0o644)
    said = node.run(guarded("op", [File("mode", ".ssh/id_a")], "chmod 600 .ssh/id_a || go_back chmod"))
    assert (said.taken, mode(key)) == (False, 0o644)
    assert said.refused.startswith(f"nothing can be written to {PLACE}: ")
    gone = node.run(guarded("op", [File("moved", ".ssh/rc")]))
    assert gone.refused == ".ssh/rc is not there any more"


def test_a_rename_needs_no_folder(node: Node) -> None:
    (node.home / ".local").write_text("no folder can be here")
    rc = node.write(".ssh/rc", "old\n")
    assert node.run(guarded("op.1", [File("moved", ".ssh/rc")])).taken
    assert (rc.exists(), (node.home / ".ssh/rc.op.1").read_text()) == (False, "old\n")
    node.write(".ssh/rc", "mine\n")
    assert node.run(restore("op", [".ssh/rc"])).left == (".ssh/rc: it is there again",)
    rc.unlink()
    assert node.run(restore("op", [".ssh/rc"])).restored == (".ssh/rc",)
    assert rc.read_text() == "old\n"


def test_the_oldest_go(node: Node) -> None:
    place = node.home / PLACE
    for number in range(KEPT):
        (place / f"old.{number}").mkdir(parents=True)
        os.utime(place / f"old.{number}", (number, number))
    node.write(".ssh/rc", "")
    assert node.run(guarded("op", [File("moved", ".ssh/rc")])).taken
    assert len(node.snapshots) == KEPT
    assert "op" in node.snapshots
    assert "old.0" not in node.snapshots


def test_several_of_one_operation_are_put_back_newest_first(node: Node) -> None:
    file = node.write(".profile", "one\n")
    for number, word in enumerate(("two", "three"), 1):
        change = f"echo {word} >.profile || go_back write"
        assert node.run(guarded(f"op.{number}", [File("contents", ".profile")], change)).taken
    node.write(".profile.x", "")
    assert node.run(guarded("opera.1", [File("contents", ".profile.x")], "")).taken
    assert node.run(restore("op")).restored == (".profile", ".profile")
    assert (file.read_text(), node.snapshots) == ("one\n", ["opera.1"])


def test_what_a_node_prints_besides_is_no_answer() -> None:
    """Start-up files print, too."""
    nothing = Answer(False, "", "", (), (), False)
    assert answer("Welcome, taken none\nkept taken\nlast none\n") == nothing
    assert answer("snapshot taken") == nothing._replace(taken=True)
    assert answer("snapshot none") == nothing._replace(none=True)
