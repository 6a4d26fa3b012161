"""``stentor dotfiles confirm`` and ``revert``: decide a change that still waits, by hand."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.desk import Desk
from stentor.cli.context import Context
from stentor.dotfiles.visit import Question, Visit, visits
from stentor.errors import Refused
from stentor.outcome import Outcome, exit_code


def confirm(arguments: argparse.Namespace, context: Context) -> int:
    """Keep it: an operator has looked, so no login is tried."""
    return _decide(Desk(arguments, context), "keep", "confirmed")


def revert(arguments: argparse.Namespace, context: Context) -> int:
    """Take it back at once."""
    return _decide(Desk(arguments, context), "revert", "reverted")


def _decide(desk: Desk, verb: str, wanted: str) -> int:
    found = visits(desk.reach, desk.nodes, Question("status", timeout=60))
    waiting = [
        node
        for node in desk.nodes
        if (answer := found[node.alias].answer) is not None and answer.one("pending")
    ]
    if not waiting and all(seen.outcome.ok for seen in found.values()):
        raise Refused("nothing waits to be confirmed there", hint="see 'stentor dotfiles status'")
    decided = visits(desk.reach, waiting, Question(verb, {"why": "taken back by hand"}))
    outcomes: list[Outcome] = []
    for node in desk.nodes:
        outcome = _outcome(decided.get(node.alias), wanted) or found[node.alias].outcome
        outcomes.append(outcome)
        desk.write({"type": "finished", **outcome._asdict()})
        done = node.alias in decided and outcome.ok
        desk.print(f"{node.alias}: {wanted if done else outcome.reason or 'nothing waits'}")
    return desk.finish(outcomes, exit_code(outcomes))


def _outcome(seen: Visit | None, wanted: str) -> Outcome | None:
    if seen is None or not seen.answer or seen.answer.trouble:
        return seen.outcome if seen else None
    state = seen.answer.one("state")
    if state == wanted:
        return seen.outcome._replace(kind="ok", code=0, reason="")
    return seen.outcome._replace(kind="failed", code=1, reason=f"it is {state} already")
