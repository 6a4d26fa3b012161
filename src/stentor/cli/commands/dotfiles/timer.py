"""``stentor dotfiles timer``: nodes pull by themselves, in the same transaction."""

from __future__ import annotations

import argparse

from stentor.cli.commands.dotfiles.desk import Desk
from stentor.cli.context import Context
from stentor.dotfiles.visit import Question, visits
from stentor.errors import Refused
from stentor.fleet.model import Node
from stentor.outcome import exit_code


def timer(arguments: argparse.Namespace, context: Context) -> int:
    """Install, remove, or tell."""
    desk = Desk(arguments, context)
    found = visits(desk.reach, desk.nodes, _question(desk, arguments.action))
    for alias, seen in found.items():
        said = seen.answer.one("timer") if seen.answer else ""
        desk.write(
            {
                "type": "timer",
                "node": alias,
                "kind": seen.outcome.kind,
                "timer": said,
                "reason": seen.outcome.reason,
            }
        )
        desk.print(f"{alias}: {seen.outcome.reason if not seen.outcome.ok else said or 'none'}")
    outcomes = [seen.outcome for seen in found.values()]
    return desk.finish(outcomes, exit_code(outcomes))


def _question(desk: Desk, action: str) -> Question:
    if action == "status":
        return Question("status", timeout=60)
    if action == "remove":
        return Question("timer-remove", timeout=60)
    policy = desk.policy
    if policy.via == "push" and not policy.remote:
        raise Refused("a node needs a remote to pull from", hint="say dotfiles: remote: in the fleet file")
    options = {
        "branch": policy.branch,
        "remote": policy.remote,
        "window": str(policy.window),
        "limit": str(policy.limit),
        "signed": "yes" if policy.signed else "no",
        "seconds": str(policy.login),
        "every": str(policy.every),
        "jitter": str(policy.jitter),
    }

    def requires(node: Node) -> list[str]:
        return sorted({*policy.requires, *node.requires})

    return Question("timer-install", options, words=requires, checks=policy.checks, timeout=60)
