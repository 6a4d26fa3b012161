"""``/api``: the records of ``--json`` as arrays, with the header first, described by an OpenAPI document.

What a command line writes with ``--json`` and what is answered here are the same shapes (``docs/json.md``).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack

import msgspec
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from stentor.api.fleet import Fleet
from stentor.api.history import past_operation, past_operations, steps_of
from stentor.api.operations import Terms
from stentor.errors import UsageError
from stentor.fleet.model import Node
from stentor.journal.query import OUTCOMES, Filter
from stentor.operation.operation import Operation
from stentor.render import json_fleet, json_history, json_operation, ping, status
from stentor.render.doctor import doctor_record
from stentor.render.facts import facts_record
from stentor.render.history import record_of
from stentor.render.json_doctor import Doctor
from stentor.render.json_fields import Shape
from stentor.render.json_probe import Inventory, Ping, Status
from stentor.web.access import Call, operator, viewer
from stentor.web.actions import ACTIONS
from stentor.web.openapi import Answering, Parameter, openapi
from stentor.web.planning import Asked, typed
from stentor.web.service import Service
from stentor.web.watch import Seen

_MOST = 500


_SELECTOR = Parameter("q", "a selector; all nodes without one")
_HISTORY = (
    Parameter("limit", f"how many at most, to {_MOST}", number=True),
    Parameter("node", "only operations of this node"),
    Parameter("outcome", "only with such a node: failed, unreachable, not-ok, ..."),
)


class Do(msgspec.Struct, forbid_unknown_fields=True):
    """What ``POST /api/do/ACTION`` takes."""

    # Aliases; for ``rerun`` only these of the operation's, for services only these of theirs.
    nodes: tuple[str, ...] = ()
    rev: str = ""  # the exact revision of the dotfiles
    services: tuple[str, ...] = ()  # for ``deploy`` and ``restart``: names
    operation: int = 0  # for ``rerun``: the number
    which: str = ""  # for ``rerun``: failed, unreachable, unfinished, not-ok or ok
    count: int = 0  # the number of nodes, to confirm what is dangerous


def _words(call: Call) -> str:
    return call.query.get("q").strip() or "@all"


def _nodes(call: Call) -> tuple[Node, ...]:
    return call.service.fleet().nodes(_words(call))


def _header(call: Call, command: str) -> json_operation.Operation:
    nodes, now = [node.alias for node in _nodes(call)], time.time()
    return json_operation.Operation(command=command, selector=_words(call), nodes=nodes, started_at=now)


def _entry(node: Node, member: list[str]) -> json_fleet.NodeEntry:
    return json_fleet.NodeEntry.of(
        node,
        node=node.alias,
        address=list(node.addresses),
        groups=member,
        requires=list(node.requires),
        gateway=list(node.gateways),
        vars=dict(node.variables),
    )


def _fleet(call: Call) -> list[Shape]:
    fleet = call.service.fleet().data
    found: list[Shape] = []
    for node in _nodes(call):
        member = [name for name, nodes in fleet.groups.items() if node.alias in nodes]
        found.append(_entry(node, member))
    return [json_fleet.Nodes(fleet=fleet.root, selector=_words(call)), *found]


def _status(call: Call) -> list[Shape]:
    seen = call.service.watch.seen()
    call.service.watch.look_soon()
    known = [seen.get(node.alias, Seen()) for node in _nodes(call)]
    return [_header(call, "status"), *(status.record(one.status, one.asked) for one in known if one.status)]


def _ping(call: Call) -> list[Shape]:
    seen = call.service.watch.seen()
    known = [seen.get(node.alias, Seen()) for node in _nodes(call)]
    return [_header(call, "ping"), *(ping.record(one.ping, one.pinged) for one in known if one.ping)]


def _facts(call: Call) -> list[Shape]:
    found = call.service.fleet().select(_words(call)).facts(known=True)
    return [_header(call, "facts"), *(facts_record(one, time.time()) for one in found)]


def _doctor(call: Call) -> list[Shape]:
    found = call.service.examining.found()
    known = [found[node.alias] for node in _nodes(call) if node.alias in found]
    return [_header(call, "doctor"), *(doctor_record(one.diagnosis) for one in known)]


def _history(call: Call) -> list[Shape]:
    limit, node = call.query.get("limit", "20"), call.query.get("node")
    if not (limit.isascii() and limit.isdecimal() and len(limit) < 10 and 0 < int(limit) <= _MOST):
        raise UsageError(f"limit '{limit[:20]}' is no number from 1 to {_MOST}")
    outcome = call.query.get("outcome")
    if outcome not in ("", *OUTCOMES):
        raise UsageError(f"there is no outcome '{outcome[:20]}'", hint=f"one of {', '.join(OUTCOMES)}")
    wanted = Filter(fleet=call.service.fleet().data.root, nodes=(node,) if node else (), outcome=outcome)
    records = past_operations(call.service.environ, wanted, int(limit))
    return [json_history.History(), *(record_of(one, output=False) for one in records)]


def _operation(call: Call) -> list[Shape]:
    service = call.service
    try:
        record = past_operation(service.environ, call.path["number"], service.fleet().data.root)
    except UsageError as error:
        raise HTTPException(404, str(error)) from None
    steps = steps_of(service.environ, record.id)
    said = [json_operation.StepLine(node=node, text=text, at=at) for at, node, text in steps]
    return [json_history.Show(), record_of(record, output=True), *said]


def _of_nodes(
    name: str,
    what: str,
    record: type[Shape],
    answer: Callable[[Call], list[Shape]],
    header: type[Shape] = json_operation.Operation,
) -> Answering:
    return Answering(f"/api/{name}", what, (header, record), answer, (_SELECTOR,))


_ASKED = "How nodes fared when they were asked last; asks them again if that is long ago."
PATHS = (
    _of_nodes("nodes", "What the fleet says of nodes.", json_fleet.NodeEntry, _fleet, json_fleet.Nodes),
    _of_nodes("status", _ASKED, Status, _status),
    _of_nodes("ping", "How far nodes were reached last.", Ping, _ping),
    _of_nodes("facts", "What nodes last told of themselves.", Inventory, _facts),
    _of_nodes("doctor", "What the doctor found since the page is served.", Doctor, _doctor),
    Answering(
        "/api/operations",
        "The latest operations, the newest first.",
        (json_history.History, json_history.Record),
        _history,
        _HISTORY,
    ),
    Answering(
        "/api/operations/{number}",
        "One operation with every node's outcome and output.",
        (json_history.Show, json_history.Record, json_operation.StepLine),
        _operation,
    ),
)


def routes(service: Service) -> list[Route]:
    """Return the routes."""

    def read(path: Answering) -> Route:
        def endpoint(call: Call) -> Response:
            return _json(path.answer(call))

        return viewer(path.path, endpoint)

    def do(call: Call) -> Response:
        action = ACTIONS.get(call.path["action"])
        if action is None:
            return JSONResponse(
                {"error": f"there is no action '{call.path['action'][:30]}'; one of {', '.join(ACTIONS)}"},
                404,
            )
        try:
            said = msgspec.json.decode(call.body, type=Do)
        except msgspec.MsgspecError as error:
            raise UsageError(f"the body is wrong: {error}", hint="see /api/openapi.json") from None
        on = said.nodes if action.of == "services" else ()
        nodes = () if on else said.nodes
        asked = Asked(nodes, said.rev, str(said.operation or ""), said.which, said.services, on)

        def make(fleet: Fleet, terms: Terms, stack: ExitStack) -> Operation:
            return action.make(fleet, terms, stack, asked)

        job = service.operations.start(make, call.caller, typed(str(said.count or "")))
        return _json([json_operation.Began(job.number)], 202)

    def document(_: Call) -> Response:
        return Response(
            msgspec.json.encode(openapi(PATHS, Do, json_operation.Began, list(ACTIONS))),
            media_type="application/json",
        )

    made = [read(path) for path in PATHS]
    return [
        *made,
        operator("/api/do/{action}", do, methods=["POST"], asks_nodes=True),
        viewer("/api/openapi.json", document),
    ]


def _json(records: Sequence[Shape], code: int = 200) -> Response:
    try:
        body = msgspec.json.encode(list(records))
    except UnicodeEncodeError:  # a name that is no UTF-8
        from json import dumps

        body = dumps(msgspec.to_builtins(list(records)), ensure_ascii=False).encode("utf-8", "replace")
    return Response(body, code, media_type="application/json")
