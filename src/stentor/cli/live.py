"""Sets of nodes which depend on when one asks: ``@failed``, ``@failed:17``, ``@up``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from stentor.cli.context import Context

if TYPE_CHECKING:
    from stentor.api import Fleet
    from stentor.fleet.model import Node

_OF_THE_JOURNAL = ("ok", "failed", "unreachable", "missing", "last")


def live_sets(fleet: Fleet, context: Context) -> Callable[[str], Iterable[str] | None]:
    """Return what looks up a live set: of the last operation here, of operation ID, or by a quick ping."""

    def look_up(text: str) -> Iterable[str] | None:
        name, colon, reference = text.partition(":")
        if name in ("up", "down") and not colon:
            return _by_ping(fleet, up=name == "up")
        if name not in _OF_THE_JOURNAL:
            return None
        return _by_journal(fleet, context, name, f"@last{reference}" if reference[:1] == "~" else reference)

    return look_up


def _by_journal(fleet: Fleet, context: Context, name: str, reference: str) -> Iterable[str]:
    from stentor import journal
    from stentor.fanout.outcome import NOT_REACHED
    from stentor.journal.operation import members
    from stentor.journal.query import find

    book = journal.open(context.environ)
    record = find(book, reference or "@last", fleet=fleet.data.root)
    book.close()
    if name == "last":
        return tuple(node.node for node in record.nodes)
    return members(record, name, NOT_REACHED)


def _by_ping(fleet: Fleet, *, up: bool) -> Iterable[str]:
    nodes = tuple(fleet.data.nodes.values())
    answering = set(up_among(fleet, nodes))
    return [node.alias for node in nodes if (node.alias in answering) is up]


def up_among(fleet: Fleet, nodes: tuple[Node, ...]) -> list[str]:
    """Return those of these nodes whose sshd answers at once, in the order in which they do."""
    from stentor.probe.ping import ping
    from stentor.probe.places import places

    where = places(fleet.data, nodes, environ=fleet.environ)
    found = ping(nodes, where, connect_timeout=1.0, local=fleet.local)
    return [one.outcome.node for one in found if one.rung == "up"]
