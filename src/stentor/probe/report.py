"""The state of the fleet as a document: what the file says, what was last seen, what is left to do.

Deterministic: the same fleet and the same memories give the same bytes, so that it can be committed and
compared. Times are days in UTC; nothing says when the report itself was made.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services
from stentor.probe.columns import size
from stentor.probe.migration import current, phases, word
from stentor.webnames.overview import markdown_table, markdown_text, name_rows, service_rows


class Seen(NamedTuple):
    """How a node was last seen: an outcome's kind, and when (seconds since 1970)."""

    kind: str
    at: float


class Done(NamedTuple):
    """An operation of the journal, as the report tells it."""

    number: int
    at: float
    kind: str
    command: str
    outcome: str


class Memory(NamedTuple):
    """What the journal knows of the fleet."""

    seen: Mapping[str, Seen] = {}  # by alias, how each was last seen
    facts: Mapping[str, tuple[float, Mapping[str, Any]]] = {}  # by alias, with their time (``stentor facts``)
    # By alias, with their time (``stentor needs``): ``lacks`` and ``wanted``.
    needs: Mapping[str, tuple[float, Mapping[str, Any]]] = {}
    revisions: Mapping[str, str] = {}  # by alias, the dotfiles' revision that was last confirmed
    missed: Mapping[str, str] = {}  # by alias, the revision that a node was not there for
    operations: Sequence[Done] = ()  # the last ones, newest first
    services: Services = Services()  # what ``services.yaml`` says
    faults: int = 0  # how many it has


class Section(NamedTuple):
    """A part of the report: a title, lines before the table, a table (its first row are titles)."""

    title: str
    lines: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def day(at: float) -> str:
    """A moment as a day, in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at))


def title(fleet: Fleet) -> str:
    """The fleet's name: that of its directory, or of the one above a directory called ``ssot``."""
    parts = [part for part in fleet.root.split("/") if part]
    if parts[-1:] == ["ssot"]:
        parts.pop()
    return f"The fleet {parts[-1]}" if parts else "The fleet"


def condition(node: Node, memory: Memory) -> str:
    """Return ``up``, ``trouble``, ``down``, or ``unknown`` for what was never seen; for colours."""
    seen = memory.seen.get(node.alias)
    if seen is None:
        return "down" if node.expected_down else "unknown"
    if seen.kind in ("ok", "failed", "signalled", "timed-out"):
        return "up"
    return "down" if node.expected_down or seen.kind in ("skipped", "cancelled") else "trouble"


def sections(fleet: Fleet, memory: Memory) -> list[Section]:
    """Return the report, part by part; parts of which nothing is known are left out."""
    parts = [
        _nodes(fleet, memory),
        _groups(fleet),
        _services(fleet, memory),
        Section("Web names", (), name_rows(memory.services)),
        _phases(fleet),
        _needs(fleet, memory),
        _drift(fleet, memory),
        _hardware(fleet, memory),
        _operations(memory),
    ]
    return [part for part in parts if part.lines or len(part.rows) > 1]


def _nodes(fleet: Fleet, memory: Memory) -> Section:
    rows = [["node", "name", "role", "expected", "last seen", "system", "address"]]
    counts: dict[str, int] = {}
    for alias, node in fleet.nodes.items():
        counts[node.state] = counts.get(node.state, 0) + 1
        seen = memory.seen.get(alias)
        words = {"ok": "up", "failed": "up", "signalled": "up", "timed-out": "up"}
        last = f"{words.get(seen.kind, seen.kind)}, {day(seen.at)}" if seen else "never"
        told = memory.facts.get(alias, (0.0, {}))[1]
        where = ", ".join(node.addresses)
        name = node.name if node.name != alias else ""
        rows.append([alias, name, node.role or "", node.state, last, told.get("system", ""), where])
    total = len(fleet.nodes)
    said = ", ".join(f"{count} expected {state}" for state, count in counts.items())
    return Section(
        "Nodes", [f"{total} node{'' if total == 1 else 's'}: {said}." if total else "No nodes."], rows
    )


def _groups(fleet: Fleet) -> Section:
    rows = [["group", "nodes"]]
    rows += [[f"@{name}", ", ".join(members)] for name, members in fleet.groups.items() if name != "all"]
    return Section("Groups", (), rows)


def _services(fleet: Fleet, memory: Memory) -> Section:
    count = memory.faults
    faults = f"The fleet files have {count} fault{'' if count == 1 else 's'}: see 'stentor check'."
    return Section("Services", (faults,) if count else (), service_rows(memory.services, fleet.nodes))


def _phases(fleet: Fleet) -> Section:
    rows = [["phase", "state", "about", "done", "left", "must hold"]]
    found = phases(fleet)
    now = current(found)
    for phase in found:
        done, left = (", ".join(node.alias for node in some) for some in (phase.done, phase.left))
        about = [str(phase.number), word(phase, now), phase.title]
        rows.append([*about, done, left, "; ".join(phase.checks)])
    return Section("Migration", (), rows)


def _needs(fleet: Fleet, memory: Memory) -> Section:
    rows = [["node", "lacks", "as of"]]
    for alias in fleet.nodes:
        if alias in memory.needs:
            at, said = memory.needs[alias]
            rows.append([alias, ", ".join(said.get("lacks", ())) or "nothing", day(at)])
    return Section("What nodes need", (), rows)


def _drift(fleet: Fleet, memory: Memory) -> Section:
    rows = [["node", "dotfiles confirmed", "missed"]]
    for alias in fleet.nodes:
        confirmed, missed = memory.revisions.get(alias, ""), memory.missed.get(alias, "")
        if confirmed or missed:
            rows.append([alias, confirmed[:12], missed[:12]])
    kinds = {row[1] for row in rows[1:] if row[1]}
    lines = ["Not all nodes have the same revision."] if len(kinds) > 1 else []
    return Section("Drift", lines, rows)


def _hardware(fleet: Fleet, memory: Memory) -> Section:
    rows = [["node", "processor", "cores", "memory", "disks", "GPUs", "kernel", "as of"]]
    for alias in fleet.nodes:
        if alias not in memory.facts:
            continue
        at, told = memory.facts[alias]
        disks = ", ".join(f"{disk['name']} {size(disk['size'])}" for disk in told.get("disks", ()))
        gpus = ", ".join(gpu["name"] for gpu in told.get("gpus", ()))
        memory_size = size(told["memory"]) if told.get("memory") else ""
        cells = [told.get("cpu", ""), str(told.get("cores", "")), memory_size, disks, gpus]
        rows.append([alias, *cells, told.get("kernel", ""), day(at)])
    return Section("What nodes are made of", (), rows)


def _operations(memory: Memory) -> Section:
    rows = [["number", "day", "what", "outcome"]]
    for done in memory.operations:
        what = done.command if done.kind == "run" else f"{done.kind}: {done.command}"
        what = " ".join(what.split())
        rows.append([str(done.number), day(done.at), what[:100], done.outcome])
    return Section("Last operations", (), rows)


# What every operation changes: the last ones, when each node was last seen, and its colour on the map.
_OPERATIONS = re.compile(
    r"^(?:## Last operations|<h2>Last operations</h2>)\n.*?(?=^## |^<h2>|^</body>|\Z)",
    re.DOTALL | re.MULTILINE,
)
_SEEN = re.compile(r"(?:(?<=\| )|(?<=<td>))(?:never|[a-z][a-z-]*, \d{4}-\d\d-\d\d)(?= \||</td>)")
_STATE = re.compile(
    r'(?<=<rect class=")(?:up|trouble|down|unknown)(?=")|\b(?:up|trouble|down|unknown)(?=</text>)'
)


def comparable(text: str) -> str:
    """Return what is compared of a report, in either form: without what every ``stentor run`` changes."""
    text = _SEEN.sub("...", _OPERATIONS.sub("", text))
    return _STATE.sub("...", text).rstrip("\n") + "\n"


# ---- Markdown ----


def markdown(fleet: Fleet, memory: Memory) -> str:
    """Return the report as Markdown (GitHub's tables)."""
    lines = [f"# {markdown_text(title(fleet))}", "", "Written by `stentor report`; do not edit by hand."]
    for part in sections(fleet, memory):
        lines += ["", f"## {part.title}"]
        for line in part.lines:
            lines += ["", markdown_text(line)]
        if part.rows:
            lines += markdown_table(part.rows)
    return "\n".join(lines) + "\n"
