"""What a change would do to nodes that are down: rendered here, with what is known of them.

Apart from what asks nodes, since it reads YAML and TOML: a long-lived ``stentor serve`` mostly needs neither.
"""

from __future__ import annotations

from collections.abc import Iterable

from stentor.dotfiles import prompts, render_offline
from stentor.dotfiles.answer import NodePlan
from stentor.dotfiles.request import ChangeRequest
from stentor.engines.reach import Reach
from stentor.errors import StentorError
from stentor.fleet.model import Node


def assume_plans(reach: Reach, down: Iterable[Node], request: ChangeRequest) -> dict[str, NodePlan]:
    """Render for nodes that are down, against what they had last; only a warning where that fails."""
    return {node.alias: _assumed(reach, node, request) for node in down}


def _assumed(reach: Reach, node: Node, request: ChangeRequest) -> NodePlan:
    last = request.held.get(node.alias, "")
    try:
        new = _rendered(reach, node, request, request.rev)
        if new.problem:
            return NodePlan(warnings=(f"assumed: it does not render: {new.problem}",))
        old = new if last == request.rev else render_offline.Rendered({})
        if last and last != request.rev:
            old = _rendered(reach, node, request, last)
    except StentorError as error:
        return NodePlan(warnings=(f"assumed: nothing ({error})",))
    changes, lines = render_offline.difference(old.files, new.files)
    warnings = ("assumed from the fleet's facts", *map(prompts.unknown_answer, new.unanswered))
    return NodePlan(changes=changes, diff=lines, warnings=warnings)


def _rendered(reach: Reach, node: Node, request: ChangeRequest, rev: str) -> render_offline.Rendered:
    source = request.source
    with render_offline.checked_out(source.clone, rev, reach.environ, remote=source.remote) as tree:
        answers = render_offline.Answers(request.known_answers.get(node.alias, {}), request.answers)
        return render_offline.render(reach.fleet, node, tree, reach.environ, reach.known, answers)
