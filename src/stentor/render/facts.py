"""What ``stentor facts`` says, to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from stentor.api.facts import NodeFacts
    from stentor.render.json_fields import Shape
    from stentor.render.screen import Screen


def show_facts(screen: Screen, found: Sequence[NodeFacts], *, changed: bool = False) -> None:
    """Print facts: a table of several nodes, one node in full.

    Args:
        changed: only what differs from before.
    """
    from stentor.outcome import Report
    from stentor.render.summary import say_hints

    if changed:
        lines = [f"{one.outcome.node}: {change}" for one in found for change in one.changes]
        if not lines:
            screen.say("nothing differs")
    elif len(found) == 1 and found[0].facts:
        lines = _in_full(found[0], screen.columns)
    else:
        lines = _table(found, screen.width if screen.live_out else None, colour=screen.colour_out)
    screen.lines(lines)
    for one in found:
        if one.outcome.reason and one.outcome.reason != "not asked":
            remembered = f"; facts from {_day(one.at)}" if one.facts else "; no facts are known"
            screen.say(f"{one.outcome.node}: {one.outcome.words}{remembered}")
    say_hints(screen, Report(one.outcome for one in found))


def _table(found: Sequence[NodeFacts], width: int | None, *, colour: bool) -> list[str]:
    """Draw the table; if it is too wide, with ``6.12.41`` for the kernel ``6.12.41-amd64``."""
    from stentor.render.wrap import columns_of

    lines = _drawn(found, None, colour=False)
    if width is not None and max(map(columns_of, lines)) > width:
        found = [
            one._replace(facts={**one.facts, "kernel": one.facts["kernel"].split("-")[0]})
            if one.facts.get("kernel")
            else one
            for one in found
        ]
    return _drawn(found, width, colour=colour)


def _drawn(found: Sequence[NodeFacts], width: int | None, *, colour: bool) -> list[str]:
    from stentor.render.table import Cell, Column, columns, table

    titles = columns(
        "NODE SYSTEM KERNEL ARCH CPU CORES MEM DISK GPU ADDRESS", right="CORES MEM DISK",
        SYSTEM=12, KERNEL=7, CPU=6, GPU=8, ADDRESS=15,
    )  # fmt: skip
    titles.append(Column("AS OF"))
    rows: list[list[str | Cell]] = []
    for one in found:
        facts = one.facts
        addresses = [a["address"] for a in facts.get("addresses", ()) if ":" not in a["address"]]
        cells = [
            *(facts.get(key, "") for key in ("system", "kernel", "arch", "cpu")),
            str(facts.get("cores", "")),
            _size(facts.get("memory")),
            _size(sum(disk["size"] for disk in facts.get("disks", ())) or None),
            ", ".join(gpu["name"] for gpu in facts.get("gpus", ())),
            addresses[0] if addresses else "",
            "now" if facts and one.at is None else _day(one.at),
        ]
        style = "quiet" if one.at is not None else ""
        rows.append([Cell(one.outcome.node, style), *(Cell(cell, style) for cell in cells)])
    return table(titles, rows, width=width, colour=colour)


def _in_full(one: NodeFacts, width: int | None) -> list[str]:
    from stentor.render.table import pairs

    shown = {key: "\n".join(lines) for key, lines in fact_lines(one.facts).items()}
    day = "now" if one.at is None else _day(one.at)
    return pairs({"node": one.outcome.node, **shown, "as of": day}, width=width)


def fact_lines(facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return what is known of a node, for people: the lines of each fact that says something."""
    found: dict[str, list[str]] = {}
    for key, value in facts.items():
        if key == "memory":
            found[key] = [_size(value)]
        elif key == "gpus":
            found[key] = [
                " ".join(filter(None, [g["name"], _size(g.get("memory")), g.get("driver", "")]))
                for g in value
            ]
        elif key == "disks":
            found[key] = [f"{d['name']} {_size(d['size'])} {d.get('model', d['kind'])}" for d in value]
        elif key == "addresses":
            found[key] = [f"{a['address']} ({a['interface']})" for a in value]
        elif isinstance(value, dict):
            found[key] = [f"{name} {version}".strip() for name, version in value.items()]
        elif key != "complete":
            found[key] = [" ".join(map(str, value)) if isinstance(value, list) else str(value)]
    return {key: lines for key, lines in found.items() if any(lines)}


def _size(count: int | None) -> str:
    from stentor.probe.columns import size

    return size(count) if count else ""


def _day(at: float | None) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "never"


def facts_record(one: NodeFacts, now: float) -> Shape:
    """Return one node's record; ``now`` is when facts without a time were told."""
    from stentor.render.json_probe import Inventory

    at = now if one.at is None else one.at or None
    return Inventory.of(one, one.outcome, facts=one.facts or None, at=at)
