"""The report as one page that needs nothing else: style and map are in it."""

from __future__ import annotations

from html import escape

from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import hops
from stentor.probe.report import Memory, condition, sections, title

WIDTH, HEIGHT, ACROSS, DOWN = 150, 40, 70, 14  # a node's box, and the room between boxes
_MOST = 16  # boxes in a column

_STYLE = """
:root { --ink: #1c2733; --paper: #fff; --line: #c9d3dc; --up: #1a7f5a; --trouble: #b3261e; --down: #6b7785;
  --unknown: #8a6d00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e3e9ef; --paper: #14191f; --line: #3a4652;
  --up: #58c99b; --trouble: #ff8a80; --down: #93a1af; --unknown: #e0bf4f; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: .5rem 0 1.5rem; display: block; overflow-x: auto; }
th, td { text-align: left; padding: .25rem .75rem .25rem 0; border-bottom: 1px solid var(--line);
  vertical-align: top; }
svg { max-width: 100%; height: auto; }
svg text { font: 13px system-ui, sans-serif; fill: var(--ink); }
svg .small { font-size: 11px; fill: var(--down); }
svg .way { fill: none; stroke: var(--line); stroke-width: 1.5; }
svg rect { fill: var(--paper); stroke-width: 2; }
.up { stroke: var(--up); } .trouble { stroke: var(--trouble); } .unknown { stroke: var(--unknown); }
.down { stroke: var(--down); stroke-dasharray: 4 3; }
"""


def html(fleet: Fleet, memory: Memory) -> str:
    """Return the report as a page of HTML."""
    name = escape(title(fleet))
    lines = [
        "<!doctype html>",
        '<html lang="en">',
        f'<head><meta charset="utf-8"><title>{name}</title>',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<style>{_STYLE}</style></head>",
        f"<body><h1>{name}</h1>",
        *_map(fleet, memory),
    ]
    for part in sections(fleet, memory):
        lines.append(f"<h2>{escape(part.title)}</h2>")
        lines += [f"<p>{escape(line)}</p>" for line in part.lines]
        if len(part.rows) > 1:
            head, *rows = part.rows
            lines.append(
                "<table><thead><tr>" + "".join(f"<th>{escape(c)}</th>" for c in head) + "</tr></thead>"
            )
            lines += ["<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in row) + "</tr>" for row in rows]
            lines.append("</table>")
    return "\n".join([*lines, "</body></html>"]) + "\n"


def _shown(text: str) -> str:
    return escape("".join(c if c.isprintable() else " " for c in text))


def columns(fleet: Fleet) -> list[list[Node]]:
    """Return the nodes by how many jump hosts of the fleet stand before them, in the file's order."""
    found: dict[int, list[Node]] = {}
    for node in fleet.nodes.values():
        found.setdefault(_depth(fleet, node), []).append(node)
    return [found[depth] for depth in sorted(found)]


def gate(fleet: Fleet, node: Node) -> Node | None:
    """Return the node of the fleet through which this one is reached last; None if there is none."""
    found = fleet.nodes.get(hops(node.jump)[-1].host) if node.jump else None
    return found if found is not None and found.alias != node.alias else None


def _depth(fleet: Fleet, node: Node) -> int:
    passed = {node.alias}
    before = gate(fleet, node)
    while before is not None and before.alias not in passed:
        passed.add(before.alias)
        before = gate(fleet, before)
    return len(passed) - 1


def _map(fleet: Fleet, memory: Memory) -> list[str]:
    """Draw the ways: this machine to the left, then the nodes, each behind its gate."""
    ranks = _wrapped(columns(fleet))
    if not ranks:
        return []
    most = max(map(len, ranks))
    height = most * (HEIGHT + DOWN) + DOWN
    width = (len(ranks) + 1) * (WIDTH + ACROSS)
    places: dict[str, tuple[int, int]] = {}
    for number, rank in enumerate(ranks, 1):
        top = (height - len(rank) * (HEIGHT + DOWN) + DOWN) // 2
        for row, node in enumerate(rank):
            places[node.alias] = (number * (WIDTH + ACROSS), top + row * (HEIGHT + DOWN))
    here = (0, (height - HEIGHT) // 2)
    ways, boxes = [], [_box(here, None, "up")]
    for node in fleet.nodes.values():
        before = gate(fleet, node)
        start, end = places[before.alias] if before else here, places[node.alias]
        ways.append(_way(start, end))
        boxes.append(_box(end, node, condition(node, memory)))
    wide = width - ACROSS + 8
    return [
        f'<svg viewBox="-4 -4 {wide} {height + 8}" width="{wide}" role="img">',
        "<title>Map of the fleet: who is reached through whom</title>",
        *ways,
        *boxes,
        "</svg>",
    ]


def _wrapped(ranks: list[list[Node]]) -> list[list[Node]]:
    """Put a long column into several, so that a fleet of hundreds is no tower."""
    return [rank[start : start + _MOST] for rank in ranks for start in range(0, len(rank), _MOST)]


def _way(start: tuple[int, int], end: tuple[int, int]) -> str:
    x1, y1, x2, y2 = start[0] + WIDTH, start[1] + HEIGHT // 2, end[0], end[1] + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f'<path class="way" d="M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"/>'


def _box(at: tuple[int, int], node: Node | None, state: str) -> str:
    """A node, or this machine."""
    x, y = at
    name = node.alias if node else "this machine"
    # What is expected says more than that it is down: a node may be retired, or yet to come.
    word = node.state if node and state == "down" and node.expected_down else state
    shown = _shown(name if len(name) <= 18 else name[:17] + "…")
    below = _shown(f"{node.role} · {word}" if node.role else word) if node else ""
    return (
        f'<g><rect class="{state}" x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" rx="8"/>'
        f'<text x="{x + 12}" y="{y + (17 if below else 25)}">{shown}</text>'
        + (f'<text class="small" x="{x + 12}" y="{y + 32}">{below[:60]}</text>' if below else "")
        + "</g>"
    )
