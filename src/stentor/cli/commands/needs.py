"""``stentor needs``: which node lacks which command, package, mount or service."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.cli.times import seconds

if TYPE_CHECKING:
    from stentor.api.fleet import Selection
    from stentor.outcome import Outcome
    from stentor.probe.needs import Need

EXAMPLES = """
stentor needs                    what each node lacks of what the fleet wishes of it
stentor needs @gpu --all         also what is there
stentor needs --as ansible > fix.yaml    the tasks that would fix it
stentor needs --json | jq -r 'select(.type == "needs") | .node as $n | .lacks[] | "\\($n) \\(.name)"'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument("-a", "--all", action="store_true", help="show what is there, too")
    parser.add_argument("--as", dest="form", choices=["ansible"], help="as a playbook, on stdout")
    add_connect_timeout(parser)
    parser.add_argument(
        "--timeout", type=seconds, default=20.0, metavar="SECONDS", help="on each node (default: 20)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Look, remember, show. 1 if something is lacking, else as every fan-out."""
    import time

    from stentor import journal
    from stentor.api.fleet import Fleet
    from stentor.outcome import exit_code
    from stentor.probe.needs import as_ansible, needs

    words = expression(arguments)
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = fleet.select(words)
    started = time.time()
    screen = context.screen()
    wanted = {node.alias: needs(fleet.data, node) for node in selection.nodes}
    if not any(wanted.values()):
        screen.say("the fleet wishes nothing of these nodes")
        screen.say("hint: give nodes 'requires: [git, tmux]', or write rules below 'needs:' in policy.yaml")
        return 0
    outcomes, answers = _look(arguments, selection, wanted)
    book = journal.open(context.environ, fleet.data.policy.journal, fleet.data.root)
    for alias, answer in answers.items():
        lacks = [need.text for need, said in answer.items() if said == "no"]
        book.remember(fleet.data.root, alias, "needs", {"lacks": lacks, "wanted": len(answer)})
    book.close()
    lacking = {a: [n for n, said in answer.items() if said == "no"] for a, answer in answers.items()}
    code = exit_code(outcomes) or int(any(lacking.values()))
    if arguments.json:
        _records(context, outcomes, answers, words, started, code)
    elif arguments.form:
        screen.out(screen.encode(as_ansible(lacking)))
    else:
        _show(context, outcomes, answers, everything=arguments.all)
    if not arguments.json:
        _say(context, outcomes)
    return code


def _look(
    arguments: argparse.Namespace, selection: Selection, wanted: dict[str, list[Need]]
) -> tuple[list[Outcome], dict[str, dict[Need, str]]]:
    """Ask every node of which something is wished, in one session each."""
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings, Task
    from stentor.probe.needs import parse, words
    from stentor.sh.program import path

    asked = [node for node in selection.nodes if wanted[node.alias]]
    tasks = [Task(node, words(wanted[node.alias]), path("needs")) for node in asked]
    settings = Settings(connect_timeout=arguments.connect_timeout, timeout=arguments.timeout)
    outcomes: dict[str, Outcome] = {}
    answers: dict[str, dict[Need, str]] = {}
    for result in collect(selection.fan_out(tasks, settings)):
        outcomes[result.node] = result.outcome
        if result.ok:
            answers[result.node] = parse(result.text, wanted[result.node])
    order = [node.alias for node in asked]
    return [outcomes[a] for a in order], {a: answers[a] for a in order if a in answers}


def _show(
    context: Context, outcomes: list[Outcome], answers: dict[str, dict[Need, str]], *, everything: bool
) -> None:
    from stentor.render.style import paint

    screen = context.screen()
    styles = {"yes": "good", "no": "bad", "unknown": "warning"}
    signs = {"yes": "has", "no": "lacks", "unknown": "cannot say:"}
    for outcome in outcomes:
        answer = answers.get(outcome.node, {})
        shown = {need: said for need, said in answer.items() if everything or said != "yes"}
        if answer and not shown:
            screen.print(f"{outcome.node}: has all {len(answer)}")
        for need, said in shown.items():
            screen.print(f"{outcome.node}: {paint(signs[said], styles[said], screen.colour_out)} {need.text}")


def _say(context: Context, outcomes: list[Outcome]) -> None:
    from stentor.outcome import Report
    from stentor.render.summary import hints

    screen = context.screen()
    for outcome in outcomes:
        if not outcome.ok:
            screen.say(f"{outcome.node}: {outcome.kind}: {outcome.reason}")
    for line in hints(Report(outcomes), None, screen.width):
        screen.say(line)


def _records(
    context: Context,
    outcomes: list[Outcome],
    answers: dict[str, dict[Need, str]],
    expression: str,
    started: float,
    code: int,
) -> None:
    import time

    from stentor.render.records import Records

    nodes = [outcome.node for outcome in outcomes]
    header = {"command": "needs", "nodes": nodes, "selector": expression, "started_at": started}
    records = Records(context.screen(), header)
    for outcome in outcomes:
        answer = answers.get(outcome.node, {})

        def these(wish: str, answer: dict[Need, str] = answer) -> list[dict[str, str]]:
            return [{"kind": need.kind, "name": need.name} for need, said in answer.items() if said == wish]

        records.write(
            {
                "type": "needs",
                "node": outcome.node,
                "kind": outcome.kind,
                "reason": outcome.reason,
                "hint": outcome.hint,
                "has": these("yes"),
                "lacks": these("no"),
                "unknown": these("unknown"),
            }
        )
    records.report(outcomes, code=code, seconds=time.time() - started)
