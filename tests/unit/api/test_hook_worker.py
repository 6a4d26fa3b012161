"""The worker where nothing comes to a node: what cannot be fetched, or is not on the branch."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from stentor.api.fleet import Fleet
from stentor.api.hook_action import BusyError, carried, ending
from stentor.api.hook_receiver import Receiver
from stentor.api.hook_worker import ABSENT_ATTEMPTS, TOLD_AFTER, Worker, source_of
from stentor.errors import StentorError
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Dotfiles
from stentor.fleet.policy.serving import Hook, Keeping, Tell
from stentor.fleet.policy.serving import Hooks as Section
from stentor.hooks.delivery import Delivery
from stentor.hooks.queue import Delivered
from stentor.operation.operation import Operation
from stentor.rollout.lock import Held, refusal
from stentor.testing import FakeNodes

GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_{what}": "n@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
}


class Clock:
    """Time that goes on by itself, and faster when it is told to."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead


class World:
    """A fleet with a webhook, a remote, and a worker in a thread."""

    def __init__(self, folder: Path, remote: str = "remote") -> None:
        self.folder = folder
        self.environ = {
            **GIT, "PATH": os.environ["PATH"], "HOME": str(folder), "XDG_STATE_HOME": str(folder / "state"),
        }  # fmt: skip
        (folder / "remote").mkdir()
        self.git("init", "-q", "-b", "main")
        self.first = self.commit()
        self.hooked = {
            "dotfiles": Hook(forge="github", repository="you/dotfiles", selector=("a",), secret="s")
        }
        self.remote = str(folder / remote)
        self.clock = Clock()
        self.log: list[str] = []
        self.carried: list[Operation] = []
        self.nodes = FakeNodes()
        self.hooks = Receiver(
            self.opened, self.environ, self.carried.append, log=self.log.append, clock=self.clock
        )

    def opened(self) -> Fleet:
        policy = Policy(
            dotfiles=Dotfiles(remote=self.remote),
            hooks=Section(each=self.hooked),
            keep=Keeping(tell=Tell(command=":")),
        )
        node = Node("a", "a")
        data = Data("/fleet", {"a": node}, {"all": ("a",)}, policy=policy)
        return Fleet(data, environ=self.environ, hostname="elsewhere", engine=self.nodes)

    def git(self, *words: str) -> str:
        done = subprocess.run(
            ["git", *words],
            cwd=self.folder / "remote",
            env=self.environ,
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout.strip()

    def commit(self) -> str:
        self.git("commit", "-q", "--allow-empty", "-m", "change")
        return self.git("rev-parse", "HEAD")

    def push(self, after: str, before: str = "") -> None:
        name = os.urandom(4).hex()
        said = Delivery(name, name, "github", "push", "refs/heads/main", before, after)
        assert self.hooks.queue().add("dotfiles", said)[0]

    def until(self, holds: Callable[[Delivered], bool], *, hurry: bool = False) -> Delivered:
        """Work until something holds of the newest delivery."""
        stop = threading.Event()
        thread = threading.Thread(target=Worker(self.hooks).run, args=(stop,))
        thread.start()
        try:
            end = time.monotonic() + 60
            while not holds(found := self.hooks.queue().deliveries(100)[0]):
                assert time.monotonic() < end, found
                if hurry:
                    self.hooks.queue().hurry()
                    self.hooks.came.set()
                time.sleep(0.05)
            return found
        finally:
            stop.set()
            thread.join()


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_remote_that_does_not_answer_is_tried_again_and_told(tmp_path: Path) -> None:
    world = World(tmp_path, "elsewhere")
    before = time.time()
    world.push(world.first)
    found = world.until(lambda push: push.attempts >= 1 and push.state == "queued")
    assert "git fetch" in found.reason
    assert found.due > before + 5, "not at once"
    world.until(lambda push: push.attempts >= TOLD_AFTER and push.state == "queued", hurry=True)
    (line,) = world.log
    assert line.startswith("webhook dotfiles: waits: ")
    assert "git fetch: fatal:" in line


def test_a_commit_that_is_not_on_the_branch_is_waited_for_and_given_up(world: World) -> None:
    world.push("f" * 40)
    found = world.until(lambda push: push.state == "failed", hurry=True)
    assert found.attempts == ABSENT_ATTEMPTS
    assert found.reason == "the commit is not on the branch"
    assert world.carried == []


def test_a_commit_that_comes_late_to_the_remote_is_found(world: World) -> None:
    world.git("checkout", "-q", "-b", "topic")
    late = world.commit()
    world.push(late, world.first)
    found = world.until(lambda push: push.attempts >= 1 and push.state == "queued")
    assert found.reason == "the commit is not on the branch yet"
    world.git("checkout", "-q", "main")
    world.git("merge", "-q", "--ff-only", "topic")
    found = world.until(lambda push: "not on the branch" not in push.reason, hurry=True)
    assert found.state in ("queued", "running", "failed", "done")


def test_a_webhook_that_the_policy_no_longer_has(world: World) -> None:
    world.push(world.first)
    world.hooked = {}
    found = world.until(lambda push: push.state == "failed")
    assert "no webhook 'dotfiles' any more" in found.reason


def test_history_that_was_rewritten(world: World) -> None:
    second = world.commit()
    world.git("reset", "-q", "--hard", world.first)
    world.git("commit", "-q", "--allow-empty", "-m", "another")
    world.push(world.git("rev-parse", "HEAD"), second)
    found = world.until(lambda push: push.state == "failed")
    assert "history was rewritten" in found.reason
    assert world.carried == []


def test_an_error_of_ours_ends_neither_the_worker_nor_the_queue(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("stentor.api.hook_worker.choose", broken)
    world.push(world.first)
    found = world.until(lambda push: push.state == "failed", hurry=True)
    assert found.reason == "ZeroDivisionError: a fault"
    assert found.attempts == 4


def test_where_a_signature_is_asked_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = world.opened

    def signing() -> Fleet:
        fleet = opened()
        policy = Policy(dotfiles=Dotfiles(remote=world.remote, signed=True), hooks=Section(each=world.hooked))
        return Fleet(fleet.data._replace(policy=policy), environ=world.environ, engine=world.nodes)

    monkeypatch.setattr(world.hooks, "open_fleet", signing)
    world.push(world.first)
    found = world.until(lambda push: push.state == "failed")
    assert "no good signature" in found.reason
    assert world.carried == []


def test_a_push_that_nodes_hold_up_for_long_is_told_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise BusyError("a: a change waits to be confirmed")

    monkeypatch.setattr("stentor.api.hook_dotfiles.DotfilesAction.roll_out", busy)
    monkeypatch.setattr("stentor.api.hook_worker.BUSY_TOLD_AFTER", 3)
    world.push(world.first)
    world.until(lambda push: push.attempts >= 2 and push.state == "queued", hurry=True)
    assert world.log == []
    world.until(lambda push: push.attempts >= 5 and push.state == "queued", hurry=True)
    assert world.log == ["webhook dotfiles: waits: a: a change waits to be confirmed"]


def test_a_push_to_a_node_that_is_locked_says_that_it_is_tried_again() -> None:
    held = Held("eve@other", 0.0, "reboot", "token")

    def locked(_: Operation) -> None:
        raise refusal({"a": held})

    with pytest.raises(BusyError) as raised:
        carried(cast("Operation", None), locked)
    assert str(raised.value) == f"a: {held}; tried again by itself"


def test_a_remote_that_is_away_is_told_after_nodes_were_busy(tmp_path: Path) -> None:
    world = World(tmp_path, "elsewhere")
    world.push(world.first)
    queue = world.hooks.queue()
    for _ in range(TOLD_AFTER):  # as if somebody else had changed the nodes meanwhile
        queue.postpone([push.id for push in queue.take("dotfiles")], "busy", 0)
    world.until(lambda push: push.attempts >= TOLD_AFTER + 3 and push.state == "queued", hurry=True)
    assert len(world.log) == 1


def test_where_a_push_would_come_from(world: World) -> None:
    """Looked at before any push: by ``hook test`` and ``serve doctor``."""

    def said(**keys: str) -> str:
        hook = Hook(**{**world.hooked["dotfiles"].__dict__, **keys})
        try:
            return source_of("dotfiles", world.opened(), hook, world.hooks)
        except StentorError as error:
            return str(error)

    assert said() == f"main is at {world.first[:10]} of {world.remote}"
    assert said(branch="other") == f"{world.remote} has no branch other"
    world.remote += "/nope"
    assert said().startswith("git ls-remote: fatal: ")
    world.remote = ""
    assert "no remote to fetch a push from" in said()


def test_where_a_push_of_the_fleet_directory_would_come_from(world: World) -> None:
    hook = Hook(**{**world.hooked["dotfiles"].__dict__, "action": "services"})
    root = world.folder / "fleet"
    root.mkdir()

    def said() -> str:
        fleet = Fleet(world.opened().data._replace(root=str(root)), environ=world.environ)
        try:
            return source_of("fleet", fleet, hook, world.hooks)
        except StentorError as error:
            return str(error)

    assert said() == f"{root}: the fleet directory is no git clone"
    world.git("-C", str(root), "init", "-q", "-b", "topic")
    assert said() == f"{root}: the fleet directory's repository has no remote 'origin'"
    world.git("-C", str(root), "remote", "add", "origin", "../nope")
    assert said().startswith("git ls-remote: fatal: ")
    world.git("-C", str(root), "remote", "set-url", "origin", "../remote")
    assert said() == f"{root}: topic is checked out, not main"
    world.git("-C", str(root), "fetch", "-q")
    world.git("-C", str(root), "switch", "-q", "main")
    assert said() == f"main is at {world.first[:10]} of {world.remote}"
    (root / "nodes.yaml").write_text("one\n")
    world.git("-C", str(root), "add", "nodes.yaml")
    assert said() == f"{root}: edited there: nodes.yaml"


class Slow(threading.Event):
    """A stop which is noticed late."""

    def __init__(self) -> None:
        super().__init__()
        self.looked, self.noticed = threading.Event(), threading.Event()

    def wait(self, timeout: float | None = None) -> bool:
        self.looked.set()
        return self.noticed.wait(30)


def test_a_push_that_has_ended_waits_for_nobody_who_looks_for_a_stop() -> None:
    stop = Slow()
    with ending(stop) as cancellation:
        assert stop.looked.wait(30)
    watcher = next(thread for thread in threading.enumerate() if thread.name == "stop")
    stop.noticed.set()
    watcher.join(30)
    assert not watcher.is_alive()
    assert not cancellation.requests  # which is over, with its descriptors
