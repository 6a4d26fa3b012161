"""``stentor facts``: what every node is made of, remembered for when it is down."""

from __future__ import annotations

import argparse
import time

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_connect_timeout, add_max_output, add_nodes, add_timeout, expression

EXAMPLES = """
stentor facts                  gather them in one session a node, and remember them
stentor facts crtr             one node in full
stentor facts --known          the last known facts; contacts no node
stentor facts --changed        what differs from the last time that was different
stentor run '%os=debian13' …   facts as a selector, like %tools.git=2.4* and '%gpus.name=*4090*'
stentor facts --json | jq -r 'select(.type == "facts") | [.node, .facts.kernel] | @tsv'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    parser.add_argument("-k", "--known", action="store_true", help="the last known facts; contact no node")
    parser.add_argument("-c", "--changed", action="store_true", help="what differs from before")
    add_connect_timeout(parser)
    add_timeout(parser, 20.0)
    add_max_output(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.api.facts import NodeFacts, facts_found, facts_operation
    from stentor.cli.displays import carry_out_shown, json_lines, no_nodes
    from stentor.outcome import exit_code
    from stentor.render.display import AtEnd
    from stentor.render.facts import facts_record, show_facts

    words = expression(arguments)
    fleet = context.fleet(arguments.fleet)
    selection = fleet.select(words)
    screen = context.screen()
    if not selection.nodes:
        return no_nodes(arguments, screen, "facts", words)
    nodes = [node.alias for node in selection.nodes]
    records = json_lines(arguments, screen, "facts", nodes, words)
    operation = None
    found: list[NodeFacts] = []
    if not arguments.known:
        operation = facts_operation(selection, terms_of(arguments, context, fleet.groups))

    def answer() -> None:
        found.extend(facts_found(selection, operation))
        if records is None:
            show_facts(screen, found, changed=arguments.changed)

    if operation:
        carry_out_shown(operation, screen, context, records, extra=[AtEnd(answer)])
    else:
        answer()
    code = exit_code(one.outcome for one in found)
    if records is None:
        return code
    for one in found:
        records.write(facts_record(one, time.time()))
    records.report((one.outcome for one in found), code=code)
    return code
