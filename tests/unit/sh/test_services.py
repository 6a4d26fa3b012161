"""The node's side of ``services``: one change as a transaction, with commands that a test can see."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.services.answer import Answer, parse
from stentor.services.item import Item, NodeFile
from stentor.services.program import command, compose
from stentor.ssh.marker import end_group

NOTE = "printf '%s\\n' {} >>{}"


class Node:
    """A home and a folder of files, and the program that runs there as it does on a node."""

    def __init__(self, place: Path) -> None:
        self.home = place / "home"
        self.etc = place / "etc"
        self.log = place / "log"
        for folder in (self.home, self.etc):
            folder.mkdir()
        self.environ = {**os.environ, "HOME": str(self.home)}
        self.items: list[Item] = []

    @property
    def state(self) -> Path:
        return self.home / ".local/state/stentor/services"

    def item(self, name: str = "web", **parts: Any) -> Item:
        """An item whose commands note that they ran."""
        made = Item(name, "systemd", [NodeFile(str(self.etc / name), b"new\n", "640")])
        notes: dict[str, Any] = {
            key: NOTE.format(shlex.quote(f"{key} {name}"), shlex.quote(str(self.log)))
            for key in ("keep", "validate", "apply", "prove", "undo", "drop")
        }
        made = made._replace(**{**notes, **parts})
        self.items.append(made)
        return made

    def start(self, verb: str, **options: str) -> subprocess.Popen[bytes]:
        words = ["sh", "-c", command(verb, **options)]
        process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=self.environ, start_new_session=True
        )
        assert process.stdin
        process.stdin.write(compose(self.items, payload=True).encode())
        process.stdin.close()
        return process

    def __call__(self, verb: str, **options: str) -> Answer:
        process = self.start(verb, **options)
        assert process.stdout
        answer = parse(process.stdout.read())
        process.stdout.close()
        process.wait()
        assert answer is not None
        return answer

    def ran(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []

    def sleepers(self) -> list[str]:
        said = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True).stdout
        return [line for line in said.splitlines() if str(self.state) in line]


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    for line in made.sleepers():
        os.kill(int(line.split()[0]), signal.SIGKILL)


def until(holds: Callable[[], object], seconds: float = 40) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_a_change_is_written_applied_proved_and_waits_to_be_confirmed(node: Node) -> None:
    node.item(folders=[(str(node.etc / "data"), "750", "")])
    answer = node("deploy", op="1", window="60")
    assert [answer.all("step"), answer.one("state"), answer.code] == [
        ("kept", "armed", "applied"),
        "applied",
        0,
    ]
    assert (node.etc / "web").read_text() == "new\n"
    assert (node.etc / "web").stat().st_mode & 0o777 == 0o640
    assert (node.etc / "data").stat().st_mode & 0o777 == 0o750
    assert node.ran() == ["keep web", "validate web", "apply web", "prove web"]
    assert len(node.sleepers()) == 1
    assert node("look").pairs == (("busy", "1"),)
    assert node("confirm", op="1").one("state") == "confirmed"
    assert node.sleepers() == []
    assert not (node.state / "pending").exists()


def test_nothing_runs_where_nothing_has_changed(node: Node) -> None:
    node.item()
    node("deploy", op="1", window="60")
    node("confirm", op="1")
    node.log.unlink()
    assert node("look").pairs == ()
    answer = node("deploy", op="2", window="60")
    assert (answer.one("state"), answer.all("did")) == ("applied", ())
    assert node.ran() == ["keep web"]
    node("confirm", op="2")


@pytest.mark.parametrize("part", ["validate", "apply", "prove"])
def test_a_part_that_fails_puts_everything_back(node: Node, part: str) -> None:
    (node.etc / "first").write_text("old\n")
    (node.etc / "first").chmod(0o600)
    node.item("first")
    node.item("second", **{part: "echo 'no such thing' >&2; false"})
    answer = node("deploy", op="1", window="60")
    assert (answer.one("reverted"), answer.code) == ("second: no such thing", 1)
    assert (node.etc / "first").read_text() == "old\n"
    assert (node.etc / "first").stat().st_mode & 0o777 == 0o600
    assert not (node.etc / "second").exists()
    assert node.ran()[-2:] == ["undo second", "undo first"]
    assert not list(node.state.glob("pending"))
    until(lambda: not node.sleepers())


@pytest.mark.parametrize("part", ["require", "keep"])
def test_what_fails_before_the_change_changes_nothing(node: Node, part: str) -> None:
    node.item(**{part: "echo 'not installed' >&2; false"})
    answer = node("deploy", op="1", window="60")
    assert answer.one("failed") == "web: not installed; nothing was changed"
    assert list(node.etc.iterdir()) == []
    assert not (node.state / "next").exists()


def test_a_link_is_not_replaced(node: Node) -> None:
    (node.etc / "web").symlink_to("/etc/hostname")
    node.item()
    assert "is no plain file on the node" in node("deploy", op="1", window="60").one("failed")
    assert (node.etc / "web").is_symlink()


def test_a_change_that_nobody_confirms_is_undone(node: Node) -> None:
    node.item()
    assert node("deploy", op="1", window="1").one("state") == "applied"
    until(lambda: not (node.state / "pending").exists())
    assert not (node.etc / "web").exists()
    assert node.ran()[-1] == "undo web"
    assert node("confirm", op="1").one("failed")
    assert node("revert", op="1").one("state") == "reverted"


@pytest.mark.parametrize("part", ["validate", "apply", "prove"])
def test_a_killed_change_is_undone(node: Node, part: str) -> None:
    """The session ends in the middle, with all of its processes: a power cut but for the node's own."""
    (node.etc / "web").write_text("old\n")
    reached = node.etc.parent / "reached"
    node.item(**{part: f"touch {reached}; sleep 60"})
    process = node.start("deploy", op="1", window="60")
    until(reached.exists)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert process.stdout
    process.stdout.close()
    until(lambda: not (node.state / "pending").exists())
    assert (node.etc / "web").read_text() == "old\n"
    assert node.ran()[-1] == "undo web"


def test_after_a_power_cut_the_next_change_undoes_the_last_one_first(node: Node) -> None:
    (node.etc / "web").write_text("old\n")
    node.item()
    node("deploy", op="1", window="60")
    for line in node.sleepers():
        os.kill(int(line.split()[0]), signal.SIGKILL)
    node.log.unlink()
    answer = node("deploy", op="2", window="60")
    assert answer.all("step")[0] == "recovering"
    assert node.ran()[0] == "undo web"
    node("revert", op="2")
    assert (node.etc / "web").read_text() == "old\n"


def test_a_change_that_waits_keeps_others_away(node: Node) -> None:
    node.item()
    node("deploy", op="1", window="60")
    assert node("deploy", op="2", window="60").one("failed").startswith("the change 1 is not decided yet")
    node("revert", op="1")


def test_rollback_takes_back_one_change_after_the_other(node: Node) -> None:
    web = node.item()
    node("deploy", op="1", window="60")
    node("confirm", op="1")
    node.items[:] = [web._replace(files=[NodeFile(str(node.etc / "web"), b"newer\n", "640")])]
    node("deploy", op="2", window="60")
    node("confirm", op="2")
    preview = node("preview_rollback")
    assert (preview.one("restores"), preview.one("item")) == (str(node.etc / "web"), "web")
    assert node("rollback").one("back") == "2"
    assert (node.etc / "web").read_text() == "new\n"
    assert node("rollback", op="1").one("back") == "1"
    assert not (node.etc / "web").exists()
    assert node("rollback").one("failed") == "there is no earlier change on this node"


def test_what_was_kept_is_dropped_after_five_changes(node: Node) -> None:
    for number in range(7):
        node.items.clear()
        node.item(files=[NodeFile(str(node.etc / "web"), f"{number}\n".encode())])
        node("deploy", op=str(number), window="60")
        node("confirm", op=str(number))
        time.sleep(0.01)
    assert sorted(path.name for path in (node.state / "history").iterdir()) == ["2", "3", "4", "5", "6"]
    assert node.ran().count("drop web") == 2


def test_a_look_says_what_would_change_and_writes_nothing(node: Node) -> None:
    (node.etc / "web").write_text("old\n")
    secret = NodeFile(str(node.etc / "key"), b"hush\n", "600", secret=True)
    node.item(
        files=[NodeFile(str(node.etc / "web"), b"new\n"), secret],
        folders=[(str(node.etc / "data"), "", "")],
        current="echo 'start web'; false",
    )
    answer = node("look")
    assert answer.numbered("file") == ((1, f"changed {node.etc}/web"), (1, f"new {node.etc}/key"))
    assert answer.numbered("folder") == ((1, f"{node.etc}/data"),)
    assert answer.numbered("would") == ((1, "start web"),)
    assert answer.numbered("there") == ((1, f"b2xkCg== {node.etc}/web"),)
    assert "aHVzaAo" not in repr(answer)
    assert [path.name for path in node.etc.iterdir()] == ["web"]
    assert list(node.home.iterdir()) == []


def test_secrets_do_not_stay_in_the_program_that_is_kept(node: Node) -> None:
    node.item(files=[NodeFile(str(node.etc / "key"), b"correct horse battery\n", "600", secret=True)])
    node("deploy", op="1", window="60")
    kept = (node.state / "pending" / "program").read_text()
    assert "Y29ycmVjdCBob3Jz" not in kept
    assert (node.etc / "key").stat().st_mode & 0o777 == 0o600
    node("revert", op="1")


def test_a_kept_change_that_cannot_be_undone_is_not_called_reverted(node: Node) -> None:
    node.item()
    node("deploy", op="1", window="60")
    (node.state / "pending/program").write_text("exit 1\n")
    answer = node("revert", op="1")
    assert answer.one("failed").startswith("the change 1 could not be taken back")
    assert not answer.has("state")
    assert (node.state / "pending/files").exists()


def test_what_was_not_put_back_is_said_again_and_kept(node: Node) -> None:
    (node.etc / "web").write_text("old\n")
    node.item(undo="echo 'did not start' >&2; false")
    node.item("second", prove="rm -rf {0}; mkdir {0}; touch {0}/in".format(node.etc / "web"))
    assert node("deploy", op="1", window="1").one("state") == "applied"
    until(lambda: not (node.state / "pending").exists())
    answer = node("revert", op="1")
    assert answer.one("state") == "reverted"
    assert answer.one("left") == f"{node.etc}/web web (did not start)"
    kept = Path(answer.one("aside"))
    assert (kept / "old/1").read_text() == "old\n"


def test_a_change_that_cannot_be_confirmed_keeps_its_deadline(node: Node) -> None:
    node.item()
    node.state.mkdir(parents=True)
    (node.state / "history").write_text("")
    node("deploy", op="1", window="60")
    assert node("confirm", op="1").one("failed").startswith("nothing can be written to ")
    assert len(node.sleepers()) == 1
    node("revert", op="1")


def test_a_link_by_the_name_of_the_part_is_not_followed(node: Node) -> None:
    other = node.etc / "other"
    other.write_text("mine\n")
    (node.etc / ".web.stentor-part").symlink_to(other)
    node.item()
    assert node("deploy", op="1", window="60").one("state") == "applied"
    assert other.read_text() == "mine\n"
    assert (node.etc / "web").read_text() == "new\n"
    node("revert", op="1")


def test_what_is_half_written_is_hidden_from_those_who_read_the_whole_folder(node: Node) -> None:
    """A power cut leaves it there, and dnsmasq would take it at the next boot."""
    shim, seen = node.home / "bin" / "chmod", node.home / "seen"
    shim.parent.mkdir()
    real = shutil.which("chmod")
    shim.write_text(f'#!/bin/sh\nls -a {node.etc} | tr "\\n" " " >>{seen}\nexec {real} "$@"\n')
    shim.chmod(0o755)
    node.environ["PATH"] = f"{shim.parent}:{node.environ['PATH']}"
    node.item()
    assert node("deploy", op="1", window="60").one("state") == "applied"
    written = set(seen.read_text().split())
    assert any("stentor" in name for name in written)
    assert {name for name in written if not name.startswith(".")} <= {"web"}
    node("revert", op="1")


def test_whoever_ends_a_change_leaves_the_process_that_undoes_it(node: Node) -> None:
    """Ctrl-C ends the program's session and all that it has started; then the connection may be gone."""
    node.item(apply=f"touch {node.etc}/begun; sleep 1000")
    process = node.start("deploy", op="1", window="60")
    until((node.etc / "begun").exists)
    ended = subprocess.run(["sh", "-c", end_group(process.pid, 1.0)], capture_output=True, text=True)
    assert ended.stdout.split()[-1] in ("term", "kill"), ended
    assert process.stdout
    process.stdout.close()
    process.wait()
    until(lambda: not (node.state / "pending").exists())
    assert not (node.etc / "web").exists()
    assert "undo web" in node.ran()
