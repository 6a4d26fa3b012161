"""Examine nodes, fix what can be fixed safely, and undo it: what is behind ``stentor doctor``."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from stentor.api.operations import TERMS, Terms, operation, terms_of
from stentor.errors import UsageError
from stentor.fanout.task import Settings
from stentor.operation.request import Request
from stentor.probe.fixing import FixChange, RestoreChange
from stentor.probe.rounds import Limits, rounds

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.fanout.context import Ask
    from stentor.fanout.events import Event, Progress
    from stentor.fanout.task import Task
    from stentor.operation.operation import Operation
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.fixes import Offer
    from stentor.probe.fixing import FixResult

FIX_SECONDS = 20.0  # for one fix, or for one node to restore
_SNAPSHOT = re.compile(r"\d{8}-\d{6}-[0-9a-f]{6}")


def examine(
    selection: BaseSelection,
    *,
    connect_timeout: float = 5.0,
    shell_timeout: int = 8,
    trace: bool = False,
    ask: Ask | None = None,
) -> Iterator[Diagnosis | Progress]:
    """Examine nodes and yield each one's diagnosis as soon as it is known; nothing is changed.

    Args:
        connect_timeout: until a silent node is given up, seconds.
        shell_timeout: until a shell that does not come up is said to hang, seconds.
        trace: follow every shell through its start-up files.
        ask: lets a person answer ssh's questions.
    """
    fleet = selection.fleet

    def fan_out(tasks: Sequence[Task], settings: Settings) -> Iterator[Event]:
        return selection.fan_out(tasks, settings, ask=ask)

    return rounds(
        fleet.data,
        selection.nodes,
        fan_out,
        environ=fleet.environ,
        local=fleet.local,
        limits=Limits(connect_timeout, shell_timeout),
        trace=trace,
        by_ssh=fleet.engine is None,
    )


def always(_: Offer) -> bool:
    """Want every fix."""
    return True


def fix_operation(
    fleet: BaseFleet,
    offers: Sequence[Offer],
    terms: Terms = TERMS,
    *,
    wanted: Callable[[Offer], bool] = always,
) -> Operation:
    """Return the operation that does safe fixes; ``change.results`` says what came of each.

    Args:
        offers: from :func:`stentor.probe.fixing.offers`.
        wanted: asked before each fix, while the nodes are locked.
    """
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    snapshot = f"{stamp}-{os.urandom(3).hex()}"
    aliases = tuple(dict.fromkeys(offer.node for offer in offers if not offer.blocker))
    change = FixChange(offers, snapshot, wanted)
    request = Request(
        "doctor",
        change.title,
        ",".join(aliases),
        aliases,
        {"snapshot": snapshot},
        lock=True,
        rest=lambda nodes, _: f"stentor doctor {','.join(nodes)} --fix",
    )
    return operation(fleet, request, change, _limited(terms))


def undo_operation(
    fleet: BaseFleet, reference: str, terms: Terms = TERMS, *, selector: str | None = None
) -> Operation:
    """Return the operation that puts back what ``doctor --fix`` changed; ``change.answers`` says what.

    Args:
        reference: the number of the operation, or the name of its snapshots.
        selector: only these of its nodes.

    Raises:
        UsageError: there is no such operation, or it is no ``doctor --fix``.
    """
    called, snapshot, took_part = _snapshot_of(fleet, reference)
    aliases = tuple(
        node.alias for node in fleet.nodes(selector or "@all") if not took_part or node.alias in took_part
    )
    if not aliases:
        raise UsageError(
            f"none of {selector or 'the fleet'} took part in it", hint=f"its nodes: {','.join(took_part)}"
        )
    change = RestoreChange(snapshot, called)
    request = Request(
        "doctor",
        change.title,
        ",".join(aliases),
        aliases,
        lock=True,
        rest=lambda nodes, _: f"{change.title} {','.join(nodes)}",
    )
    return operation(fleet, request, change, _limited(terms))


def undo_command(done: Operation) -> str:
    """Return the command line that undoes an operation of :func:`fix_operation`."""
    return f"stentor doctor --undo {done.number or done.request.options['snapshot']}"


def _limited(terms: Terms) -> Terms:
    return terms._replace(settings=terms.settings._replace(timeout=terms.settings.timeout or FIX_SECONDS))


def _snapshot_of(fleet: BaseFleet, reference: str) -> tuple[str, str, tuple[str, ...]]:
    """Return an operation's number, its snapshots and its nodes; no nodes where a snapshot was named."""
    from stentor import journal
    from stentor.journal.query import find

    if _SNAPSHOT.fullmatch(reference):
        return reference, reference, ()
    with journal.read(fleet.environ) as book:
        record = find(book, reference, fleet.data.root)
    snapshot = record.options.get("snapshot")
    if record.kind != "doctor" or not isinstance(snapshot, str):
        raise UsageError(
            f"operation {record.id} is no 'stentor doctor --fix'",
            hint="stentor history --kind doctor shows which there are",
        )
    return str(record.id), snapshot, tuple(node.node for node in record.nodes)


def fix(selection: BaseSelection, diagnoses: Iterable[Diagnosis], **terms: Any) -> tuple[FixResult, ...]:
    """Do every safe fix that diagnoses ask for; see ``Selection.fix``."""
    from stentor.api.results import results
    from stentor.probe.fixing import offers

    aliases = {node.alias for node in selection.nodes}
    wanted = [offer for offer in offers(diagnoses) if offer.node in aliases and not offer.blocker]
    if not wanted:
        return ()
    made = fix_operation(selection.fleet, wanted, terms_of(**terms))
    results(made)
    return tuple(cast("FixChange", made.change).results)
