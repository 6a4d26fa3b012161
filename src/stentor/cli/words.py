"""What a shell completes of the fleet: groups and nodes, each with what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.errors import StentorError
from stentor.fleet.load import load
from stentor.fleet.select import groups
from stentor.fleet.stored import Nodes


def fleet_words(fleet_dir: str | None, environ: Mapping[str, str], cwd: str) -> str:
    """Return groups and nodes, one a line, each with a tab and a description; nothing without a fleet.

    Args:
        fleet_dir: what ``--fleet`` says.
    """
    try:
        fleet = load(fleet_dir, environ=environ, cwd=cwd)
    except StentorError:
        return ""  # a keystroke is not the moment to complain
    nodes = fleet.nodes
    described: Iterable[tuple[str, str, str]] = (
        nodes.described()
        if isinstance(nodes, Nodes)
        else ((node.alias, node.name, node.role or "") for node in nodes.values())
    )
    lines = [f"@{name}\t{len(members)} nodes\n" for name, members in groups(fleet).items()]
    lines += [f"{alias}\t{name} {role}".rstrip() + "\n" for alias, name, role in described]
    return "".join(lines)
