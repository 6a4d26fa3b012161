"""``stentor shutdown``: nodes off, the gateway last."""

from __future__ import annotations

import argparse
import time

from stentor.cli import careful
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some

EXAMPLES = """
stentor shutdown prtr             one node
stentor shutdown @gpu             several: their number has to be typed
stentor shutdown @gpu --yes-really 2
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@self")
    parser.add_argument(
        "--command", metavar="COMMAND", help="what does it (default: the policy's, else shutdown -h)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")
    careful.add_guard(parser)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Ask, then all others, then those that are last."""
    from stentor.api import Fleet, Selection
    from stentor.cli.recorded import Recorded
    from stentor.fanout.events import Finished
    from stentor.fanout.script import quote
    from stentor.fanout.task import Settings
    from stentor.outcome import Outcome, exit_code
    from stentor.power.reboot import shutdown
    from stentor.render.power_log import Telling
    from stentor.rollout.policy import policy_of

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    nodes = some(fleet, arguments.selector).nodes
    aliases = [node.alias for node in nodes]
    if len(nodes) > 1:
        careful.confirm_number("shutdown", aliases, fleet.data.groups, context, arguments.yes_really)
    last = {*policy_of(fleet.data, aliases, run=False).last, fleet.local}
    last |= {node.alias for node in nodes if node.role == "gateway"}
    arguments.command = arguments.command or fleet.data.policy.get("power", {}).get("shutdown")
    as_root = f'if [ "$(id -u)" = 0 ]; then {shutdown("")}; else {shutdown("sudo -n ")}; fi'
    command = arguments.command or "exec sh -c " + quote(as_root)
    recorded = Recorded(fleet, context)
    recorded.begin("shutdown", arguments.command or "shutdown", arguments.selector, tuple(aliases))
    outcomes: list[Outcome] = []
    began = time.monotonic()
    head = {
        "command": "shutdown",
        "selector": arguments.selector,
        "nodes": aliases,
        "started_at": time.time(),
    }
    telling = Telling(context.screen(), head, json=arguments.json)
    with recorded:
        for part in ([n for n in nodes if n.alias not in last], [n for n in nodes if n.alias in last]):
            left = [one.node for one in outcomes if one.reached and not one.ok]
            if left and part:
                for node in part:
                    reason = f"stays on, since {', '.join(left)} did not go down"
                    outcomes.append(Outcome(node.alias, "cancelled", reason=reason))
                    recorded.outcome(outcomes[-1])
                    telling.finished(outcomes[-1])
                continue
            events = Selection(fleet, tuple(part)).stream(command, Settings(timeout=15)) if part else iter(())
            for event in recorded.follow(events):
                if isinstance(event, Finished):
                    outcomes.append(event.outcome)
                    if event.outcome.ok:
                        telling.notice(event.node, "going down")
                    telling.finished(event.outcome)
        recorded.code = exit_code(outcomes)
        telling.report(outcomes, code=recorded.code, seconds=time.monotonic() - began)
    return recorded.code
