"""``run --dry-run`` and ``rerun --dry-run``: who would be reached, how, and in which order."""

from __future__ import annotations

from stentor.api.fleet import Selection
from stentor.api.operations import Terms, plan_of
from stentor.cli.rollout_options import describe_plan
from stentor.cli.run_display import RunView
from stentor.render.fleet import show_targets
from stentor.render.screen import Screen


def preview_run(selection: Selection, command: str, terms: Terms, view: RunView, screen: Screen) -> int:
    """Show it; no node is touched."""
    plan = plan_of(selection, terms, run=True)
    how = selection.describe(terms.settings)
    if view.request.view == "json":
        from stentor.render.json_history import Plan, Target
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(screen, Plan(command=command, selector=selection.selector))
        lines.write(*(Target(node.alias, how[node.alias], node.state) for node in selection.nodes))
        return 0
    show_targets(screen, selection.nodes, how)
    for line in describe_plan(plan) if plan else ():
        screen.say(line)
    count = len(selection.nodes)
    screen.say(f"would run on {count} node{'s' if count > 1 else ''}: {command}")
    return 0
