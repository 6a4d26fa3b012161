"""Remove what stentor keeps on nodes and here: behind ``stentor uninstall``."""

from __future__ import annotations

from stentor.api.operations import TERMS, Terms, operation, request_of
from stentor.errors import Refused
from stentor.fanout.collect import collect
from stentor.outcome import not_seen
from stentor.removal.here import Place, places, refuse_running, remove, remove_empty, unserved
from stentor.removal.nodes import NodeKeeps, UninstallChange, read, task
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from stentor.api.base import BaseSelection
    from stentor.operation.operation import Operation

_SECONDS = 60.0


def kept(selection: BaseSelection, terms: Terms = TERMS) -> dict[str, NodeKeeps]:
    """Ask every node what stentor keeps there; touch nothing."""
    settings = terms.settings._replace(timeout=_SECONDS)
    found = {
        result.node: read(result)
        for result in collect(selection.fan_out([task(node, "look") for node in selection.nodes], settings))
    }
    return {n.alias: found.get(n.alias) or NodeKeeps(not_seen(n.alias)) for n in selection.nodes}


def uninstall_operation(
    selection: BaseSelection, seen: Mapping[str, NodeKeeps], terms: Terms = TERMS
) -> Operation:
    """Return the operation that removes it; each node is read back.

    Args:
        seen: what :func:`kept` has found.

    Raises:
        Refused: on a node nothing may be removed now.
    """
    blocked = [f"{node}: {one.blocker}" for node, one in seen.items() if one.blocker]
    if blocked:
        first = next(one for one in seen.values() if one.blocker)
        more = f" (and {len(blocked) - 1} more nodes)" if len(blocked) > 1 else ""
        raise Refused(blocked[0] + more, hint=first.next_step)
    terms = terms._replace(settings=terms.settings._replace(timeout=_SECONDS))
    change = UninstallChange(seen)
    # The node's own program takes the lock: what it removes holds that lock, too.
    request = request_of(selection, change.name, change.title)
    known = [one.outcome for one in seen.values() if not one.outcome.ok]
    return operation(selection.fleet, request, change, terms, known=known)


__all__ = [
    "Place",
    "kept",
    "places",
    "refuse_running",
    "remove",
    "remove_empty",
    "uninstall_operation",
    "unserved",
]
