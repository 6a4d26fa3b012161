"""Operations: the list, and one of them while it goes on and afterwards."""

from __future__ import annotations

import time
from typing import NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from stentor.api.history import past_operation, past_operations, steps_of
from stentor.errors import Refused, UsageError
from stentor.journal.operation import Record
from stentor.journal.query import Filter
from stentor.outcome import SEVERITY
from stentor.render.history import first_line, replay, tally
from stentor.web.access import Call, operator, viewer
from stentor.web.hub import Patches
from stentor.web.pages.names import folder_of
from stentor.web.progress import NodeProgress, Progress
from stentor.web.service import Service
from stentor.web.watch import OPERATIONS

_LISTED = 50
_ORDER = {"running": -3, "waiting": -2, "": -1}


class Line(NamedTuple):
    """An operation in the list."""

    record: Record  # of the journal
    what: str  # the command, in one line
    tally: str  # the nodes by outcome
    style: str  # the class that colours it


def line(record: Record) -> Line:
    """Return how an operation is listed."""
    if record.state == "running":
        style = "busy"
    elif record.state == "interrupted":
        style = "warning"
    else:
        style = "bad" if any(node.kind not in ("ok", "skipped", "") for node in record.nodes) else "good"
    return Line(record, first_line(record), tally(record), style)


class View(NamedTuple):
    """One operation as the page shows it."""

    record: Record  # of the journal
    line: Line  # how it is listed
    progress: Progress  # of its nodes
    nodes: list[NodeProgress]  # the same, worst first
    # What the journal has of the way; of one that goes on in this process what it says itself.
    steps: list[str]
    live: bool  # whether it goes on
    here: bool  # whether this process carries it out

    @property
    def not_ok(self) -> bool:
        """Whether any node is not ok."""
        return any(node.kind != "ok" for node in self.nodes)


def view(service: Service, number: int) -> View:
    """Return one operation.

    Raises:
        UsageError: there is none with this number.
        Refused: it belongs to another fleet.
    """
    try:
        record = past_operation(service.environ, number, service.fleet().data.root)
    except Refused as error:
        raise Refused(error.message, hint=f"at a terminal: stentor {error.hint} show {number}") from None
    job = service.operations.job(number)
    live = record.state == "running"
    if job is not None and job.progress is not None:
        progress, said = job.progress, job.progress.lines
    else:
        progress = Progress([node.node for node in record.nodes])
        for event in replay(record):
            progress.take(event)
        said = [f"{node}: {text}".removeprefix(": ") for _, node, text in steps_of(service.environ, number)]
        if record.state == "interrupted":
            said.append("stentor was killed before the end; 'stentor reap' ends what it left on nodes")
    nodes = sorted(progress.nodes, key=lambda node: _ORDER.get(node.kind, SEVERITY.get(node.kind, 99)))
    here = job is not None and not job.over.is_set()
    return View(record, line(record), progress, nodes, said, live, here)


def routes(service: Service) -> list[Route]:
    """Return the routes, and say how the pages are kept up to date."""
    pages = service.templates

    def listed(call: Call | None = None) -> list[Line]:
        node, outcome = (call.query.get("node"), call.query.get("outcome")) if call else ("", "")
        wanted = Filter(
            fleet=service.fleet().data.root, nodes=(node,) if node else (), outcome=_outcome(outcome)
        )
        return [line(record) for record in past_operations(service.environ, wanted, _LISTED)]

    def list_patches(_: str) -> Patches:
        made = {f"operation-{one.record.id}": pages.fill("operation_row.html", line=one) for one in listed()}
        made["operations-new"] = pages.fill("operations_new.html", lines=listed()[:1])
        return made

    def patches(number: str) -> Patches:
        shown = view(service, _number(number))
        made = {
            "operation-head": pages.fill("operation_head.html", view=shown, fold=folder_of(service)),
            "operation-waves": pages.fill("operation_waves.html", view=shown, fold=folder_of(service)),
            "operation-output": pages.fill("operation_output.html", view=shown, fold=folder_of(service)),
            "operation-steps": pages.fill("operation_steps.html", view=shown),
            # On the pages of operators alone; a viewer's has no such element.
            "operation-again": pages.fill("operation_again.html", view=shown),
        }
        if not shown.here:
            made["operation-stop"] = '<div id="operation-stop"></div>'
        made |= {f"at-{node.node}": pages.fill("operation_node.html", node=node) for node in shown.nodes}
        return made

    def show_list(call: Call) -> Response:
        return pages.render(
            call.request,
            "operations.html",
            call.caller,
            lines=listed(call),
            node=call.query.get("node"),
            outcome=_outcome(call.query.get("outcome")),
            nodes=[*service.fleet().data.nodes],
        )

    def show(call: Call) -> Response:
        try:
            shown = view(service, _number(call.path["number"]))
        except UsageError as error:
            raise HTTPException(404, str(error)) from None
        return pages.render(call.request, "operation.html", call.caller, view=shown, fold=folder_of(service))

    def stop(call: Call) -> Response:
        number = _number(call.path["number"])
        if not service.operations.stop(number, f"stopped by {call.caller.user}"):
            raise HTTPException(409, f"operation {number} is not under way here")
        time.sleep(0.2)  # so that the page shows what it led to, mostly
        return RedirectResponse(f"/operations/{number}", 303)

    service.rendered.add(OPERATIONS, list_patches)
    service.rendered.add("operation", patches)
    return [
        viewer("/operations", show_list),
        viewer("/operations/{number}", show),
        operator("/operations/{number}/stop", stop, methods=["POST"]),
    ]


def _outcome(word: str) -> str:
    return word if word in ("failed", "unreachable", "missing", "not-ok") else ""


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(404, "an operation has a number")
    return int(text)
