"""A push of the fleet directory, deployed on Debians with systemd."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.api.hook_receiver import Receiver
from stentor.api.hook_worker import Worker
from stentor.hooks.delivery import Delivery
from stentor.hooks.queue import Delivered
from tests.integration.full.test_services import Sites
from tests.integration.full.test_services import sites as sites

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

POLICY = {
    "hooks": {
        "fleet": {
            "forge": "plain",
            "repository": "you/fleet",
            "secret": "secret",
            "action": "services",
            "selector": "crtr",
        }
    }
}


class Pushed:
    """The fleet directory as a clone, and another clone in which somebody works."""

    def __init__(self, sites: Sites) -> None:
        self.sites = sites
        self.root = sites.folder
        self.home = Path(sites.environ["HOME"])
        self.environ = {
            **sites.environ,
            **{
                f"GIT_{who}_{what}": "n@example.org"
                for who in ("AUTHOR", "COMMITTER")
                for what in ("NAME", "EMAIL")
            },
        }
        (self.root / "policy.yaml").write_text(json.dumps(POLICY))
        self.git(self.root, "init", "-q", "-b", "main")
        self.git(self.root, "add", "-A")
        self.git(self.root, "commit", "-q", "-m", "first")
        self.git(self.home, "clone", "-q", "--bare", str(self.root), "fleet.git")
        self.git(self.root, "remote", "add", "origin", str(self.home / "fleet.git"))
        self.git(self.home, "clone", "-q", "fleet.git", "work")
        self.work = self.home / "work"
        self.hooks = Receiver(lambda: Fleet.open(str(self.root), environ=self.environ), self.environ)

    def git(self, folder: Path, *words: str) -> str:
        done = subprocess.run(
            ["git", *words], cwd=folder, env=self.environ, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def push(self) -> Delivered:
        """Commit what was edited, push and deliver it; return what came of it."""
        before = self.git(self.work, "rev-parse", "HEAD")
        self.git(self.work, "commit", "-q", "-a", "-m", "change")
        self.git(self.work, "push", "-q", "origin", "main")
        after, name = self.git(self.work, "rev-parse", "HEAD"), os.urandom(4).hex()
        said = Delivery(name, name, "plain", "push", "refs/heads/main", before, after)
        assert self.hooks.queue().add("fleet", said)[0]
        return self.done()

    def done(self) -> Delivered:
        """Work until nothing waits."""
        stop = threading.Event()
        thread = threading.Thread(target=Worker(self.hooks).run, args=(stop,))
        thread.start()
        try:
            end = time.monotonic() + 240
            while (found := self.hooks.queue().deliveries(100)[0]).state in ("queued", "running"):
                assert time.monotonic() < end, found
                time.sleep(0.2)
            return found
        finally:
            stop.set()
            thread.join()

    def edit(self, name: str, change: Callable[[str], str]) -> None:
        path = self.work / name
        path.write_text(change(path.read_text()))


@pytest.fixture
def pushed(sites: Sites) -> Iterator[Pushed]:
    yield Pushed(sites)
    shutil.rmtree(sites.folder / ".git")
    (sites.folder / "policy.yaml").unlink()


def test_a_push_is_deployed_and_a_bad_one_is_not(pushed: Pushed) -> None:
    sites = pushed.sites
    pushed.edit("page.j2", lambda text: text.replace("one", "two"))
    found = pushed.push()
    assert (found.state, found.reason) == ("done", "on 1 of 1 nodes"), found
    assert sites.page() == "two on crtr"
    assert (pushed.root / "page.j2").read_text().startswith("two")

    pushed.edit("services.yaml", lambda text: text.replace('"type"', '"typo"'))
    found = pushed.push()
    assert found.state == "failed"
    assert "services.yaml:" in found.reason
    assert "typo" in found.reason
    assert "typo" not in (pushed.root / "services.yaml").read_text(), "its files are checked before"

    pushed.edit("services.yaml", lambda text: text.replace('"typo"', '"type"'))
    pushed.edit("hello.service", lambda text: text.replace("http.server", "no.such.module"))
    found = pushed.push()
    assert found.state == "reverted", found
    assert found.operation
    assert sites.page() == "two on crtr"

    (pushed.root / "page.j2").write_text("edited here\n")
    pushed.edit("hello.service", lambda text: text.replace("no.such.module", "http.server"))
    found = pushed.push()
    assert found.state == "failed"
    assert "edited there: page.j2" in found.reason
