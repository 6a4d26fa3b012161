"""The fleet as a table in Markdown."""

from __future__ import annotations

from stentor.export.view import Left, Made, View, unsaid

_SPECIAL = frozenset("\\`*_{}[]<>()#+-.!|~&:@")


def make(view: View) -> Made:
    """Return the table of the columns in which some node has something."""
    groups = view.groups_of()
    columns = {
        "Node": [node.alias for node in view.nodes],
        "Name": [node.name if node.name != node.alias else "" for node in view.nodes],
        "Address": [", ".join(node.addresses) for node in view.nodes],
        "User": [node.user or "" for node in view.nodes],
        "Role": [node.role or "" for node in view.nodes],
        "Architecture": [node.arch or "" for node in view.nodes],
        "Groups": [", ".join(groups[node.alias]) for node in view.nodes],
        "State": [node.state for node in view.nodes],
    }
    kept = {title: cells for title, cells in columns.items() if title == "Node" or any(cells)}
    rows = [
        list(kept),
        ["---"] * len(kept),
        *([_escaped(cell) for cell in row] for row in zip(*kept.values(), strict=True)),
    ]
    text = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    left: list[Left] = list(unsaid(view, "name", "addresses", "user", "role", "arch", "state", "groups"))
    return Made(f"\n{text}\n", left)


def _escaped(cell: str) -> str:
    """A text that means itself: no emphasis, no link, no cell more."""
    return "".join(f"&#{ord(one)};" if one in _SPECIAL and one not in ".-:" else one for one in cell)
