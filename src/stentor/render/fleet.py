"""The fleet for people: its nodes and groups, its faults, its warm connections, and who a run would reach."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from stentor.render.style import printable
from stentor.render.table import Cell, Column, columns
from stentor.sizes import shown

if TYPE_CHECKING:
    from stentor.fleet.document import Fault
    from stentor.fleet.model import Node
    from stentor.lab.lab import NodeStatus
    from stentor.probe.advice import Advice
    from stentor.render.screen import Screen
    from stentor.ssh.listing import Master

_STATES = {"down": "quiet", "retired": "quiet", "migrating": "warning"}


def show_nodes(
    screen: Screen, nodes: Iterable[Node], groups: Mapping[str, Sequence[str]], local: str | None
) -> None:
    """Print the table of nodes.

    Args:
        groups: of each node, by alias.
        local: this machine's alias.
    """
    titles = columns("NODE NAME ADDRESS USER ROLE ARCH PHASE STATE GROUPS", NAME=8, ADDRESS=15, GROUPS=8)
    rows: list[list[str | Cell]] = [
        [
            node.alias + (" (here)" if node.alias == local else ""),
            node.name if node.name != node.alias else "",
            ", ".join(node.addresses) + (f" port {node.port}" if node.port else ""),
            node.user or "",
            node.role or "",
            node.arch or "",
            "" if node.phase is None else str(node.phase),
            Cell(node.state, _STATES.get(node.state, "")),
            ",".join(groups[node.alias]),
        ]
        for node in nodes
    ]
    screen.table(titles, rows)


def show_groups(screen: Screen, groups: Iterable[tuple[str, int, str]]) -> None:
    """Print the table of groups: name, number of nodes, who they are."""
    titles = columns("GROUP NODES WHO", right="NODES", WHO=8)
    screen.table(titles, [[f"@{name}", str(count), who] for name, count, who in groups])


def show_node(screen: Screen, values: Mapping[str, Any], origins: Mapping[str, str]) -> None:
    """Print one node: each value, and where it came from.

    Args:
        values: by the names of the file's keys.
        origins: where each stands.
    """
    rows: list[list[str | Cell]] = []
    for field, value in values.items():
        if value is False or value in (None, [], {}):
            continue
        place = origins.get(field) or ("its name" if field == "alias" else "")
        shown = ", ".join(value) if isinstance(value, list) else _plain(value)
        rows.append([field, printable(shown), Cell(place or "default", "quiet")])
    screen.table(columns("FIELD VALUE FROM"), rows)


def show_effective(screen: Screen, effective: Mapping[str, tuple[str, str]]) -> None:
    """Print what ssh will use, each option with its value and whose word it is."""
    screen.print("\n" + screen.painted("as ssh will reach it", "heading"))
    rows: list[list[str | Cell]] = [
        [key, printable(value), Cell(origin, "quiet")] for key, (value, origin) in effective.items()
    ]
    screen.table(columns("FIELD VALUE FROM"), rows, header=False)


def _plain(value: object) -> str:
    if isinstance(value, (dict, list)):
        import json

        return json.dumps(value, ensure_ascii=False)
    return str(value)


def show_faults(screen: Screen, faults: Iterable[Fault]) -> None:
    """Print each fault with its place and hint."""
    for fault in faults:
        _print_with_place(screen, fault.where, fault.what)
        if fault.hint:
            screen.print(screen.painted(f"    {fault.hint}", "quiet"))


def show_advice(screen: Screen, told: Iterable[Advice]) -> None:
    """Print what is no fault and should be known."""
    for one in told:
        _print_with_place(screen, one.node or "ssh_config", printable(one.what))
        screen.print(screen.painted(f"    {printable(one.hint)}", "quiet"))


def _print_with_place(screen: Screen, place: str, what: str) -> None:
    """Print a sentence behind its place, broken between words. A hint may be a command, and is not."""
    from stentor.render.wrap import message

    text = f"{place}: {what}"
    text = message(text, screen.columns or len(text))
    screen.print(screen.painted(place, "strong") + text[len(place) :] if text.startswith(place) else text)


def say_not_converted(screen: Screen, lines: Iterable[str]) -> None:
    """Say what of another tool's file has no place in a fleet file."""
    for line in lines:
        screen.say(f"not converted: {printable(line)}")


def show_masters(screen: Screen, masters: Iterable[Master]) -> None:
    """Print the table of warm connections; its last line is the sum."""
    masters = list(masters)
    rows: list[list[str | Cell]] = [
        [
            master.alias or "?",
            Cell(str(master.pid)) if master.pid else Cell("dead", "bad"),
            time.strftime("%Y-%m-%d %H:%M", time.localtime(master.since)),
            shown(master.memory) if master.memory else "",
            master.path,
        ]
        for master in masters
    ]
    total = sum(master.memory for master in masters)
    if total and len(masters) > 1:
        rows.append([f"{len(masters)} in all", "", "", shown(total), ""])
    path = Column("CONTROL PATH", shrink=True, least=20)
    screen.table([*columns("NODE PID SINCE MEMORY", right="MEMORY"), path], rows)


def show_targets(screen: Screen, nodes: Iterable[Node], how: Mapping[str, str]) -> None:
    """Print the table of nodes that would be reached, and how."""
    rows: list[list[str | Cell]] = [
        [node.alias, how[node.alias], Cell("" if node.state == "up" else f"expected {node.state}", "quiet")]
        for node in nodes
    ]
    screen.table(columns("NODE HOW STATE", text="HOW"), rows)


def show_lab(screen: Screen, rows: Iterable[NodeStatus]) -> None:
    """Print the table of practice nodes."""
    shown = []
    for row in rows:
        faults = " ".join(fault for fault in row.faults if fault != row.state)
        shown.append([row.alias, row.state, f"{row.address}:{row.port}", str(row.processes), faults])
    screen.table(columns("NODE STATE ADDRESS PROCESSES FAULTS"), shown)
