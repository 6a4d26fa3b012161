"""Which operation and which of its nodes are run again: behind ``stentor rerun`` and ``Fleet.rerun``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor.api.history import REPEATS, again, by_hand, past_operation, past_operations
from stentor.errors import Refused
from stentor.journal.operation import LOOKING, Record, members
from stentor.journal.query import Filter

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.api.operations import Terms
    from stentor.api.results import Results

REPEATED = ("run", "playbook", "ansible")
"""The stentor commands that can be run again."""

SETS = ("failed", "unreachable", "unfinished", "not-ok", "ok")
RERUN_OF = "rerun_of"  # the option by which an operation says which one it repeats
_SEARCHED = 200  # operations, the latest


class Choice(NamedTuple):
    """What is run again."""

    record: Record | None  # the operation; None where no operation has such nodes
    nodes: tuple[str, ...] = ()  # aliases of the nodes
    since: Mapping[str, int] = {}  # node to the operation in which it succeeded since; these are left out
    # Kind of outcome to the nodes that are not ok either and are left out.
    left_out: Mapping[str, tuple[str, ...]] = {}


def nodes_of(record: Record, sets: Sequence[str]) -> tuple[str, ...]:
    """Return the nodes of an operation that are in these sets of :data:`SETS`, in order; all for none."""
    if not sets:
        return tuple(node.node for node in record.nodes)
    wanted: set[str] = set()
    for name in sets:
        if name == "unfinished":
            wanted |= {node.node for node in record.nodes if node.kind in ("", "cancelled")}
        elif name == "not-ok":
            wanted |= {node.node for node in record.nodes if node.kind != "ok"}
        else:
            wanted |= {*members(record, name)}
    return tuple(node.node for node in record.nodes if node.node in wanted)


def first_of(record: Record) -> int:
    """Return the number of the operation that this one repeats, its own if it repeats none."""
    return int(record.options.get(RERUN_OF, record.id))


def choose(record: Record, sets: Sequence[str], later: Iterable[Record]) -> Choice:
    """Choose nodes of an operation.

    Args:
        sets: of :data:`SETS`; none for all nodes.
        later: operations after it. Where one of them repeats it, nodes that succeeded there are done.
    """
    wanted = nodes_of(record, sets)
    since: dict[str, int] = {}
    for other in later if sets and "ok" not in sets else ():
        if other.id > record.id and first_of(other) == first_of(record):
            since |= {
                node.node: other.id for node in other.nodes if node.kind == "ok" and node.node in wanted
            }
    left_out: dict[str, tuple[str, ...]] = {}
    for node in record.nodes:
        if sets and node.node not in wanted and node.kind != "ok":
            kind = node.kind or "result unknown"
            left_out[kind] = (*left_out.get(kind, ()), node.node)
    return Choice(record, tuple(node for node in wanted if node not in since), since, left_out)


def chosen(environ: Mapping[str, str], reference: str | int, sets: Sequence[str], root: str | None) -> Choice:
    """Look up what is run again.

    Args:
        environ: the environment, for the journal's place.
        reference: a number, ``@last~1``; or ``@last``: the last run, with ``sets`` the last operation that
            has such nodes.
        sets: of :data:`SETS`; none for all nodes.
        root: the fleet directory at hand; None where there is no fleet.

    Raises:
        UsageError: there is no such operation.
        Refused: it is no run, or goes on.
    """
    if sets and reference == "@last":
        record = _last_with(environ, sets, root)
        if record is None:
            return Choice(None)
    else:
        record = past_operation(environ, reference, root, kinds=REPEATED)
    if record.kind not in REPEATED:
        if reference != "@last":
            return Choice(record, nodes_of(record, sets))  # refused where it would be repeated
        which = " or ".join(sets)
        words = by_hand(record, nodes_of(record, sets))
        raise Refused(
            f"operation {record.id}, the last with {which} nodes, was 'stentor {record.kind}'; {REPEATS}",
            hint=f"for that one: {words}; an earlier run is named by its number: see 'stentor history'",
        )
    if sets and record.state == "running":
        raise Refused(f"operation {record.id} still runs", hint=f"stentor show {record.id}")
    wanted = Filter(fleet=record.fleet, kinds=(record.kind,), since=record.began)
    return choose(record, sets, past_operations(environ, wanted, _SEARCHED) if sets else ())


def _last_with(environ: Mapping[str, str], sets: Sequence[str], root: str | None) -> Record | None:
    wanted = Filter(fleet=root or "", outcome="" if "ok" in sets else "not-ok")
    for record in past_operations(environ, wanted, _SEARCHED):
        if record.kind not in LOOKING and record.state != "running" and nodes_of(record, sets):
            return record
    return None


def rerun(
    fleet: BaseFleet,
    reference: str | int,
    sets: Sequence[str] = (),
    *,
    stdin: bytes | str | None = None,
    **terms: Any,
) -> Results:
    """Run an operation again and return each node's result; see ``Fleet.rerun``."""
    from stentor.api.base import BaseSelection
    from stentor.api.operations import terms_of
    from stentor.api.results import Results, results
    from stentor.api.run import run_operation

    choice = chosen(fleet.environ, reference, sets, fleet.data.root)
    record = choice.record
    if record is None:
        return Results([])
    nodes = [alias for alias in choice.nodes if alias in fleet.data.nodes]
    if record.kind in ("playbook", "ansible"):
        return _rerun_playbook(fleet, record, nodes, terms_of(**terms))
    with again(fleet, record, nodes, terms_of(**terms), stdin=stdin) as run:
        _refuse_secrets(record, bool(run.env_secret) or run.sudo is not None)
        if not nodes:
            return Results([])
        selection = BaseSelection(fleet, tuple(fleet.data.nodes[alias] for alias in nodes))
        return results(run_operation(selection, run.wanted, run.terms))


def _refuse_secrets(record: Record, needed: bool) -> None:
    if needed:
        hint = f"stentor rerun {record.id} asks for them"
        raise Refused(f"operation {record.id} needs secrets, which are not kept", hint=hint)


def _rerun_playbook(fleet: BaseFleet, record: Record, nodes: Sequence[str], terms: Terms) -> Results:
    from stentor.api.base import BaseSelection
    from stentor.api.playbooks import again, looked_at, playbook_operation, prepare, rerun_terms
    from stentor.api.results import Results, results

    request, asked = again(record)
    _refuse_secrets(record, bool(asked))
    if not nodes:
        return Results([])
    selection = BaseSelection(fleet, tuple(fleet.data.nodes[alias] for alias in nodes))
    terms = rerun_terms(fleet, record, nodes, terms)
    return results(
        playbook_operation(looked_at(prepare(fleet, request, selection), terms), terms, repeats=record)
    )
