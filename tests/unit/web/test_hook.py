"""``/hook/NAME``: what is read, and what is not."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from stentor.api.fleet import Fleet
from stentor.errors import UsageError
from stentor.fleet.policy import Policy
from stentor.fleet.policy.serving import Hook, Hooks
from stentor.hooks.database import Database
from stentor.hooks.delivery import MAX_BODY
from stentor.testing import FakeNodes
from stentor.web.actions import ACTIONS
from stentor.web.app import make_app
from stentor.web.planning import Planned
from stentor.web.service import ASKING, Service
from stentor.web.settings import Settings
from stentor.web.store import Grant
from tests.practice import FLEET
from tests.unit.web.conftest import BASE

SECRET = b"a secret for practice, long enough"
BODY = json.dumps({"repository": "you/dotfiles", "ref": "refs/heads/other", "after": "a" * 40}).encode()


@pytest.fixture(autouse=True)
def slow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine gives nobody another try meanwhile."""
    monkeypatch.setattr("stentor.web.hook._WRONG", (30.0, 0.001))


@pytest.fixture
def service(environ: dict[str, str], tmp_path: Path) -> Service:
    secret = tmp_path / "secret"
    secret.write_bytes(SECRET)
    secret.chmod(0o600)
    hook = Hook(forge="plain", repository="you/dotfiles", secret=str(secret), selector=("crtr",))
    data = FLEET._replace(policy=Policy(hooks=Hooks(each={"dotfiles": hook})))
    return Service(Fleet(data, environ=environ, hostname="elsewhere", engine=FakeNodes()), Settings())


@pytest.fixture
def forge(service: Service) -> Iterator[TestClient]:
    """What a forge is: nobody, at an address of its own."""
    with TestClient(make_app(service, working=False), base_url=BASE, client=("192.0.2.7", 1)) as made:
        yield made


def signed(body: bytes, secret: bytes = SECRET) -> dict[str, str]:
    proof = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return {"X-Hub-Signature-256": f"sha256={proof}", "X-Delivery": proof[:20]}


def test_a_delivery_is_answered_and_listed(forge: TestClient, service: Service) -> None:
    answer = forge.post("/hook/dotfiles", content=BODY, headers=signed(BODY))
    assert answer.status_code == 200
    assert answer.text.startswith("nothing to do: another branch")
    grant = Grant("ann", "viewer", time.time() + 60)
    forge.cookies.set("stentor", service.gate.sessions.add(grant).secret)
    page = forge.get("/deliveries").text
    assert "/hook/dotfiles" in page
    assert "refs/heads/other" in page
    assert "ignored" in page


def test_a_forged_delivery_is_refused(forge: TestClient) -> None:
    assert forge.post("/hook/dotfiles", content=BODY).status_code == 401
    assert forge.post("/hook/dotfiles", content=BODY, headers=signed(BODY, b"x" * 32)).status_code == 401


def test_an_unknown_webhook_is_not_read(forge: TestClient) -> None:
    answer = forge.post("/hook/nothing", content=BODY, headers=signed(BODY))
    assert (answer.status_code, answer.text) == (404, "no webhook of this name\n")
    assert forge.get("/hook/dotfiles").status_code == 405


def test_a_forge_does_not_wait_for_people_who_wait_for_nodes(
    forge: TestClient, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, end = threading.Semaphore(0), threading.Event()

    def slow(*_: object) -> Planned:
        begun.release()
        assert end.wait(60)
        raise UsageError("nodes were silent")

    monkeypatch.setitem(ACTIONS, "reboot", ACTIONS["reboot"]._replace(plan=slow))
    grant = Grant("ann", "operator", time.time() + 60)
    cookie = {"Cookie": f"stentor={service.gate.sessions.add(grant).secret}"}
    with ThreadPoolExecutor(40) as people:
        plans = [people.submit(forge.get, "/plan?do=reboot&node=crtr", headers=cookie) for _ in range(40)]
        try:
            for _ in range(ASKING):
                assert begun.acquire(timeout=30)
            assert forge.post("/hook/dotfiles", content=BODY, headers=signed(BODY)).status_code == 200
            assert forge.get("/operations", headers=cookie).status_code == 200
        finally:
            end.set()
        assert {one.result().status_code for one in plans} == {400}


def test_deliveries_that_come_while_the_disk_is_slow_share_a_commit(
    forge: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[int] = []
    end = threading.Event()
    whole = Database._commit

    def slow(self: Database, writers: tuple[Any, ...]) -> None:
        commits.append(len(writers))
        while not end.is_set() and len(self._writers) < 100:
            time.sleep(0.01)
        end.set()
        whole(self, writers)

    monkeypatch.setattr(Database, "_commit", slow)

    def send(number: int) -> int:
        body = json.dumps({**json.loads(BODY), "after": f"{number:040d}"}).encode()
        return int(forge.post("/hook/dotfiles", content=body, headers=signed(body)).status_code)

    with ThreadPoolExecutor(100) as many:
        sent = [many.submit(send, number) for number in range(100)]
        try:
            assert {one.result(timeout=60) for one in sent} == {200}
        finally:
            end.set()
    assert len(commits) <= 3, commits


def test_an_address_that_is_wrong_too_often_waits(forge: TestClient) -> None:
    codes = [forge.post("/hook/nothing", content=b"{}").status_code for _ in range(40)]
    assert codes[0] == 404
    assert codes[-1] == 429
    assert forge.post("/hook/dotfiles", content=BODY, headers=signed(BODY)).status_code == 429


@pytest.mark.parametrize("answer", ["415", "503"])
def test_what_is_refused_before_its_signature_counts_too(
    forge: TestClient, service: Service, answer: str
) -> None:
    hook = service.fleet().data.policy.hooks.each["dotfiles"]
    if answer == "503":
        os.chmod(hook.secret, 0o644)
    else:
        hook = Hook(**{**vars(hook), "forge": "github"})
        service.fleet().data.policy.hooks.each["dotfiles"] = hook  # type: ignore[index]  # a dict
    codes = [forge.post("/hook/dotfiles", content=b"x").status_code for _ in range(40)]
    assert codes[0] == int(answer)
    assert codes[-1] == 429


def test_a_huge_body_is_not_read(forge: TestClient) -> None:
    headers = {"Content-Length": str(MAX_BODY + 1)}
    assert forge.post("/hook/dotfiles", content=b"x", headers=headers).status_code == 413
    assert forge.post("/hook/dotfiles", content=b"x", headers={"Content-Length": "x"}).status_code == 413

    def parts() -> Iterator[bytes]:
        for _ in range(MAX_BODY // (1 << 20) + 2):
            yield bytes(1 << 20)

    assert forge.post("/hook/dotfiles", content=parts()).status_code == 413


def test_a_large_body_is_read_where_a_page_would_refuse_it(forge: TestClient) -> None:
    body = json.dumps({"ref": "refs/heads/x", "repository": "you/dotfiles", "pad": "x" * 300_000}).encode()
    assert forge.post("/hook/dotfiles", content=body, headers=signed(body)).status_code in (200, 400)


def test_names_that_are_not_ours_are_refused_for_forges_too(forge: TestClient) -> None:
    headers = {**signed(BODY), "Host": "evil.example"}
    assert forge.post("/hook/dotfiles", content=BODY, headers=headers).status_code == 421
