"""``run --dry-run`` and ``rerun --dry-run``: who would be reached, how, and in which order."""

from __future__ import annotations

from stentor.api.fleet import Selection
from stentor.api.operations import Terms, plan_of
from stentor.cli.rollout_options import describe_plan
from stentor.cli.run_display import RunView
from stentor.render.screen import Screen
from stentor.render.table import Cell, Column


def preview_run(selection: Selection, command: str, terms: Terms, view: RunView, screen: Screen) -> int:
    """Show it; no node is touched."""
    plan = plan_of(selection, terms, run=True)
    how = selection.describe(terms.settings)
    if view.view == "json":
        from json import dumps

        header = {"stentor": 1, "type": "plan", "command": command, "selector": view.selector}
        screen.print(dumps(header))
        for node in selection.nodes:
            screen.print(
                dumps({"type": "target", "node": node.alias, "how": how[node.alias], "expected": node.state})
            )
        return 0
    rows: list[list[str | Cell]] = [
        [node.alias, how[node.alias], Cell("" if node.state == "up" else f"expected {node.state}", "quiet")]
        for node in selection.nodes
    ]
    screen.table([Column("NODE"), Column("HOW", shrink=True, least=20), Column("STATE")], rows)
    for line in describe_plan(plan) if plan else ():
        screen.say(line)
    screen.say(f"would run on {len(rows)} node{'s' if len(rows) > 1 else ''}: {command}")
    return 0
