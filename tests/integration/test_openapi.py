"""What the OpenAPI document allows, asked of the page: only answers that it describes, no error of ours."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.testclient import TestClient

from stentor.web.app import make_app
from stentor.web.caller import Caller, Rate, Role
from stentor.web.service import Service
from stentor.web.store import Grant
from tests.unit.web.conftest import BASE, environ, nodes, service

__all__ = ["environ", "nodes", "service"]  # fixtures

pytestmark = pytest.mark.integration

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
SETTINGS = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
Browsers = Callable[[Role | None], TestClient]


@pytest.fixture
def browsers(service: Service, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browsers]:
    """Make browsers of a page that asks nobody to wait."""
    monkeypatch.setattr(Rate, "take", lambda *_: 0.0)
    app = make_app(service, working=False)

    def made(role: Role | None) -> TestClient:
        browser = TestClient(app, base_url=BASE, client=("127.0.0.1", 50000), follow_redirects=False)
        if role is not None:
            secret = service.gate.sessions.add(Grant("ann", role, time.time() + 600)).secret
            browser.cookies.set("stentor", secret)
            browser.headers["X-CSRF-Token"] = Caller("", session=secret).csrf
        return browser

    with TestClient(app, base_url=BASE):
        yield made


@pytest.mark.timeout(400)
@pytest.mark.parametrize("role", [None, "viewer", "operator"])
def test_answers_are_those_of_the_document(browsers: Browsers, role: Role | None) -> None:
    document = schemathesis.openapi.from_dict(browsers("viewer").get("/api/openapi.json").json())
    browser = browsers(role)
    codes: dict[str, set[int]] = {}
    for found in document.get_all_operations():
        assert isinstance(found, Ok), found
        for mode in GenerationMode.POSITIVE, GenerationMode.NEGATIVE:
            _try(browser, found.ok(), mode, codes.setdefault(found.ok().label, set()))
    assert len(codes) == 8
    if role is None:
        assert all(seen <= {401, 413} for seen in codes.values()), codes
    elif role == "viewer":
        assert codes.pop("POST /api/do/{action}") <= {403, 413}
        assert all(200 in seen or "{number}" in label for label, seen in codes.items()), codes
    else:
        assert {400, 404} <= codes["POST /api/do/{action}"], codes


def _try(
    browser: TestClient,
    operation: schemathesis.APIOperation[Any, Any, Any, Any],
    mode: GenerationMode,
    codes: set[int],
) -> None:
    """Ask for an operation of the document in many ways; note the codes of the answers."""
    try:
        strategy = operation.as_strategy(mode)
        strategy.validate()
    except Exception:  # nothing can be wrong in a path without parameters
        assert mode is GenerationMode.NEGATIVE
        return

    @SETTINGS
    @given(strategy)
    def check(case: schemathesis.Case[Any]) -> None:
        sent = case.as_transport_kwargs(base_url=BASE)
        names = ("params", "json", "data", "content")
        body = {name: sent[name] for name in names if sent.get(name) is not None}
        body["content"] = body.pop("data", body.pop("content", None))
        answer = browser.request(sent["method"], sent["url"], **body)
        codes.add(answer.status_code)
        case.validate_response(answer, checks=CHECKS)

    check()
