"""``stentor gateway``: what gateways of the tree have, and what they lack."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.dispatch import verbs as add_verbs
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_connect_timeout
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.gateways.check import GatewayState
    from stentor.render.screen import Screen

EXAMPLES = """
stentor gateway check gw1,gw2    whether they have a Python and a ClusterShell that serve
stentor gateway check @gateway --json | jq -r 'select(.type == "gateway" and .kind != "ok").node'
stentor gateway install gw2      an environment for it below its home, without root or network
"""

VERBS = {
    "check": "say what each gateway has, and what it lacks",
    "install": "install ClusterShell for the gateway, in an environment of its own",
}


def configure(parser: Parser) -> None:
    """Add the verbs and their arguments."""
    for verb, one in add_verbs(parser, VERBS).items():
        one.add_argument("selector", nargs="+", metavar="NODE", help="which nodes")
        add_connect_timeout(one)
        if verb == "install":
            one.add_argument("-n", "--dry-run", action="store_true", help="only say what would be installed")
        one.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Ask the gateways, or install what they need."""
    from stentor.cli.displays import json_lines
    from stentor.cli.waiting import waiting
    from stentor.outcome import Report, exit_code
    from stentor.render.json_probe import gateway_record

    fleet = context.fleet(arguments.fleet)
    selection = fleet.select(",".join(arguments.selector))
    terms = terms_of(arguments, context, fleet.groups)
    if arguments.verb == "install":
        from stentor.api.gateways import install_operation
        from stentor.cli.power import show_power

        operation = install_operation(selection, terms)
        return show_power(operation, arguments, context, fleet)
    screen = context.screen()
    records = json_lines(arguments, screen, "gateway check", [node.alias for node in selection.nodes])
    with waiting(screen, context, len(selection.nodes)):
        states = selection.check_gateways(settings=terms.settings)
    report = Report([one.outcome for one in states])
    if records:
        for one in states:
            records.write(gateway_record(one))
        records.report(report, code=exit_code(report))
    else:
        _say(states, screen)
    return exit_code(report)


def _say(states: list[GatewayState], screen: Screen) -> None:
    for one in states:
        outcome = one.outcome
        if outcome.ok:
            screen.print(f"{outcome.node}: Python {one.python}, ClusterShell {one.clustershell} ({one.path})")
        else:
            screen.print(f"{outcome.node}: {outcome.reason or outcome.kind}")
            if outcome.hint:
                screen.say(f"hint: {outcome.hint}")
