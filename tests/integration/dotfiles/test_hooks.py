"""Pushes that a forge reports, rolled out on practice nodes with real git and chezmoi."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest

from stentor.fleet.policy.serving import Hook
from stentor.hooks.database import Database
from stentor.hooks.queue import Delivered, Queue
from stentor.hooks.samples import Moved, sample
from tests.integration.dotfiles.conftest import Dotfiles

pytestmark = [pytest.mark.integration, pytest.mark.timeout(400)]

NODES = ("crtr", "drtr", "prtr")
SECRET = b"a secret for practice"


class Forge:
    """A repository, a webhook of the fleet for it, and the server that receives."""

    def __init__(self, dotfiles: Dotfiles, forge: str = "gitea", *, tell: str = "") -> None:
        self.dotfiles = dotfiles
        home = Path(dotfiles.environ["HOME"])
        self.remote = self.repository(home)
        dotfiles.git("remote", "add", "origin", self.remote)
        secret = home / "secret"
        secret.write_bytes(SECRET + b"\n")
        secret.chmod(0o600)
        self.hook = Hook(forge=forge, repository="you/dotfiles", secret=str(secret), selector=NODES)
        told = f", tell: {{command: '{tell}'}}" if tell else ""
        self.policy = dotfiles.lab.fleet_dir / "policy.yaml"
        self.policy.write_text(
            f"dotfiles: {{remote: '{self.remote}', via: push, login: 5s, limit: 30s}}\n"
            f"hooks: {{dotfiles: {{forge: {forge}, repository: you/dotfiles, secret: '{secret}',"
            f" selector: '{','.join(NODES)}'{told}}}}}\n"
            "keep: {ping: 1s, nightly: ''}\n"
        )
        self.head = ""
        self.count = 0
        self.process: subprocess.Popen[bytes] | None = None
        self.port = 0

    def repository(self, home: Path) -> str:
        """Make an empty repository; return its address."""
        place = str(home / "forge.git")
        self.dotfiles.git("init", "-q", "--bare", "-b", "main", place, cwd=home)
        return place

    def start(self) -> None:
        """Start the server, at a port that it keeps."""
        if not self.port:
            with socket.create_server(("127.0.0.1", 0)) as free:
                self.port = free.getsockname()[1]
        self.log = open(Path(self.dotfiles.environ["HOME"]) / "serve.log", "ab")  # noqa: SIM115 - until its end
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stentor", "serve", "--listen", f"127.0.0.1:{self.port}"],
            env=self.dotfiles.environ,
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
        )
        self.wait(self.answers)

    def answers(self) -> bool:
        """Whether it can be connected to."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def end(self, *, kill: bool = False) -> None:
        """End the server."""
        if self.process is not None:
            (self.process.kill if kill else self.process.terminate)()
            self.process.wait(60)
            self.process = None
            self.log.close()

    def push(self, files: dict[str, str | None], *, force: bool = False) -> Moved:
        """Commit and push; return what has moved."""
        before = self.head
        self.head = self.dotfiles.commit(files)
        self.dotfiles.git("push", "-q", *(["--force"] if force else []), "origin", "main")
        return Moved("main", before, self.head)

    def deliver(self, moved: Moved) -> tuple[int, str]:
        """Report a push as the forge does; return the answer."""
        self.count += 1
        sent = sample(self.hook, SECRET, moved, f"delivery-{self.count}", time.time())
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/hook/dotfiles", sent.body, dict(sent.headers), method="POST"
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode().strip()
        except HTTPError as error:
            return error.code, error.read().decode().strip()

    def deliveries(self) -> list[Delivered]:
        """What came, the newest first."""
        database = Database(self.dotfiles.environ, str(self.dotfiles.lab.fleet_dir), time.time)
        try:
            return Queue(database).deliveries(1000)
        finally:
            database.close()

    def wait(self, holds: Callable[[], object], seconds: float = 60) -> None:
        """Wait until something holds."""
        end = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < end, [
                (one.id, one.after[:7], one.state, one.reason) for one in self.deliveries()[:10]
            ]
            time.sleep(0.1)

    def settled(self) -> bool:
        """Whether nothing waits or is under way."""
        return all(one.state not in ("queued", "running") for one in self.deliveries())

    def operations(self) -> list[str]:
        """The states of the operations in the journal."""
        listed = self.dotfiles.stentor("history", "--json", "-n", "200").stdout.splitlines()[1:]
        return [json.loads(line)["state"] for line in listed]

    def values(self) -> set[str]:
        """What the nodes have."""
        return {self.dotfiles.read(alias, ".zshrc") for alias in NODES}


@pytest.fixture
def make_forge(dotfiles: Dotfiles) -> Iterator[Callable[..., Forge]]:
    made: list[Forge] = []

    def make(**options: Any) -> Forge:
        made.append(Forge(dotfiles, **options))
        dotfiles.start(*NODES)
        made[-1].start()
        made[-1].push({})
        return made[-1]

    yield make
    for forge in made:
        forge.end()
        forge.policy.unlink()


def test_a_push_is_rolled_out_and_told(make_forge: Callable[..., Forge], tmp_path: Path) -> None:
    told = tmp_path / "told"
    forge = make_forge(tell=f'echo "$STENTOR_COMMAND: $STENTOR_RESULT" >> {told}')
    status, text = forge.deliver(forge.push({"dot_zshrc": "export GOOD=2\n"}))
    assert (status, text) == (202, "accepted as delivery 1")
    forge.wait(forge.settled)
    assert forge.values() == {"export GOOD=2\n"}
    (push,) = forge.deliveries()
    assert (push.state, push.reason) == ("done", "on 3 of 3 nodes")
    shown = forge.dotfiles.stentor("show", str(push.operation), "--json")
    record = json.loads(shown.stdout.splitlines()[1])
    assert (record["subcommand"], record["user"]) == ("dotfiles apply", "hook dotfiles")
    forge.wait(told.exists)
    assert told.read_text() == "webhook dotfiles: done: on 3 of 3 nodes\n"
    before = len(forge.operations())
    assert forge.deliver(Moved("main", "", forge.head))[0] == 202  # the same commit by another push
    forge.wait(forge.settled)
    assert forge.deliveries()[0].reason == "every node has it"
    assert len(forge.operations()) == before, "nothing is done twice"


def test_a_revision_that_a_node_reverts_is_not_tried_again(make_forge: Callable[..., Forge]) -> None:
    forge = make_forge()
    bad = forge.push({"dot_bashrc": "exit 3\n", "dot_zshrc": "export GOOD=bad; exit 3\n"})
    assert forge.deliver(bad)[0] == 202
    forge.wait(forge.settled, 90)
    first = forge.deliveries()[0]
    assert first.state == "reverted", first
    assert forge.values() == {"export GOOD=1\n"}
    # The same commit in another delivery of other content, as after a push of another branch and back.
    assert forge.deliver(bad._replace(before=""))[0] == 202
    forge.wait(forge.settled)
    again = forge.deliveries()[0]
    assert again.state == "reverted"
    assert again.reason.startswith("not tried again: ")
    assert again.operation == 0
    forge.deliver(forge.push({"dot_bashrc": "export GOOD=1\n", "dot_zshrc": "export GOOD=3\n"}))
    forge.wait(forge.settled)
    assert forge.values() == {"export GOOD=3\n"}


def test_a_forced_push_is_not_rolled_out_though_the_forge_does_not_tell(
    make_forge: Callable[..., Forge],
) -> None:
    forge = make_forge()
    forge.deliver(forge.push({"dot_zshrc": "export GOOD=2\n"}))
    forge.wait(forge.settled)
    forge.dotfiles.git("reset", "-q", "--hard", "HEAD~1")
    assert forge.deliver(forge.push({"dot_zshrc": "export GOOD=evil\n"}, force=True))[0] == 202
    forge.wait(forge.settled)
    push = forge.deliveries()[0]
    assert push.state == "failed"
    assert "history was rewritten" in push.reason
    assert forge.values() == {"export GOOD=2\n"}


def test_fifty_pushes_with_a_node_down_and_the_server_killed(make_forge: Callable[..., Forge]) -> None:
    forge = make_forge()
    forge.dotfiles.lab.break_("drtr", "power-cut")
    for number in range(50):
        moved = forge.push({"dot_zshrc": f"export GOOD={number}\n"})
        if number == 25:
            # In the middle of an operation, by the journal. What it leaves on a node ends by its deadline.
            forge.wait(lambda: any(one.state == "running" for one in forge.deliveries()))
            time.sleep(0.7)
            forge.end(kill=True)
            forge.start()
        assert forge.deliver(moved)[0] == 202
    newest = "export GOOD=49\n"
    forge.wait(lambda: {forge.dotfiles.read(alias, ".zshrc") for alias in ("crtr", "prtr")} == {newest}, 180)
    forge.wait(forge.settled)
    forge.dotfiles.lab.heal("drtr")
    forge.wait(lambda: forge.values() == {newest}, 90)
    pushes = forge.deliveries()
    assert len(pushes) == 50
    assert {one.state for one in pushes} == {"done", "merged"}
    assert pushes[0].state == "done"
    operations = {one.operation for one in pushes if one.state == "done"}
    assert len(operations) < 25, "pushes that come while one is under way are merged"
    assert len(operations) == sum(one.state == "done" for one in pushes), "none was acted on twice"
    forge.wait(lambda: "running" not in forge.operations())
    states = forge.operations()
    assert set(states) <= {"done", "interrupted"}
    assert states.count("interrupted") <= 1


def test_a_stop_in_the_middle_is_taken_up_again(make_forge: Callable[..., Forge]) -> None:
    forge = make_forge()
    forge.deliver(forge.push({"dot_zshrc": "export GOOD=2\n"}))
    forge.wait(lambda: any(one.state == "running" for one in forge.deliveries()))
    time.sleep(0.7)
    forge.end()
    assert all(one.state in ("queued", "done") for one in forge.deliveries())
    forge.start()
    forge.wait(forge.settled, 90)
    assert forge.values() == {"export GOOD=2\n"}
    assert forge.deliveries()[0].state == "done"


def test_where_no_node_answers_it_is_rolled_out_when_one_returns(make_forge: Callable[..., Forge]) -> None:
    forge = make_forge()
    for alias in NODES:
        forge.dotfiles.lab.break_(alias, "power-cut")
    forge.deliver(forge.push({"dot_zshrc": "export GOOD=2\n"}))
    forge.wait(lambda: "no node answers" in forge.deliveries()[0].reason)
    assert forge.deliveries()[0].state == "queued"
    for alias in NODES:
        forge.dotfiles.lab.heal(alias)
    forge.wait(lambda: forge.values() == {"export GOOD=2\n"}, 60)
