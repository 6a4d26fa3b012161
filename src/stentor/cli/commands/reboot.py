"""``stentor reboot``: one node after the other, each proved to be back before the next."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from stentor.cli import careful
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some
from stentor.cli.times import seconds

if TYPE_CHECKING:
    from stentor.api import Fleet
    from stentor.fanout.collect import Result
    from stentor.fleet.model import Node
    from stentor.outcome import Outcome
    from stentor.render.power_log import Telling

EXAMPLES = """
stentor reboot prtr                  and wait until it is truly back
stentor reboot @gpu                  one after the other; stops at the first that does not come back
stentor reboot @gpu --patience 10m   for nodes that take their time
"""

_FORBIDDEN = "it may not be rebooted by this user (sudo asks for a password)"
_LOOK = 1.0  # seconds between two looks at a node that reboots


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")
    parser.add_argument(
        "--patience",
        metavar="TIME",
        type=seconds,
        default=300.0,
        help="until a node must be back (default: 5m)",
    )
    parser.add_argument(
        "--command", metavar="COMMAND", help="what reboots a node (default: the policy's, else shutdown -r)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    careful.add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Reboot each in turn."""
    from stentor.api import Fleet
    from stentor.cli.recorded import Recorded
    from stentor.outcome import Outcome, exit_code
    from stentor.render.power_log import Telling

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    nodes = some(fleet, arguments.selector).nodes
    nodes = _gateway_last(fleet, nodes)
    aliases = [node.alias for node in nodes]
    if len(nodes) > 1:
        careful.confirm_number(
            "reboot, one after the other", aliases, fleet.data.groups, context, arguments.yes_really
        )
    arguments.command = arguments.command or fleet.data.policy.get("power", {}).get("reboot")
    recorded = Recorded(fleet, context)
    recorded.begin("reboot", arguments.command or "reboot", arguments.selector, tuple(aliases))
    outcomes: list[Outcome] = []
    began = time.monotonic()
    head = {"command": "reboot", "selector": arguments.selector, "nodes": aliases, "started_at": time.time()}
    telling = Telling(context.screen(), head, json=arguments.json)
    with recorded:
        for node in nodes:
            stopped = next((o for o in outcomes if not o.ok), None)
            if stopped:
                reason = f"not begun: {stopped.node} did not come back"
                outcomes.append(Outcome(node.alias, "cancelled", reason=reason))
            else:
                outcomes.append(_interruptible(fleet, node, arguments, telling))
            recorded.outcome(outcomes[-1])
            telling.finished(outcomes[-1])
        recorded.code = exit_code(outcomes)
        telling.report(outcomes, code=recorded.code, seconds=time.monotonic() - began)
    return recorded.code


def _gateway_last(fleet: Fleet, nodes: tuple[Node, ...]) -> tuple[Node, ...]:
    """Nodes that the policy names last, gateways and this machine come at the end."""
    from stentor.rollout.policy import policy_of

    last = {*policy_of(fleet.data, [node.alias for node in nodes], run=False).last, fleet.local}
    return tuple(sorted(nodes, key=lambda node: node.alias in last or node.role == "gateway"))


def _interruptible(fleet: Fleet, node: Node, arguments: argparse.Namespace, telling: Telling) -> Outcome:
    """Reboot one; Ctrl-C ends the waiting, and is what came of the node."""
    from stentor.outcome import Outcome

    try:
        return _one(fleet, node, arguments, telling)
    except KeyboardInterrupt:
        reason = "Ctrl-C before it was back; it may still be rebooting"
        return Outcome(node.alias, "cancelled", reason=reason, started=True)


def _one(fleet: Fleet, node: Node, arguments: argparse.Namespace, telling: Telling) -> Outcome:
    from stentor.outcome import Outcome
    from stentor.power import reboot

    began = time.monotonic()

    def came(kind: str, reason: str = "") -> Outcome:
        return Outcome(node.alias, kind, reason=reason, seconds=time.monotonic() - began, started=True)

    before = _ask(fleet, node, reboot.BOOT_ID)
    if not before.ok:
        return before.outcome
    command = arguments.command or reboot.reboot("sudo -n " if _needs_sudo(fleet, node) else "")
    asked = _ask(fleet, node, command)
    if asked.kind == "failed":
        why = f"its command failed: {asked.outcome.reason}" if arguments.command else _FORBIDDEN
        return came("failed", why)
    telling.notice(node.alias, "going down")
    while time.monotonic() - began < arguments.patience:
        time.sleep(_LOOK)
        _forget(fleet, node)
        now = _ask(fleet, node, reboot.BOOT_ID)
        if now.ok and reboot.is_back(before.text, now.text):
            telling.notice(node.alias, f"back after {time.monotonic() - began:.0f} s")
            return came("ok")
    return came("timed-out", f"not back within {arguments.patience:g} s")


def _needs_sudo(fleet: Fleet, node: Node) -> bool:
    return _ask(fleet, node, "id -u").text != "0"


def _ask(fleet: Fleet, node: Node, command: str) -> Result:
    from stentor.api import Selection

    (result,) = Selection(fleet, (node,)).run(command, timeout=10, connect_timeout=3)
    return result


def _forget(fleet: Fleet, node: Node) -> None:
    """A warm connection to the system that went down would only be waited for."""
    for master in fleet.masters():
        if master.alias == node.alias:
            fleet.stop_master(master)
