"""What a shell completes of the fleet: groups, nodes and services, each with what it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.errors import StentorError
from stentor.fleet.load import find_and_check, load
from stentor.fleet.select import groups
from stentor.fleet.stored import Nodes


def fleet_words(fleet_dir: str | None, environ: Mapping[str, str], cwd: str, kind: str = "nodes") -> str:
    """Return what can be named, one a line, each with a tab and a description; nothing without a fleet.

    Args:
        fleet_dir: what ``--fleet`` says.
        kind: ``nodes`` (with their groups), ``services``, or ``names`` for both.
    """
    try:
        services = [] if kind == "nodes" else _services(fleet_dir, environ, cwd)
        if kind == "services":
            return "".join(services)
        fleet = load(fleet_dir, environ=environ, cwd=cwd)
    except StentorError:
        return ""  # a keystroke is not the moment to complain
    nodes = fleet.nodes
    described: Iterable[tuple[str, str, str]] = (
        nodes.described()
        if isinstance(nodes, Nodes)
        else ((node.alias, node.name, node.role or "") for node in nodes.values())
    )
    lines = services + [f"@{name}\t{len(members)} nodes\n" for name, members in groups(fleet).items()]
    lines += [f"{alias}\t{name} {role}".rstrip() + "\n" for alias, name, role in described]
    return "".join(lines)


def _services(fleet_dir: str | None, environ: Mapping[str, str], cwd: str) -> list[str]:
    found = find_and_check(fleet_dir, environ=environ, cwd=cwd)[1].services
    return [f"{name}\tservice\n" for name in found.services] if found else []
