"""Dotfiles: what would change on nodes, and what is known of them; nothing is changed here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from stentor import journal
from stentor.api.operations import TERMS, Terms, aliases_of
from stentor.dotfiles import source as sources
from stentor.dotfiles.inspect import Inspection, inspect, preview_rollback, revert_expired
from stentor.dotfiles.request import ChangeRequest, new_token, operation_name
from stentor.dotfiles.status import NodeStatus, inspect_status
from stentor.dotfiles.timer import TimerStatus
from stentor.dotfiles.timer import timer_status as inspect_timer
from stentor.errors import UsageError
from stentor.fleet.policy.sections import Dotfiles as Policy
from stentor.journal import MISSED
from stentor.operation.catch_up import Remembered
from stentor.operation.lock import refuse_locked
from stentor.operation.node_answer import OPTION
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.dotfiles.adopt import Adoption
    from stentor.dotfiles.rendering import Rendering
    from stentor.engines.reach import Reach

_SHORTEST = 7  # digits of a revision: a shorter number is an operation's
HELD = "dotfiles"  # a topic of the journal's memory, as ``MISSED`` is: the revision that a node holds


class Repository(NamedTuple):
    """Where revisions come from, as the policy or the caller says."""

    policy: Policy  # the fleet's
    source: sources.Source  # the operator's clone and the remote
    via: str  # ``remote``: nodes fetch a revision; ``push``: it is sent along
    environ: Mapping[str, str]  # for git

    def resolve(self, rev: str | None = None) -> str:
        """Return the exact commit that is meant; None is the branch's head.

        Raises:
            StentorError: it cannot be found.
        """
        return sources.resolve(self.source, rev, self.environ, via=self.via)

    def title(self, rev: str) -> str:
        """Return a revision for people."""
        return sources.title(self.source, rev, self.environ)

    def has_edits(self) -> bool:
        """Whether the clone has edits of dotfiles that no commit has, and so no revision."""
        from stentor.dotfiles.push import has_edits

        return has_edits(self.source, self.environ)


class Wanted(NamedTuple):
    """What nodes are to get."""

    rev: str | None = None  # a revision; None for the head of the branch
    # Kinds of conflict that may be overwritten: ``edited``, ``existing``, ``source``.
    overwrite: tuple[str, ...] = ()
    again: bool = False  # apply a revision that was reverted before
    source: str | None = None  # a clone of the dotfiles, in place of the policy's
    via: str | None = None  # ``remote`` or ``push``, in place of the policy's
    reinit: bool = False  # make chezmoi's config anew from its template; else only with a new clone
    answers: Mapping[str, str] = {}  # to the template's prompts, by their text
    exclude: tuple[str, ...] = ()  # what is left out: ``externals``


HEAD = Wanted()


def repository_of(fleet: BaseFleet, wanted: Wanted = HEAD) -> Repository:
    """Return where revisions come from.

    Raises:
        UsageError: a clone was named which is none.
    """
    policy = fleet.data.policy.dotfiles
    source = sources.find(policy, fleet.environ, folder=wanted.source)
    return Repository(policy, source, wanted.via or policy.via, fleet.environ)


def recall(fleet: BaseFleet, topic: str) -> Remembered:
    """Return what the journal keeps of the fleet's nodes under a topic."""
    with journal.read(fleet.environ) as book:
        found = book.recall(fleet.data.root, topic)
        return {node: (at, data) for node, (at, data) in found.items() if data}


def held_by(fleet: BaseFleet) -> tuple[dict[str, str], dict[str, Mapping[str, Any]]]:
    """Return the revision that each node held last, and what it had answered to its config template."""
    found = {alias: data for alias, (_, data) in recall(fleet, HELD).items()}
    return (
        {alias: str(data.get("rev", "")) for alias, data in found.items()},
        {alias: data["answers"] for alias, data in found.items() if data.get("answers")},
    )


def plan(
    selection: BaseSelection,
    wanted: Wanted = HEAD,
    terms: Terms = TERMS,
    *,
    expire: bool = False,
    keeping: bool = False,
) -> Inspection:
    """Return what a revision would change on each node; nodes that are down are rendered here.

    Args:
        expire: have nodes first revert changes whose time is over, as an apply needs it.
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.

    Raises:
        StentorError: the revision cannot be found.
        Refused: somebody else changes one of the nodes, so that nothing can be said of it.
    """
    fleet = selection.fleet
    repository = repository_of(fleet, wanted)
    rev = repository.resolve(wanted.rev)
    held, answers = held_by(fleet)
    sent = sources.bundle(repository.source, rev, fleet.environ) if repository.via == "push" else None
    request = ChangeRequest(
        operation_name(),
        new_token(),
        rev=rev,
        source=repository.source,
        bundle=sent,
        overwrite=wanted.overwrite,
        again=wanted.again,
        reinit=wanted.reinit,
        answers=wanted.answers,
        exclude=wanted.exclude,
        held=held,
        known_answers=answers,
        typed=_typed(wanted),
    )
    reach = reach_of(selection, terms)
    seen = inspect(reach, selection.nodes, request, keeping=keeping)
    if not expire:
        return seen
    if seen.unsettled:
        refuse_locked(reach, seen.unsettled)  # or their state would be told, and not who changes them
    return revert_expired(reach, selection.nodes, seen)


def _typed(wanted: Wanted) -> tuple[str, ...]:
    """Return the options that the same change needs again."""
    given = [("--source", wanted.source), ("--via", wanted.via)]
    given += [("--overwrite", kind) for kind in wanted.overwrite]
    given += [("--prompt", f"{text}={answer}") for text, answer in wanted.answers.items()]
    given += [("--exclude", kind) for kind in wanted.exclude]
    return tuple(word for name, value in given if value for word in (name, value))


def prove_rendering(fleet: BaseFleet, repository: Repository, tree: str, terms: Terms = TERMS) -> Rendering:
    """Return on which nodes a commit or tree of the clone renders; see ``rendering.prove``."""
    from stentor.dotfiles.rendering import prove  # reads YAML, which plans do not need

    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return prove(reach._replace(known=fleet.facts()), repository.source, tree, held_by(fleet)[1])


def rollback_plan(
    selection: BaseSelection, to: str = "", terms: Terms = TERMS, *, overwrite: tuple[str, ...] = ()
) -> Inspection:
    """Return what each node's own snapshots would bring back.

    Args:
        to: the number of an operation in the journal, a node's own name for it, or a revision.

    Raises:
        UsageError: no nodes are selected, or the operation of this number is none of dotfiles.
    """
    if not selection.nodes:
        raise UsageError("no nodes are selected")
    to = _named_by_nodes(selection.fleet, to)
    request = ChangeRequest(operation_name(), new_token(), to=to, overwrite=overwrite)
    return preview_rollback(reach_of(selection, terms), selection.nodes, request)


def _named_by_nodes(fleet: BaseFleet, to: str) -> str:
    """The name by which nodes know an operation, by its number in the journal; else the word itself."""
    if not to.isdecimal():
        return to
    from stentor.api.history import past_operation

    try:
        record = past_operation(fleet.environ, to, fleet.data.root)
    except UsageError:
        if len(to) < _SHORTEST:
            raise
        return to
    if OPTION in record.options and record.kind.startswith("dotfiles"):
        return str(record.options[OPTION])
    if len(to) < _SHORTEST:
        raise UsageError(
            f"operation {to} is no change of dotfiles: {record.command}",
            hint="'stentor history --here' lists this fleet's operations",
        )
    return to


def missed(selection: BaseSelection) -> list[tuple[str, BaseSelection]]:
    """Return what nodes missed while they were down: each revision, and the nodes which lack it."""
    remembered = recall(selection.fleet, MISSED)
    late: dict[str, list[str]] = {}
    for alias in aliases_of(selection):
        if alias in remembered:
            late.setdefault(str(remembered[alias][1].get("rev", "")), []).append(alias)
    return [(rev, among(selection, aliases)) for rev, aliases in late.items()]


def timer_status(selection: BaseSelection, terms: Terms = TERMS) -> dict[str, TimerStatus]:
    """Return each node's timer."""
    return inspect_timer(reach_of(selection, terms), selection.nodes)


def adoption(
    selection: BaseSelection,
    file: str,
    wanted: Wanted = HEAD,
    terms: Terms = TERMS,
    *,
    allowed: Sequence[str] = (),
) -> Adoption:
    """Return a node's own edit of a file, as a commit in the operator's clone would have it.

    Raises:
        UsageError: not one node is selected.
        StentorError: the clone here cannot take the edit.
    """
    from stentor.dotfiles.adopt import inspect_edit

    if len(selection.nodes) != 1:
        raise UsageError("an edit is adopted from one node", hint="stentor dotfiles adopt NODE FILE")
    source = repository_of(selection.fleet, wanted).source
    return inspect_edit(reach_of(selection, terms), selection.nodes[0], file, source, allowed)


def status(
    selection: BaseSelection,
    rev: str,
    source: sources.Source,
    terms: Terms = TERMS,
    *,
    keeping: bool = False,
) -> dict[str, NodeStatus]:
    """Return how each node's dotfiles stand.

    Args:
        rev: the exact commit to compare with; empty if none is known.
        source: with the clone that can count commits.
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.
    """
    reach = reach_of(selection, terms)
    missed = recall(selection.fleet, MISSED)
    return inspect_status(reach, selection.nodes, source, rev, missed, keeping=keeping)


def reach_of(selection: BaseSelection, terms: Terms) -> Reach:
    """Return how its nodes are reached, with the facts that are known of them."""
    fleet = selection.fleet
    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return reach._replace(known=fleet.facts())


def among(selection: BaseSelection, aliases: Sequence[str]) -> BaseSelection:
    """Return those of its nodes which have these aliases."""
    nodes = tuple(node for node in selection.nodes if node.alias in aliases)
    return type(selection)(selection.fleet, nodes, selection.selector)
