"""``/api``: the shapes of ``--json``, as the OpenAPI document says; and ``/metrics``."""

from __future__ import annotations

import json
import time

import pytest

from stentor.api.fleet import Fleet
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.probe.facts import Disk, Facts
from stentor.probe.ping import Ping
from stentor.probe.status import Status
from stentor.render import json_schema
from stentor.testing import FakeNodes, Reply
from stentor.web.api import PATHS
from stentor.web.metrics import metrics
from stentor.web.service import Service
from stentor.web.watch import Seen
from tests.practice import FLEET
from tests.unit.web.conftest import Client


@pytest.fixture
def ran(service: Service, nodes: FakeNodes) -> int:
    """The number of an operation."""
    nodes._answers = {"drtr": Reply(b"out \xff\n", b"err\n", code=3)}
    fleet = Fleet(FLEET, environ=service.environ, hostname="elsewhere", engine=nodes)
    done = fleet.select("crtr,drtr").run("uname")
    service.watch.ping_seen(Ping(Outcome("crtr", "ok"), "up"), time.time())
    assert done.operation
    return done.operation.number


@pytest.mark.parametrize("path", [path.path for path in PATHS])
def test_every_answer_is_of_the_records_of_json(client: Client, ran: int, path: str) -> None:
    answer = client("viewer").get(path.replace("{number}", str(ran)))
    assert answer.status_code == 200
    records = [json_schema.decode(json.dumps(record)) for record in answer.json()]
    named = next(one.records for one in PATHS if one.path == path)
    assert {type(record) for record in records} <= {*named}
    assert type(records[0]) is named[0]


def test_document_names_every_path_and_no_other(client: Client) -> None:
    document = client("viewer").get("/api/openapi.json").json()
    assert {*document["paths"]} == {path.path for path in PATHS} | {"/api/do/{action}"}
    text = json.dumps(document)
    for part in set(text.split('"$ref": "#/components/schemas/')[1:]):
        assert part.partition('"')[0] in document["components"]["schemas"]


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/api/nodes?q=nobody", 400),
        ("/api/nodes?q=@@", 400),
        ("/api/operations?limit=0", 400),
        ("/api/operations?limit=x", 400),
        ("/api/operations?limit=00000000199999999999999999999", 400),
        ("/api/operations?outcome=faild", 400),
        ("/api/operations/x", 404),
        ("/api/operations/99999", 404),
        ("/api/nothing", 404),
    ],
)
def test_a_question_that_makes_no_sense_is_answered_in_json(client: Client, path: str, code: int) -> None:
    answer = client("viewer").get(path)
    assert answer.status_code == code
    assert answer.json()["error"]


def test_nobody_is_answered_in_json_too(client: Client) -> None:
    answer = client().get("/api/nodes")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "stentor serve login" in answer.json()["error"]


@pytest.mark.parametrize("body", ["", "[]", "{", '{"nodez": []}', '{"nodes": "crtr"}', '{"nodes": [1]}'])
def test_a_body_that_is_no_request_is_refused(client: Client, body: str, nodes: FakeNodes) -> None:
    browser = client("operator")
    token = {"X-CSRF-Token": browser.get("/operations").text.partition('name="csrf" value="')[2][:64]}
    assert browser.post("/api/do/reboot", content=body, headers=token).status_code == 400
    nothing = browser.post("/api/do/nothing", content="{}", headers=token)
    assert (nothing.status_code, "no action 'nothing'; one of" in nothing.text) == (404, True)
    assert browser.post("/api/do/reboot", content='{"nodes": ["crtr"]}').status_code == 403
    assert not nodes.tasks


def test_a_program_runs_an_operation_again(client: Client, service: Service, ran: int) -> None:
    browser = client("operator")
    token = {"X-CSRF-Token": browser.get("/operations").text.partition('name="csrf" value="')[2][:64]}
    asked = {"operation": ran, "which": "failed"}
    answer = browser.post("/api/do/rerun", content=json.dumps(asked), headers=token)
    assert answer.status_code == 202
    ((record),) = answer.json()
    assert record["type"] == "began"
    job = service.operations.job(record["operation"])
    assert job is not None
    assert job.over.wait(20)


def test_metrics_say_what_was_seen_and_how_long_ago() -> None:
    disk = Disk('/srv/"a\\b"\n', 1, 2, 50)
    facts = Facts(load=1.0, cores=2, memory_used=1, memory_total=4, root=disk, complete=True)
    seen = Seen(status=Status(Outcome("crtr", "ok"), facts), asked=1700000000.5)
    down = Seen(ping=Ping(Outcome("zrtr", "skipped"), "unreachable"), pinged=1700000001.0)
    nodes = [
        (Node("crtr", "", role="gateway"), seen),
        (Node("zrtr", "", state="down"), down),
        (Node("new", ""), Seen()),
    ]
    text = metrics(nodes, running=1, pages=2)
    assert 'stentor_node_up{node="crtr",role="gateway"} 1\n' in text
    assert 'stentor_node_up{node="zrtr"} 0\n' in text
    assert 'stentor_node_up{node="new"}' not in text
    assert 'stentor_node_expected_up{node="zrtr"} 0\n' in text
    assert 'stentor_node_seen_timestamp_seconds{node="crtr",role="gateway"} 1700000000.5\n' in text
    assert 'mount="/srv/\\"a\\\\b\\"\\n"} 0.5\n' in text
    assert "stentor_node_load_per_core" in text
    assert text.count("# TYPE stentor_node_up gauge") == 1
