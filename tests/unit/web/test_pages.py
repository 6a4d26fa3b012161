"""The pages: what is shown, what is escaped, and what reaches an open page."""

from __future__ import annotations

import re
import time

import pytest

from stentor.api.fleet import Fleet
from stentor.fleet.model import Node
from stentor.testing import FakeNodes, Reply
from stentor.web.service import Service
from stentor.web.settings import Settings
from tests.practice import FLEET
from tests.unit.web.conftest import Client

HOSTILE = b"<script>alert(1)</script>\x1b[2J\x1b[31mred\x1b[0m \xff\xe2\x80\xae\n"


def test_all_nodes_or_some_of_them(client: Client) -> None:
    browser = client("viewer")
    page = browser.get("/").text
    assert re.findall(r'id="node-(\w+)"', page) == ["crtr", "prtr", "drtr", "trtr", "zrtr"]
    assert re.findall(r'id="node-(\w+)"', browser.get("/?q=@gpu!drtr").text) == ["prtr"]


def test_what_was_done_last_is_shown_without_javascript(client: Client, service: Service) -> None:
    service.fleet().select("crtr").run("uptime")
    row = client("viewer").get("/").text.partition('<td data-name="Last"')[2].partition("</td>")[0]
    assert "ok: uptime" in row


def test_only_who_may_act_has_boxes_to_tick(client: Client) -> None:
    hidden = "table.reading td.pick { display: none; }"
    page = client("viewer").get("/").text
    styles = [client().get(path).text for path in re.findall(r'href="(/static/[^"]+\.css[^"]*)"', page)]
    assert hidden in "".join(styles)
    assert '<table class="cards reading">' in page
    assert '<table class="cards">' in client("operator").get("/").text


def test_a_selector_that_names_nothing_says_so_with_its_hint(client: Client) -> None:
    answer = client("viewer").get("/?q=crtx")
    assert answer.status_code == 400
    assert "crtx" in answer.text
    assert "crtr" in answer.text  # did you mean


def test_what_nodes_write_is_shown_and_not_obeyed(client: Client, service: Service, nodes: FakeNodes) -> None:
    nodes._answers = {"crtr": Reply(HOSTILE), "drtr": Reply(HOSTILE)}
    fleet = Fleet(FLEET, environ=service.environ, hostname="elsewhere", engine=nodes)
    done = fleet.select("crtr,drtr").run("echo '<b>'")
    assert done.operation
    page = client("viewer").get(f"/operations/{done.operation.number}").text
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert "\\x1b[2Jred" in page
    assert "\\u202e" in page
    assert page.count("&lt;script&gt;") == 1  # merged
    assert "<b>" not in page.partition("<h1>")[2].partition("</pre>")[0]


@pytest.mark.parametrize("path", ["/operations/0", "/operations/999", "/operations/x", "/nodes/nobody", "/x"])
def test_what_is_not_there(client: Client, path: str) -> None:
    answer = client("viewer").get(path)
    assert answer.status_code == 404
    assert "<h1>" in answer.text


def test_an_operation_of_another_fleet_is_named_with_the_command_that_shows_it(
    client: Client, service: Service, nodes: FakeNodes
) -> None:
    other = Fleet(FLEET._replace(root="/other"), environ=service.environ, hostname="elsewhere", engine=nodes)
    done = other.select("crtr").run("true")
    assert done.operation
    answer = client("viewer").get(f"/operations/{done.operation.number}")
    assert answer.status_code == 409
    assert f"at a terminal: stentor --fleet /other show {done.operation.number}" in answer.text


def test_a_fleet_with_a_fault_is_shown_as_it_was(
    client: Client, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stentor.errors import FleetError

    service.fleets.fault = FleetError("unknown key 'nodez'", where="nodes.yaml:3:1")
    assert "unknown key &#39;nodez&#39;" in client("viewer").get("/").text
    assert "nodez" not in client().get("/login").text


def test_the_first_page_of_two_hundred_nodes_is_small(environ: dict[str, str]) -> None:
    from starlette.testclient import TestClient

    from stentor.fleet.model import Fleet as Model
    from stentor.web.app import make_app
    from stentor.web.store import Grant

    many = {f"node{n}": Node(f"node{n}", f"node{n}.example", role="worker") for n in range(1, 201)}
    model = Model("/fleet", many, {"all": tuple(many)})
    service = Service(Fleet(model, environ=environ, hostname="-", engine=FakeNodes()), Settings())
    browser = TestClient(
        make_app(service, working=False), base_url="http://127.0.0.1", client=("127.0.0.1", 1)
    )
    secret = service.gate.sessions.add(Grant("ann", "operator", time.time() + 60)).secret
    browser.cookies.set("stentor", secret)
    page = browser.get("/", headers={"Accept-Encoding": "gzip"})
    raw = int(page.headers["content-length"])
    assert raw < 20_000, raw
    assert len(page.content) < 120_000
