"""Payloads that forges are known to send, published with a Go module and fetched by its name and version."""

from __future__ import annotations

import hashlib
import hmac
import json
import subprocess
import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from stentor.fleet.policy.serving import Hook
from stentor.hooks.delivery import Delivery, Refusal, Secret
from stentor.hooks.read import read
from tests.support import lacking
from tests.tools import build

pytestmark = pytest.mark.integration

MODULE = "github.com/go-playground/webhooks/v6@v6.4.0"
SUM = "h1:KLa6y7bD19N48rxJDHM0DpE3T4grV7GxMy1b/aHMWPY="
SECRET = b"a secret for tests"
GO = (1, 21)


@pytest.fixture(scope="module")
def payloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the payloads, one below it for each forge."""
    folder = tmp_path_factory.mktemp("payloads")
    go = build.installed(GO) or build.fetched(str(folder / "go"))
    caches = {"GOMODCACHE": str(folder / "modules"), "GOCACHE": str(folder / "cache")}
    environ = build.environment(**caches, GOFLAGS="-mod=mod -modcacherw")
    for _ in range(build.ATTEMPTS):
        done = subprocess.run(
            [go, "mod", "download", "-json", MODULE], cwd=folder, env=environ, capture_output=True, text=True
        )
        said = json.loads(done.stdout or "{}")
        if said.get("Dir"):
            assert said["Sum"] == SUM
            return Path(said["Dir"]) / "testdata"
        time.sleep(2)
    lacking(f"{MODULE} cannot be fetched: {said.get('Error') or done.stderr}")
    raise AssertionError


class Case(NamedTuple):
    """A payload, how it is sent, and what it is by its own words.

    Attributes:
        file: below the folder of payloads.
        forge: whose.
        event: its name in the header.
        repository: the keys that lead to the repository's name.
        ref: the same, to the reference or branch.
        after: the same, to the commit.
    """

    file: str
    forge: str
    event: str
    repository: tuple[Any, ...]
    ref: tuple[Any, ...]
    after: tuple[Any, ...]


_CLOUD = ("push", "changes", 0, "new")
PUSHES = [
    Case("github/push.json", "github", "push", ("repository", "full_name"), ("ref",), ("after",)),
    Case("gitea/push-event.json", "gitea", "push", ("repository", "full_name"), ("ref",), ("after",)),
    Case(
        "gitlab/push-event.json",
        *("gitlab", "Push Hook"),
        *(("project", "path_with_namespace"), ("ref",), ("checkout_sha",)),
    ),
    Case(
        "gitlab/system-push-event.json",
        *("gitlab", "System Hook"),
        *(("project", "path_with_namespace"), ("ref",), ("checkout_sha",)),
    ),
    Case(
        "bitbucket/repo-push.json",
        *("bitbucket", "repo:push"),
        *(("repository", "full_name"), (*_CLOUD, "name"), (*_CLOUD, "target", "hash")),
    ),
]
EVENT_HEADERS = {
    "github": "X-GitHub-Event",
    "gitea": "X-Gitea-Event",
    "gitlab": "X-Gitlab-Event",
    "bitbucket": "X-Event-Key",
}


def at(data: Any, path: tuple[Any, ...]) -> str:
    """What a path of keys leads to."""
    for key in path:
        data = data[key]
    return str(data)


def sent(forge: str, event: str, body: bytes) -> dict[str, str]:
    """The headers with which a forge sends a body."""
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        EVENT_HEADERS[forge]: event,
        "X-Hub-Signature-256": f"sha256={signature}",
        "X-Hub-Signature": f"sha256={signature}",
        "X-Gitea-Signature": signature,
        "X-Gitlab-Token": SECRET.decode(),
    }


def judged(forge: str, event: str, body: bytes, *, repository: str, branch: str) -> Delivery | Refusal:
    """What becomes of it."""
    hook = Hook(forge=forge, repository=repository, branch=branch, secret="file", selector=("a",))
    return read(sent(forge, event, body), body, hook, Secret(SECRET), time.time())


@pytest.mark.parametrize("case", PUSHES, ids=lambda case: case.file)
def test_a_published_push_is_read(payloads: Path, case: Case) -> None:
    body = (payloads / case.file).read_bytes()
    data = json.loads(body)
    branch, after = at(data, case.ref).removeprefix("refs/heads/"), at(data, case.after)
    found = judged(case.forge, case.event, body, repository=at(data, case.repository), branch=branch)
    if len(after) < 40 or after.strip("0") == "":
        # A made-up hash, or a deleted branch: answered, and not acted on.
        assert isinstance(found, Refusal) or found.ignored
        return
    assert isinstance(found, Delivery), found
    assert found.after == after
    other = judged(case.forge, case.event, body, repository=at(data, case.repository), branch="elsewhere")
    assert isinstance(other, Delivery)
    assert "another branch" in other.ignored or other.ignored == "a tag"
    strange = judged(case.forge, case.event, body, repository="somebody/else", branch=branch)
    assert isinstance(strange, Refusal)


def test_a_deleted_branch_of_bitbuckets_data_center(payloads: Path) -> None:
    body = (payloads / "bitbucket-server/repo-refs-changed.json").read_bytes()
    data = json.loads(body)
    name = f"{data['repository']['project']['key']}/{data['repository']['slug']}"
    branch = data["changes"][0]["ref"]["displayId"]
    found = judged("bitbucket", "repo:refs_changed", body, repository=name, branch=branch)
    assert isinstance(found, Delivery)
    assert found.ignored == "the branch was deleted"


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab", "bitbucket"])
def test_every_other_published_event_is_answered_and_not_acted_on(payloads: Path, forge: str) -> None:
    pushes = {case.file for case in PUSHES}
    files = [path for path in (payloads / forge).glob("*.json") if f"{forge}/{path.name}" not in pushes]
    assert len(files) > 10
    for path in files:
        event = "System Hook" if path.name.startswith("system") else path.stem
        found = judged(forge, event, path.read_bytes(), repository="you/dotfiles", branch="main")
        assert isinstance(found, Delivery), (path, found)
        assert found.ignored, path


@pytest.mark.parametrize("forge", ["github", "gitea", "gitlab", "bitbucket"])
def test_every_published_payload_as_a_push_is_no_crash(payloads: Path, forge: str) -> None:
    event = {"gitlab": "Push Hook", "bitbucket": "repo:push"}.get(forge, "push")
    for path in payloads.glob("*/*.json"):
        found = judged(forge, event, path.read_bytes(), repository="you/dotfiles", branch="main")
        assert isinstance(found, Refusal) or found.ignored, (path, found)
