"""``stentor needs``: which node lacks which command, package, mount or service."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.rollout_options import terms_of
from stentor.cli.selector import add_connect_timeout, add_max_output, add_nodes, add_timeout, expression

EXAMPLES = """
stentor needs                    what each node lacks of what the fleet requires of it
stentor needs @gpu --all         also what is there
stentor needs --as ansible > fix.yaml    the tasks that would fix it
stentor needs --json | jq -r 'select(.type == "needs") | .node as $n | .lacks[] | "\\($n) \\(.name)"'
"""


def configure(parser: Parser) -> None:
    add_nodes(parser)
    parser.add_argument("-a", "--all", action="store_true", help="show what is there, too")
    parser.add_argument("--as", dest="form", choices=["ansible"], help="as a playbook, on stdout")
    add_connect_timeout(parser)
    add_timeout(parser, 20.0)
    add_max_output(parser)
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look, remember, show. 1 if something is lacking, else as every fan-out."""
    from stentor.api.facts import needs_found, needs_operation
    from stentor.cli.displays import carry_out_shown, json_lines
    from stentor.outcome import exit_code
    from stentor.probe.needs import as_ansible
    from stentor.render.display import AtEnd
    from stentor.render.needs import needs_record, say_outcomes, show_needs

    words = expression(arguments)
    selection = context.fleet(arguments.fleet).select(words)
    screen = context.screen()
    terms = terms_of(arguments, context, selection.fleet.groups)
    operation = needs_operation(selection, terms)
    nodes = operation.request.nodes
    records = json_lines(arguments, screen, "needs", nodes, words)
    if not nodes:
        screen.say("the fleet requires nothing of these nodes")
        screen.say("hint: give nodes 'requires: [git, tmux]'; or write rules below 'needs:' in policy.yaml")
        if records:
            records.report(operation.report, code=0)
        elif arguments.form:
            screen.out(screen.encode(as_ansible({})))
        return 0

    def answer() -> None:
        found = needs_found(selection, operation)
        if arguments.form:
            screen.out(screen.encode(as_ansible({one.outcome.node: one.lacks for one in found})))
        else:
            show_needs(screen, found, everything=arguments.all)
        say_outcomes(screen, found)

    extra = [] if records else [AtEnd(answer)]
    carry_out_shown(operation, screen, context, records, extra=extra)
    found = needs_found(selection, operation)
    code = exit_code(operation.report) or int(any(one.lacks for one in found))
    if records:
        for one in found:
            records.write(needs_record(one))
        records.report(operation.report, code=code)
    return code
