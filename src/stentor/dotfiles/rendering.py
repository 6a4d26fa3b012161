"""Before a push: whether a tree renders on every node.

Nodes that are up are asked: they have keys, programs and files that are not here, and their own answers
to a config template's prompts. Each gets the tree as a commit that nobody keeps, and writes nothing. For the
others it is rendered here.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from stentor import scratch
from stentor.dotfiles import prompts, render_offline
from stentor.dotfiles.git import beside, git
from stentor.dotfiles.source import Source, bundled
from stentor.dotfiles.visit import Question, Visit, visits
from stentor.engines.reach import Reach
from stentor.errors import StentorError
from stentor.fleet.model import Node
from stentor.fleet.select import select

_DOES_NOT = ("name", "prompt", "render")  # what a node refuses that cannot render it
_NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (("NAME", "stentor"), ("EMAIL", "stentor@localhost"), ("DATE", "2000-01-01T00:00:00Z"))
}


class Rendering(NamedTuple):
    """On which nodes a tree renders."""

    proved: tuple[str, ...]  # aliases of the nodes that did it themselves
    assumed: tuple[str, ...]  # of nodes that could not be asked, for which it was done here
    problems: Mapping[str, str]  # why it does not render, by alias
    unknown: Mapping[str, str]  # why nothing is known, by alias
    # Prompts of the config template to which no answer of a node is known, by alias.
    unanswered: Mapping[str, Sequence[str]] = {}


def prove(
    reach: Reach, source: Source, tree: str, known: Mapping[str, Mapping[str, Any]] | None = None
) -> Rendering:
    """Prove it for all nodes that are not retired: the next one to pull may be any.

    Args:
        tree: a commit or tree in the clone, which is only read.
        known: what each node last had answered to its config template.

    Raises:
        StentorError: git failed here.
    """
    nodes = select(reach.fleet, "@*")
    rev, sent = trial(source, tree, reach.environ)
    found = visits(reach, nodes, Question("plan", {"rev": rev}, bundle=sent, prompts=_prompts))
    problems: dict[str, str] = {}
    unknown: dict[str, str] = {}
    for alias, seen in found.items():
        if seen.answer and not seen.outcome.ok:
            (problems if seen.answer.kind in _DOES_NOT else unknown)[alias] = _reason(seen)
    down = [node for node in nodes if not found[node.alias].answer]
    unanswered: dict[str, Sequence[str]] = {}
    here = _render_here(reach, source, tree, down, known or {})
    for alias, rendered in here.items():
        if isinstance(rendered, StentorError):
            unknown[alias] = str(rendered)
        elif rendered.problem:
            problems[alias] = rendered.problem
        elif rendered.unanswered:
            unanswered[alias] = rendered.unanswered
    assumed = tuple(alias for alias in here if alias not in problems and alias not in unknown)
    asked = [node.alias for node in nodes if node not in down]
    proved = tuple(alias for alias in asked if alias not in problems and alias not in unknown)
    return Rendering(proved, assumed, problems, unknown, unanswered)


def trial(source: Source, tree: str, environ: Mapping[str, str]) -> tuple[str, bytes]:
    """Return a commit of a tree on top of the clone's, and a bundle of it; the clone gets neither."""
    with scratch.folder() as folder:
        bare = beside(source.clone, os.path.join(folder, "trial.git"), environ)
        head = git(source.clone, "rev-parse", "HEAD", environ=environ)
        top = git(source.clone, "rev-parse", f"{tree}^{{tree}}", environ=environ)
        words = ("commit-tree", top, "-p", head, "-m", "does it render?")
        rev = git(bare, "-c", "commit.gpgSign=false", *words, environ={**environ, **_NOBODY})
        return rev, bundled(bare, rev, source.clone, folder, environ)


def _prompts(node: Node) -> tuple[str, ...]:
    return prompts.options(node.variables, {})


def _reason(seen: Visit) -> str:
    return seen.outcome.reason or seen.outcome.kind


def _render_here(
    reach: Reach, source: Source, tree: str, nodes: Sequence[Node], known: Mapping[str, Mapping[str, Any]]
) -> dict[str, render_offline.Rendered | StentorError]:
    """Render for nodes that did not answer; an error where there is no chezmoi here."""
    found: dict[str, render_offline.Rendered | StentorError] = {}
    if not nodes:
        return found
    with render_offline.checked_out(source.clone, tree, reach.environ) as folder:
        for node in nodes:
            answers = render_offline.Answers(known.get(node.alias, {}))
            try:
                found[node.alias] = render_offline.render(
                    reach.fleet, node, folder, reach.environ, reach.known, answers
                )
            except StentorError as error:
                found[node.alias] = error
    return found
