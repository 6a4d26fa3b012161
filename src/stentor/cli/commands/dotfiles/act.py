"""``stentor dotfiles apply``, ``sync``, ``rollback``, ``init``, ``catch-up``: doors to one transaction."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack

from stentor.cli.commands.dotfiles.desk import Desk
from stentor.cli.commands.dotfiles.late import Latecomers
from stentor.cli.commands.dotfiles.look import Survey, retrace, show_plan, survey
from stentor.cli.commands.dotfiles.rollout import carry_out
from stentor.cli.context import Context
from stentor.dotfiles.change import Wish
from stentor.dotfiles.decide import is_empty, obstacle
from stentor.dotfiles.source import Source, bundle, title
from stentor.dotfiles.visit import Question, visits
from stentor.errors import Refused, UsageError
from stentor.fleet.model import Node
from stentor.journal import MISSED
from stentor.outcome import Outcome, exit_code


def apply(arguments: argparse.Namespace, context: Context) -> int:
    """Bring the nodes to one revision."""
    desk = Desk(arguments, context)
    source = desk.source()
    rev = desk.revision(source, arguments.rev)
    return bring(desk, source, rev, arguments.overwrite, short=arguments.short)


def init(arguments: argparse.Namespace, context: Context) -> int:
    """The first time: files that stood there before are what is expected, so they are in the snapshot."""
    desk = Desk(arguments, context)
    source = desk.source()
    rev = desk.revision(source, arguments.rev)
    return bring(desk, source, rev, [*arguments.overwrite, "existing"], short=arguments.short)


def sync(arguments: argparse.Namespace, context: Context) -> int:
    """This node alone."""
    desk = Desk(arguments, context, "@self")
    source = desk.source()
    return bring(
        desk, source, desk.revision(source, None), arguments.overwrite, short=not arguments.show_diff
    )


def catch_up(arguments: argparse.Namespace, context: Context) -> int:
    """Nodes that were down, each with the revision that it missed last."""
    desk = Desk(arguments, context)
    missed = desk.recall(MISSED)
    late: dict[str, list[Node]] = {}
    for node in desk.nodes:
        if node.alias in missed:
            late.setdefault(str(missed[node.alias][1]["rev"]), []).append(node)
    if not late:
        desk.say("no node has missed anything")
        return desk.finish([], 0)
    source = desk.source()
    codes = []
    for rev, nodes in late.items():
        desk.nodes = tuple(nodes)
        codes.append(bring(desk, source, rev, arguments.overwrite, short=True))
    return max(codes)


def bring(
    desk: Desk, source: Source, rev: str, take: Sequence[str], *, short: bool = False, declined: str = ""
) -> int:
    """Plan, ask, and bring the desk's nodes to a revision.

    Args:
        desk: the run.
        source: where the revision is from.
        rev: the full hash of the commit.
        take: kinds of conflict that are gone over.
        short: without differences.
        declined: what to say to a person who says no; that nothing was changed by default.
    """
    arguments = desk.arguments
    seen = survey(desk, source, rev)
    if not arguments.dry_run:
        seen = _after_what_was_left(desk, source, rev, seen)
    desk.say(f"at {title(source, rev, desk.context.environ)}")
    show_plan(desk, seen, short=short, take=take)
    outcomes = [visit.outcome for alias, visit in seen.visits.items() if alias not in seen.looks]
    silent = [alias for alias, visit in seen.visits.items() if not visit.answer]
    _refuse_obstacles(desk, seen, take)
    ready = [node for node in desk.nodes if node.alias in seen.looks]
    settled = {alias for alias, look in seen.looks.items() if is_empty(look) and look.applied == rev}
    todo = [node for node in ready if node.alias not in settled]
    outcomes += [Outcome(node.alias, "ok", 0, reason="there already") for node in ready if node not in todo]
    if arguments.dry_run:
        desk.say("dry run: nothing was touched")
        return desk.finish(outcomes, exit_code(outcomes))
    late = Latecomers(desk, rev, silent, settled)
    if not todo:
        reached = " on the nodes that were reached" if silent else ""
        desk.say(f"nothing to do{reached}" if settled else "nothing was done")
        late.end(outcomes)
        return desk.finish(outcomes, exit_code(outcomes))
    desk.ask(f"bring {', '.join(node.alias for node in todo)} to {rev[:10]}?", declined)
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stentor-"))
        wish = Wish(
            desk.operation_name(),
            os.urandom(8).hex(),
            rev=rev,
            remote=desk.policy.remote or source.remote,
            branch=source.branch,
            bundle=bundle(source, rev, folder, desk.context.environ) if desk.via == "push" else None,
            take=tuple(take),
            again=arguments.again,
        )
        outcomes += carry_out(desk, todo, wish, late)
    return desk.finish(outcomes, exit_code(outcomes))


def _after_what_was_left(desk: Desk, source: Source, rev: str, seen: Survey) -> Survey:
    """End changes whose time is over (the node went down, its program was killed), and look again."""
    left = [node for node in desk.nodes if node.alias in seen.looks and seen.looks[node.alias].pending]
    if not left:
        return seen
    ended = visits(desk.reach, left, Question("settle"))
    for alias, visit in ended.items():
        for text in visit.answer.all("reverted") if visit.answer else ():
            operation, _, why = text.partition(" ")
            desk.say(f"{alias}: {operation} was left behind and is taken back: {why}")
    return survey(desk, source, rev)


def _refuse_obstacles(desk: Desk, seen: Survey, take: Sequence[str]) -> None:
    """Before any write, on any node: what stands in the way anywhere stops it everywhere."""
    found = {
        alias: obstacle(look, take=take, again=desk.arguments.again) for alias, look in seen.looks.items()
    }
    bad = {alias: stands for alias, stands in found.items() if stands}
    if not bad or desk.arguments.dry_run:
        return
    shown = "; ".join(f"{alias}: {stands.why}" for alias, stands in list(bad.items())[:3])
    ways = dict.fromkeys(stands.way_on for stands in bad.values())
    more = f"; and {len(bad) - 3} more nodes" if len(bad) > 3 else ""
    raise Refused(
        f"{shown}{more}",
        hint=f"{'; '.join(ways)}; or name only the other nodes",
    )


def rollback(arguments: argparse.Namespace, context: Context) -> int:
    """Back, by the snapshots the nodes have kept."""
    desk = Desk(arguments, context)
    if not desk.nodes:
        raise UsageError("no nodes are selected")
    to = arguments.to or ""
    desk.say(f"{', '.join(n.alias for n in desk.nodes)}: back to {to or 'before the last change'}")
    seen = retrace(desk, to)
    show_plan(desk, seen, short=arguments.short)
    # Who could not be looked at is left alone: it is down, or keeps nothing to go back to.
    outcomes = [visit.outcome for alias, visit in seen.visits.items() if alias not in seen.looks]
    ready = [node for node in desk.nodes if node.alias in seen.looks]
    if arguments.dry_run or not ready:
        outcomes += [seen.visits[node.alias].outcome for node in ready]
        desk.say("dry run: nothing was touched" if arguments.dry_run else "nothing to do")
        return desk.finish(outcomes, exit_code(outcomes))
    desk.ask(f"take it back on {', '.join(node.alias for node in ready)}?")
    wish = Wish(desk.operation_name(), os.urandom(8).hex(), to=to, take=tuple(arguments.overwrite))
    outcomes += carry_out(desk, ready, wish)
    return desk.finish(outcomes, exit_code(outcomes))
