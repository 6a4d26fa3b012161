"""What gateways have: asked of each by the program that would serve there."""

from __future__ import annotations

import os
from collections.abc import Sequence

from stentor.engines.reach import Reach
from stentor.engines.tree import gateway
from stentor.fanout.collect import collect_in_order
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.typed import NamedTuple

_ASK = 30.0  # seconds


class GatewayState(NamedTuple):
    """What a gateway said of itself."""

    outcome: Outcome  # ok where it can serve; else why not, and what to do
    python: str = ""  # the version of its interpreter; empty where it is not known
    clustershell: str = ""  # the version of its ClusterShell; empty where there is none that will do
    path: str = ""  # the interpreter


def check(reach: Reach, nodes: Sequence[Node]) -> list[GatewayState]:
    """Ask nodes whether they can serve as gateways; the nodes behind them are not touched."""
    word = "stentor-" + os.urandom(8).hex()
    settings = reach.settings._replace(timeout=_ASK, engine="openssh")
    results = collect_in_order(reach.command(nodes, gateway.command(word, serve=False), settings), nodes)
    return [
        state_of(result.outcome, gateway.read(word, result.stderr.decode("utf-8", "replace")))
        for result in results
    ]


def state_of(outcome: Outcome, said: gateway.Said | None) -> GatewayState:
    """Judge what came of the question, and what the gateway said; None for nothing."""
    if said and not said.reason:
        return GatewayState(outcome, said.python, said.clustershell, said.path)
    if said:
        hint = gateway.next_step(said, outcome.node)
        return GatewayState(outcome._replace(kind="failed", code=None, reason=said.reason, hint=hint))
    if not outcome.ok:
        return GatewayState(outcome)
    hint = f"its shell's start-up files may redirect stderr: stentor run {outcome.node} 'echo seen >&2'"
    reason = "it did not say what it has"
    return GatewayState(outcome._replace(kind="failed", code=None, reason=reason, hint=hint))
