"""From ticked nodes to an operation: plan, the guard's number, the journal's word on who did it."""

from __future__ import annotations

import re
import time

import pytest
from starlette.testclient import TestClient

from stentor.api.fleet import Fleet
from stentor.errors import Refused
from stentor.testing import FakeNodes, Reply
from stentor.web.actions import ACTIONS, on_nodes
from stentor.web.live import _patches
from stentor.web.service import Service
from tests.practice import FLEET
from tests.unit.web.conftest import Client


@pytest.fixture
def nodes() -> FakeNodes:
    """A node fails at everything but 'true'; the last is expected down."""
    return FakeNodes({"drtr": Reply(b"no such thing\n", code=3), "zrtr": Reply(kind="unreachable")})


def fields(page: str) -> list[tuple[str, str]]:
    """The hidden fields of the form that begins an operation."""
    form = page.partition('action="/do"')[2].partition("</form>")[0]
    return re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)


def post(browser: TestClient, page: str, **more: str) -> tuple[int, str]:
    """Send the form of a page; return the code, and where it leads or what it says."""
    pairs = [*fields(page), *more.items()]
    body = "&".join(f"{name}={value}" for name, value in pairs)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = browser.post("/do", content=body, headers=kind)
    return answer.status_code, answer.headers.get("location", answer.text)


@pytest.fixture
def ran(service: Service) -> int:
    """The number of an operation that failed on one node."""
    fleet = Fleet(FLEET, environ=service.environ, hostname="elsewhere", engine=service.fleet().engine)
    done = fleet.select("crtr,drtr").run("uname")
    assert done.operation
    return done.operation.number


def ended(service: Service, number: int) -> None:
    """Wait for the end of an operation."""
    job = service.operations.job(number)
    assert job is not None
    assert job.over.wait(20)


def test_ticked_nodes_lead_to_a_plan_whose_address_has_no_token(client: Client) -> None:
    browser = client("operator")
    page = browser.get("/").text
    for form in re.findall(r"<form[^>]*method=\"get\".*?</form>", page, re.DOTALL):
        assert 'name="csrf"' not in form
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert token
    ticked = {"csrf": token[1], "do": "reboot", "node": ["prtr", "crtr"]}
    answer = browser.post("/plan", data=ticked)
    assert (answer.status_code, answer.headers["location"]) == (303, "/plan?do=reboot&node=prtr&node=crtr")


def test_a_plan_touches_no_node(client: Client, nodes: FakeNodes) -> None:
    page = client("operator").get("/plan?do=reboot&node=prtr&node=crtr").text
    assert not nodes.tasks
    assert page.index("node 1") < page.index("last")  # the gateway after the others
    assert "Type the number of nodes" in page
    assert ("node", "crtr") in fields(page)


@pytest.mark.parametrize("do", ["reboot", "shutdown"])
def test_a_plan_says_which_nodes_may_be_skipped(client: Client, do: str) -> None:
    page = client("operator").get(f"/plan?do={do}&node=crtr&node=zrtr").text
    skipped, _, after = page.partition("skipped if it does not answer (expected down), else shutdown -")
    assert "zrtr" in skipped.rpartition("<h3")[2]
    assert "skipped if" not in after


def test_what_failed_is_run_again_by_whoever_is_signed_in(client: Client, service: Service, ran: int) -> None:
    browser = client("operator")
    page = browser.get(f"/plan?do=rerun&operation={ran}&which=not-ok").text
    assert "<pre" in page
    assert ("node", "drtr") in fields(page)
    assert ("node", "crtr") not in fields(page)
    code, where = post(browser, page)
    assert code == 303
    number = int(where.rpartition("/")[2])
    ended(service, number)
    record = service.fleet().operation(number)
    assert (record.user, record.origin) == ("the operator", "127.0.0.1")
    assert [node.node for node in record.nodes] == ["drtr"]
    shown = browser.get(where).text
    assert "no such thing" in shown
    assert "exit code 3" in shown


def test_what_is_dangerous_needs_the_number_of_nodes(client: Client, nodes: FakeNodes) -> None:
    browser = client("operator")
    page = browser.get("/plan?do=shutdown&node=prtr&node=drtr&node=trtr").text
    for count in ("", "2", "33", "x"):
        code, said = post(browser, page, count=count)
        assert code == 409
        assert "not confirmed" in said
    assert not nodes.tasks
    code, where = post(browser, page, count="3")
    assert code == 303
    assert where.startswith("/operations/")


def test_nodes_that_are_gone_are_refused(client: Client, nodes: FakeNodes) -> None:
    browser = client("operator")
    answer = browser.get("/plan?do=reboot&node=crtr&node=nobody")
    assert answer.status_code == 400
    assert "nobody" in answer.text
    assert browser.get("/plan?do=reboot").status_code == 400
    assert browser.get("/plan?do=nothing&node=crtr").status_code == 404
    assert not nodes.tasks


def test_a_look_at_nodes_ends_with_the_page(service: Service) -> None:
    with service.operations.looking() as cancellation:
        assert service.stop() == []
        assert cancellation.reason == "the page is being stopped"
    with pytest.raises(Refused, match="being stopped"), service.operations.looking():
        pass


def test_a_node_is_pinged_and_asked(client: Client, service: Service) -> None:
    browser = client("operator")
    page = browser.get("/nodes/crtr").text
    code, where = post(browser, page, do="status")
    assert (code, where) == (303, "/nodes/crtr")
    end = time.monotonic() + 60
    while not service.watch.seen().get("crtr") and time.monotonic() < end:
        time.sleep(0.05)
    assert service.watch.seen()["crtr"].status is not None


def test_every_action_has_a_button_and_says_what_it_is(client: Client) -> None:
    page = client("operator").get("/").text
    for action in on_nodes():
        assert f'value="{action.name}"' in page
    assert set(ACTIONS) == {one.name for one in ACTIONS.values()}
    assert 'action="/do"' not in client("viewer").get("/").text
    assert "formaction" not in client("viewer").get("/").text


def test_an_operation_can_be_stopped(client: Client, service: Service, nodes: FakeNodes) -> None:
    nodes._answers = {node: Reply(seconds=30) for node in ("crtr", "drtr")}
    from stentor.api.run import RunRequest, run_operation
    from stentor.web.caller import Caller

    job = service.operations.start(
        lambda fleet, terms, _: run_operation(fleet.select("crtr,drtr"), RunRequest("sleep 30"), terms),
        Caller("127.0.0.1", "ann", "operator"),
    )
    browser = client("operator")
    page = browser.get(f"/operations/{job.number}").text
    assert f'data-topic="operation/{job.number}"' in page
    token = re.search(r'name="csrf" value="(\w+)"', page)
    assert token
    assert browser.post(f"/operations/{job.number}/stop", data={"csrf": token[1]}).status_code == 303
    assert job.over.wait(20)
    assert {node.kind for node in service.fleet().operation(job.number).nodes} == {"cancelled"}
    # An open page is told so: the button to stop it goes, and those to run it again come.
    assert 'id="operation-again">\n</div>' in page.replace("\n\n", "\n")
    left = _patches(service, f"operation/{job.number}")
    assert left["operation-stop"] == '<div id="operation-stop"></div>'
    assert "Run again where it is not ok" in left["operation-again"]
    assert "operation-again" not in client("viewer").get(f"/operations/{job.number}").text
    assert browser.post(f"/operations/{job.number}/stop", data={"csrf": token[1]}).status_code == 409
