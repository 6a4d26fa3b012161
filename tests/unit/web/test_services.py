"""The page of services: what the file says, and what nodes say when they are asked."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.rollout.change import Preview
from stentor.testing import FakeNodes, Reply
from stentor.web.actions import ACTIONS
from stentor.web.planning import Asked, Planned, grouped
from stentor.web.service import Service
from stentor.web.settings import Settings
from stentor.web.store import Grant
from tests.unit.web.conftest import Client

SERVICES = """\
services:
  docker: {node: "@all", type: systemd}
  web: {node: crtr, type: systemd, port: 8080, dependencies: [docker]}
gateway: {node: crtr}
domains:
  - {fqdn: web.lan, service: web}
"""


@pytest.fixture
def service(environ: dict[str, str], tmp_path: Path) -> Service:
    """A fleet with files of its own."""
    (tmp_path / "nodes.yaml").write_text(
        "nodes:\n  crtr: {address: 192.0.2.1}\n  drtr: {address: 192.0.2.2}\n"
    )
    (tmp_path / "services.yaml").write_text(SERVICES)
    answers = FakeNodes({"drtr": Reply(kind="unreachable", reason="no answer in 5 s")})
    return Service(Fleet.open(str(tmp_path), environ=environ, engine=answers), Settings())


def test_services_and_web_names_are_listed(client: Client) -> None:
    page = client("viewer").get("/services").text
    assert re.findall(r"<th scope=.row.>([^<]+)", page) == ["docker", "docker", "web", "web.lan"]
    assert "8080" in page
    assert "Ask for their state" not in page


def test_nodes_are_asked_by_an_operator(client: Client) -> None:
    browser = client("operator")
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/services").text)
    assert token
    page = browser.post("/services", data={"csrf": token[1]}).text
    assert "no answer in 5 s" in page
    assert "asked" in page


def test_ticked_services_lead_to_a_plan(client: Client) -> None:
    browser = client("operator")
    page = browser.get("/services").text
    assert re.findall(r'type="checkbox" name="service" value="(\w+)"', page) == ["docker", "web"]
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert token
    form = {"csrf": token[1], "do": "restart", "service": ["docker", "web"], "on": ["", "drtr"]}
    assert browser.post("/plan", data=form).headers["location"] == (
        "/plan?do=restart&service=docker&service=web&on=drtr"
    )


def test_a_plan_that_is_blocked_says_why_and_not_that_nothing_is_to_do(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    why = Preview("crtr", blocker="this node has no systemd")
    planned = Planned("deploy web", Asked((), services=("web",)), (), grouped({"crtr": why}), (), why.blocker)
    monkeypatch.setitem(ACTIONS, "deploy", ACTIONS["deploy"]._replace(plan=lambda *_: planned))
    page = client("operator").get("/plan?do=deploy&service=web").text
    assert "this node has no systemd" in page
    assert "nothing to do" not in page
    assert "0 nodes" not in page
    assert 'action="/do"' not in page


def test_a_restart_is_of_the_services_and_nodes_of_its_plan(client: Client, service: Service) -> None:
    browser = client("operator")
    page = browser.get("/plan?do=restart&service=docker&on=drtr").text
    assert "restart docker" in page
    assert re.findall(r'name="node" value="(\w+)"', page) == ["drtr"]
    form = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.partition('"/do"')[2]))
    Path(service.fleet().data.root, "services.yaml").write_text(SERVICES.replace('"@all"', "crtr"))
    answer = browser.post("/do", data=form)
    assert answer.status_code in (400, 409)
    Path(service.fleet().data.root, "services.yaml").write_text(SERVICES)
    where = browser.post("/do", data=form).headers["location"]
    job = service.operations.job(int(where.rpartition("/")[2]))
    assert job
    assert job.over.wait(20)
    record = service.fleet().operation(job.number)
    assert (record.kind, record.user) == ("services restart", "the operator")
    assert [(one.node, one.kind) for one in record.nodes] == [("drtr", "unreachable")]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "no service is selected"),
        ("&service=nope", "not in services.yaml: nope"),
        ("&service=web&on=nobody", "nobody"),
        ("&service=web&on=drtr", "none of these services is managed"),
    ],
)
@pytest.mark.parametrize("action", ["restart", "deploy"])
def test_services_that_are_none_are_said(client: Client, action: str, query: str, said: str) -> None:
    answer = client("operator").get(f"/plan?do={action}{query}")
    if action == "deploy" and said.startswith("none"):
        assert "none of these nodes could be planned" in answer.text
    else:
        assert answer.status_code == 400
        assert said in answer.text


def test_programs_name_services_too(client: Client, service: Service) -> None:
    grant = Grant("ann", "operator", time.time() + 60)
    browser = client()
    browser.cookies.set("stentor", service.gate.sessions.add(grant).secret)
    token = re.search(r'name="csrf" value="(\w+)"', browser.get("/services").text)
    assert token
    answer = browser.post(
        "/api/do/restart",
        content=b'{"services": ["docker"], "nodes": ["drtr"]}',
        headers={"X-CSRF-Token": token[1]},
    )
    assert answer.status_code == 202
    job = service.operations.job(answer.json()[0]["operation"])
    assert job
    assert job.over.wait(20)
    assert [one.node for one in service.fleet().operation(job.number).nodes] == ["drtr"]


def test_a_viewer_ticks_no_service(client: Client) -> None:
    page = client("viewer").get("/services").text
    assert "checkbox" not in page
    assert "Restart" not in page


def test_a_fault_of_the_file_is_said(client: Client, service: Service) -> None:
    Path(service.fleet().data.root, "services.yaml").write_text("services: {web: {nodee: crtr}}\n")
    page = client("viewer").get("/services").text
    assert "services.yaml:1:" in page
