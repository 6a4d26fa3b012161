"""Dotfiles applied from a page: the plan with its differences, the rollout, and what the journal says."""

from __future__ import annotations

import re
import time

import pytest
from starlette.testclient import TestClient

from stentor.api.fleet import Fleet
from stentor.web.app import make_app
from stentor.web.service import Service
from stentor.web.settings import Settings
from stentor.web.store import Grant
from tests.integration.dotfiles.conftest import FIRST, Dotfiles

pytestmark = pytest.mark.integration

NODES = ("crtr", "drtr")


def fields(page: str) -> dict[str, list[str]]:
    """The hidden fields of the form that begins an operation."""
    form = page.partition('action="/do"')[2].partition("</form>")[0]
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form):
        found.setdefault(name, []).append(value)
    return found


def test_a_planned_change_is_applied_as_it_was_shown(dotfiles: Dotfiles) -> None:
    dotfiles.commit(FIRST)
    assert dotfiles("init", ",".join(NODES), "--yes").code == 0
    first = dotfiles.commit({"dot_zshrc": "export GOOD=2\n"})
    policy = f"dotfiles: {{source: '{dotfiles.clone}', via: push, login: 5s}}\n"
    (dotfiles.lab.fleet_dir / "policy.yaml").write_text(policy)
    fleet = Fleet.open(str(dotfiles.lab.fleet_dir), environ=dotfiles.environ)
    service = Service(fleet, Settings())
    app = make_app(service, working=False)
    with TestClient(
        app, base_url="http://127.0.0.1", client=("127.0.0.1", 1), follow_redirects=False
    ) as browser:
        secret = service.gate.sessions.add(Grant("ann", "operator", time.time() + 600)).secret
        browser.cookies.set("stentor", secret)
        answer = browser.get("/plan?do=dotfiles&node=crtr&node=drtr")
        assert answer.status_code == 200, answer.text
        page = answer.text
        assert "+export GOOD=2" in page
        assert ">canary<" in page
        assert fields(page)["rev"] == [first]
        assert (dotfiles.lab.home("drtr") / ".zshrc").read_text() == "export GOOD=1\n"
        # What is committed after the plan is not rolled out by it.
        dotfiles.commit({"dot_zshrc": "export GOOD=3\n"})
        began = browser.post("/do", data=fields(page))
        assert began.status_code == 303, began.text
        number = int(began.headers["location"].rpartition("/")[2])
        job = service.operations.job(number)
        assert job is not None
        assert job.over.wait(100)
        shown = browser.get(f"/operations/{number}").text
    assert "2 ok" in shown
    assert "canary" in shown
    for alias in NODES:
        assert (dotfiles.lab.home(alias) / ".zshrc").read_text() == "export GOOD=2\n"
    record = service.fleet().operation(number)
    assert (record.kind, record.user, record.state) == ("dotfiles apply", "ann", "done")
