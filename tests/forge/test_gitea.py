"""A real Gitea delivers to ``stentor serve``; ``make forge`` builds it from its module, and runs this."""

from __future__ import annotations

import base64
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from stentor.hooks.queue import Delivered
from tests.integration.dotfiles.conftest import Dotfiles
from tests.integration.dotfiles.test_hooks import NODES, SECRET, Forge
from tests.support import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

BUILT = Path(ROOT, ".venv", "gitea")  # the program, and a link to its module with templates and options
PASSWORD = "a-password-for-practice"
SETTINGS = """\
RUN_USER = {user}
RUN_MODE = prod
I_AM_BEING_UNSAFE_RUNNING_AS_ROOT = true
[server]
STATIC_ROOT_PATH = {static}
HTTP_ADDR = 127.0.0.1
HTTP_PORT = {port}
ROOT_URL = http://127.0.0.1:{port}/
DISABLE_SSH = true
OFFLINE_MODE = true
[database]
DB_TYPE = sqlite3
[security]
INSTALL_LOCK = true
SECRET_KEY = practice
PASSWORD_HASH_ALGO = pbkdf2
[webhook]
ALLOWED_HOST_LIST = loopback
[service]
DISABLE_REGISTRATION = true
[log]
LEVEL = Warn
[actions]
ENABLED = false
[indexer]
ISSUE_INDEXER_TYPE = db
"""


class Gitea(Forge):
    """One Gitea, which has the dotfiles and a webhook."""

    def repository(self, home: Path) -> str:
        """Start it, and make a repository there."""
        self.place = home / "gitea"
        self.place.mkdir()
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.gitea_port: int = free.getsockname()[1]
        user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
        settings = SETTINGS.format(user=user, static=BUILT / "module", port=self.gitea_port)
        (self.place / "app.ini").write_text(settings)
        self.run("migrate")
        account = ["--username", "you", "--password", PASSWORD, "--email", "you@example.org", "--admin"]
        self.run("admin", "user", "create", *account, "--must-change-password=false")
        self.gitea = subprocess.Popen(
            self.words("web"), env=self.variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self.wait_for_gitea()
        self.ask("user/repos", {"name": "dotfiles", "default_branch": "main"})
        return f"http://you:{PASSWORD}@127.0.0.1:{self.gitea_port}/you/dotfiles.git"

    @property
    def variables(self) -> dict[str, str]:
        return {**self.dotfiles.environ, "HOME": str(self.place)}

    def words(self, *words: str) -> list[str]:
        where = ["--config", str(self.place / "app.ini"), "--work-path", str(self.place)]
        return [str(BUILT / "gitea"), *where, *words]

    def run(self, *words: str) -> None:
        done = subprocess.run(self.words(*words), env=self.variables, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr

    def wait_for_gitea(self) -> None:
        def answers() -> bool:
            try:
                return bool(self.ask("version"))
            except OSError:
                return False

        deadline = 600  # tenths of a second
        while not answers():
            deadline -= 1
            assert deadline, "Gitea answers"
            assert self.gitea.poll() is None, "Gitea runs"
            time.sleep(0.1)

    def ask(self, path: str, data: dict[str, Any] | None = None, method: str = "") -> Any:
        """Ask its API, as its administrator."""
        login = base64.b64encode(f"you:{PASSWORD}".encode()).decode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gitea_port}/api/v1/{path}",
            json.dumps(data).encode() if data is not None else None,
            {"Authorization": f"Basic {login}", "Content-Type": "application/json"},
            method=method or ("GET" if data is None else "POST"),
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def hooked(self, *, content_type: str = "json", secret: bytes = SECRET, kind: str = "gitea") -> int:
        """Add a webhook to the repository; return its number."""
        config = {
            "url": f"http://127.0.0.1:{self.port}/hook/dotfiles",
            "content_type": content_type,
            "secret": secret.decode(),
        }
        events = ["push", "create", "delete", "issues"]
        body = {"type": kind, "active": True, "events": events, "config": config}
        made = self.ask("repos/you/dotfiles/hooks", body)
        return int(made["id"])

    def unhooked(self, number: int) -> None:
        """Remove a webhook."""
        self.ask(f"repos/you/dotfiles/hooks/{number}", method="DELETE")

    def arrived(self) -> Delivered:
        """Wait until the last push has come and nothing is under way; return its newest delivery.

        Of what was pushed before it had the webhook Gitea may tell as well: it looks for webhooks later.
        """
        self.wait(lambda: self._last() and self.settled(), 120)
        return self._last()[0]

    def _last(self) -> list[Delivered]:
        return [one for one in self.deliveries() if one.after == self.head]

    def refused(self) -> list[Delivered]:
        """Deliveries that were refused."""
        return [one for one in self.deliveries() if one.state == "refused"]

    def off(self) -> None:
        """End Gitea."""
        self.gitea.terminate()
        self.gitea.wait(60)


@pytest.fixture
def gitea(dotfiles: Dotfiles) -> Iterator[Gitea]:
    assert os.access(BUILT / "gitea", os.X_OK), "make forge builds it"
    made = Gitea(dotfiles)
    try:
        dotfiles.start(*NODES)
        made.start()
        made.push({})
        yield made
    finally:
        made.end()
        made.off()
        made.policy.unlink()


@pytest.mark.parametrize("content_type", ["json", "form"])
def test_a_push_to_it_is_rolled_out(gitea: Gitea, content_type: str) -> None:
    number = gitea.hooked(content_type=content_type)
    gitea.push({"dot_zshrc": "export GOOD=2\n"})
    push = gitea.arrived()
    assert (push.forge, push.event, push.state) == ("gitea", "push", "done"), push
    assert push.reason == "on 3 of 3 nodes"
    assert push.delivery, "it has the forge's name"
    assert gitea.values() == {"export GOOD=2\n"}
    # Its administrator presses "Test delivery": a push of what is there already.
    count, done = len(gitea.deliveries()), len(gitea.operations())
    gitea.ask(f"repos/you/dotfiles/hooks/{number}/tests", {})
    gitea.wait(lambda: len(gitea.deliveries()) > count and gitea.settled())
    assert gitea.deliveries()[0].state in ("ignored", "done"), gitea.deliveries()[0]
    assert len(gitea.operations()) == done


def test_what_is_no_push_of_the_branch_is_answered(gitea: Gitea) -> None:
    gitea.hooked()
    gitea.dotfiles.git("tag", "v1")
    gitea.dotfiles.git("push", "-q", "origin", "v1", "main:topic")
    gitea.dotfiles.git("push", "-q", "origin", ":topic", ":v1")
    gitea.ask("repos/you/dotfiles/issues", {"title": "one"})
    events = {"push", "create", "delete", "issues"}
    gitea.wait(lambda: {one.event for one in gitea.deliveries()} == events)
    others = [one for one in gitea.deliveries() if one.ref != "refs/heads/main"]
    assert {one.state for one in others} == {"ignored"}, others


def test_who_has_another_secret_or_none_is_refused(gitea: Gitea) -> None:
    for secret in (b"another", b""):
        number, count = gitea.hooked(secret=secret), len(gitea.refused())
        gitea.push({"dot_zshrc": "export GOOD=evil\n"})
        gitea.wait(lambda before=count: len(gitea.refused()) > before)  # type: ignore[misc]
        gitea.unhooked(number)
    assert gitea.values() == {"export GOOD=1\n"}
    assert gitea.operations() == []


def test_history_that_was_rewritten_is_not_rolled_out(gitea: Gitea) -> None:
    gitea.hooked()
    gitea.push({"dot_zshrc": "export GOOD=2\n"})
    assert gitea.arrived().state == "done"
    gitea.dotfiles.git("reset", "-q", "--hard", "HEAD~1")
    gitea.push({"dot_zshrc": "export GOOD=evil\n"}, force=True)
    push = gitea.arrived()
    assert (push.state, "history was rewritten" in push.reason) == ("failed", True), push
    assert gitea.values() == {"export GOOD=2\n"}


def test_twenty_pushes_with_the_server_away(gitea: Gitea) -> None:
    """Gitea does not deliver again by itself; what comes next brings the nodes to the newest."""
    gitea.hooked()
    for number in range(20):
        if number == 8:
            gitea.end(kill=True)
        if number == 12:
            gitea.start()
        gitea.push({"dot_zshrc": f"export GOOD={number}\n"})
    gitea.wait(lambda: gitea.values() == {"export GOOD=19\n"}, 180)
    gitea.wait(gitea.settled, 60)
    assert gitea.arrived().state == "done"
    assert {one.state for one in gitea.deliveries()} <= {"done", "merged"}
