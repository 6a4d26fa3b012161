"""Many node names in few words."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

WORTH_A_GROUP = 3  # two names say more than the name of a group
_DIGITS = re.compile(r"\d+")


def fold(nodes: Sequence[str], groups: Mapping[str, Sequence[str]] | None = None) -> str:
    """Write a set of nodes as short as it can be read: ``@core``, ``node[1-40]``, ``crtr,prtr``.

    The result is a selector again.

    Args:
        nodes: aliases, without duplicates.
        groups: group name to aliases; a set that is exactly a group of three or more is called by
            its name. ``all`` is taken last, since the others say more.
    """
    if groups and len(nodes) >= WORTH_A_GROUP:
        wanted = frozenset(nodes)
        for name in sorted(groups, key=lambda name: name == "all"):
            members = groups[name]
            if len(members) == len(wanted) and wanted.issuperset(members):
                return f"@{name}"
    if numbered(nodes):
        return _ranges(nodes)
    return ",".join(nodes)


def numbered(nodes: Sequence[str]) -> bool:
    """Whether ranges would shorten these names: three or more, some of which differ in a number only."""
    if len(nodes) < WORTH_A_GROUP:
        return False
    shapes = {_DIGITS.sub("0", node) for node in nodes}
    return len(shapes) < len(nodes)


def _ranges(nodes: Sequence[str]) -> str:
    # Imported here: ClusterShell costs more than all else that `stentor run` loads.
    from ClusterShell.NodeSet import NodeSet, NodeSetException
    from ClusterShell.NodeUtils import GroupResolver

    try:
        return str(NodeSet.fromlist(nodes, resolver=GroupResolver()))
    except NodeSetException:
        return ",".join(nodes)


def brief(nodes: Sequence[str], width: int, groups: Mapping[str, Sequence[str]] | None = None) -> str:
    """Like :func:`fold`, but at most ``width`` columns: the first names, and how many more there are."""
    text = fold(nodes, groups)
    if len(text) <= width:
        return text
    shown: list[str] = []
    used = 0
    for node in nodes:
        more = f" and {len(nodes) - len(shown)} more"
        if shown and used + len(node) + len(more) > width:
            break
        shown.append(node)
        used += len(node) + 1
    rest = len(nodes) - len(shown)
    return ",".join(shown) + (f" and {rest} more" if rest else "")
