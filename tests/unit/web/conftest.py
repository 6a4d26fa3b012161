"""A page over a fleet of fake nodes, asked without a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from stentor.api.fleet import Fleet
from stentor.testing import FakeNodes
from stentor.web.app import make_app
from stentor.web.caller import Role
from stentor.web.service import Service
from stentor.web.settings import Settings
from stentor.web.store import Grant
from tests.practice import FLEET

BASE = "http://127.0.0.1:8440"
Client = Callable[..., TestClient]


@pytest.fixture
def nodes() -> FakeNodes:
    """Nodes that answer with nothing and 0."""
    return FakeNodes()


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """An environment with state of its own."""
    return {"XDG_STATE_HOME": str(tmp_path / "state"), "USER": "tester", "HOME": str(tmp_path)}


@pytest.fixture
def service(nodes: FakeNodes, environ: dict[str, str]) -> Service:
    """What the page of five fake nodes shares."""
    return Service(Fleet(FLEET, environ=environ, hostname="elsewhere", engine=nodes), Settings())


@pytest.fixture
def client(service: Service) -> Iterator[Client]:
    """Make browsers: ``client()`` is nobody, ``client("viewer")`` and the like are signed in."""
    app = make_app(service, working=False)
    opened = TestClient(app, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False)

    def make(role: Role | None = None) -> TestClient:
        made = TestClient(app, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False)
        made.portal = opened.portal  # one event loop for all, not a thread for each request
        if role is not None:
            sessions = service.gate.sessions
            made.cookies.set("stentor", sessions.add(Grant(f"the {role}", role, time.time() + 60)).secret)
        return made

    with opened:
        yield make
