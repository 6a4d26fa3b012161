"""``stentor facts``: what every node is made of, remembered for when it is down."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import add_connect_timeout, add_nodes, expression
from stentor.cli.times import seconds

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.fleet import Fleet, Selection
    from stentor.journal import Journal
    from stentor.outcome import Outcome

EXAMPLES = """
stentor facts                  gather them in one session a node, and remember them
stentor facts crtr             one node in full
stentor facts --known          what is remembered; touches no node
stentor facts --changed        what differs from the last time that was different
stentor run '%os=debian13' …   facts as a selector, like %tools.git=2.4* and '%gpus.name=*4090*'
stentor facts --json | jq -r 'select(.type == "facts") | [.node, .facts.kernel] | @tsv'
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    add_nodes(parser)
    parser.add_argument("-k", "--known", action="store_true", help="what is remembered; touch no node")
    parser.add_argument("-c", "--changed", action="store_true", help="what differs from before")
    add_connect_timeout(parser)
    parser.add_argument(
        "--timeout", type=seconds, default=20.0, metavar="SECONDS", help="on each node (default: 20)"
    )
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


class _Found(NamedTuple):
    """What is known of one node: from now, or from the last time."""

    outcome: Outcome
    facts: dict[str, Any]
    at: float | None
    changes: list[str]


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Gather, remember, show."""
    import time

    from stentor import journal
    from stentor.api.fleet import Fleet
    from stentor.outcome import Outcome, exit_code

    words = expression(arguments)
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    selection = fleet.select(words)
    started = time.time()
    screen = context.screen()
    if not selection.nodes:
        screen.say("no nodes")
        return 0
    book = journal.open(context.environ, fleet.data.policy.journal, fleet.data.root)
    if book.problem:
        screen.say(f"stentor: not remembered: {book.problem}")
    try:
        if arguments.known:
            outcomes = [Outcome(node.alias, "skipped", reason="not asked") for node in selection.nodes]
            told: dict[str, dict[str, Any]] = {}
        else:
            outcomes, told = _gather(arguments, fleet, selection)
        found = [_known(book, fleet, outcome, told.get(outcome.node)) for outcome in outcomes]
    finally:
        book.close()
    code = exit_code(outcomes)
    if arguments.json:
        _records(context, found, words, started, code)
    else:
        _show(context, found, changed=arguments.changed)
    return code


def _gather(
    arguments: argparse.Namespace, fleet: Fleet, selection: Selection
) -> tuple[list[Outcome], dict[str, dict[str, Any]]]:
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.probe import inventory
    from stentor.sh.program import path

    section = fleet.data.policy.facts
    tools = dict.fromkeys([*inventory.TOOLS, *section.tools])
    packages = dict.fromkeys([*inventory.PACKAGES, *section.packages])
    command = inventory.words(list(tools), list(packages))
    settings = Settings(connect_timeout=arguments.connect_timeout, timeout=arguments.timeout)
    outcomes: dict[str, Outcome] = {}
    told: dict[str, dict[str, Any]] = {}
    for result in collect(selection.stream(command, settings, stdin=path("inventory"))):
        facts = inventory.parse(result.stdout)
        outcome = result.outcome
        if outcome.ok and not facts.get("complete"):
            outcome = outcome._replace(kind="shell-broken", reason="the probe did not come to its end")
        if outcome.ok:
            told[result.node] = facts
        outcomes[result.node] = outcome
    return [outcomes[node.alias] for node in selection.nodes], told


def _known(book: Journal, fleet: Fleet, outcome: Outcome, now: dict[str, Any] | None) -> _Found:
    """Remember what was told, and compare it with the last that was different."""
    from stentor.probe.inventory import differences

    root, node = fleet.data.root, outcome.node
    at, last = book.recall(root, "facts").get(node, (None, None))
    before = book.recall(root, "facts-before").get(node, (None, None))[1]
    if now is None:
        return _Found(outcome, last or {}, at, differences(before, last) if before and last else [])
    if last is not None and differences(last, now):
        before = last
        book.remember(root, node, "facts-before", last)
    book.remember(root, node, "facts", now)
    return _Found(outcome, now, None, differences(before, now) if before else [])


# ---- showing ----


def _show(context: Context, found: Sequence[_Found], *, changed: bool) -> None:
    from stentor.outcome import Report
    from stentor.render.summary import hints

    screen = context.screen()
    if changed:
        lines = [f"{one.outcome.node}: {change}" for one in found for change in one.changes]
        if not lines:
            screen.say("nothing differs")
    elif len(found) == 1 and found[0].facts:
        lines = _in_full(found[0])
    else:
        lines = _table(found, screen.width if screen.live_out else None, colour=screen.colour_out)
    for line in lines:
        screen.print(line)
    for one in found:
        if one.outcome.reason and one.outcome.reason != "not asked":
            remembered = f"; facts from {_day(one.at)}" if one.facts else "; nothing is remembered of it"
            screen.say(f"{one.outcome.node}: {one.outcome.kind}: {one.outcome.reason}{remembered}")
    for line in hints(Report(one.outcome for one in found), None, screen.width):
        screen.say(line)


def _table(found: Sequence[_Found], width: int | None, *, colour: bool) -> list[str]:
    from stentor.render.table import Cell, Column, table

    columns = [Column("NODE"), Column("SYSTEM", shrink=True), Column("KERNEL", shrink=True), Column("ARCH")]
    columns += [Column("CPU", shrink=True, least=6), Column("CORES", right=True), Column("MEM", right=True)]
    columns += [Column("DISK", right=True), Column("GPU", shrink=True), Column("ADDRESS", shrink=True)]
    columns += [Column("AS OF")]
    rows: list[list[str | Cell]] = []
    for one in found:
        facts = one.facts
        addresses = [a["address"] for a in facts.get("addresses", ()) if ":" not in a["address"]]
        cells = [
            *(facts.get(key, "") for key in ("system", "kernel", "arch", "cpu")),
            str(facts.get("cores", "")),
            _size(facts.get("memory")),
            _size(sum(disk["size"] for disk in facts.get("disks", ())) or None),
            ", ".join(gpu["name"] for gpu in facts.get("gpus", ())),
            addresses[0] if addresses else "",
            "now" if facts and one.at is None else _day(one.at),
        ]
        style = "quiet" if one.at is not None else ""
        rows.append([Cell(one.outcome.node, style), *(Cell(cell, style) for cell in cells)])
    return table(columns, rows, width=width, colour=colour)


def _in_full(one: _Found) -> list[str]:
    from stentor.render.table import pairs

    facts, shown = one.facts, {"node": one.outcome.node}
    for key, value in facts.items():
        if key == "memory":
            shown[key] = _size(value)
        elif key == "gpus":
            shown[key] = "\n".join(
                " ".join(filter(None, [g["name"], _size(g.get("memory")), g.get("driver", "")]))
                for g in value
            )
        elif key == "disks":
            shown[key] = "\n".join(
                f"{d['name']} {_size(d['size'])} {d.get('model', d['kind'])}" for d in value
            )
        elif key == "addresses":
            shown[key] = "\n".join(f"{a['address']} ({a['interface']})" for a in value)
        elif isinstance(value, dict):
            shown[key] = "\n".join(f"{name} {version}".strip() for name, version in value.items())
        elif isinstance(value, list):
            shown[key] = " ".join(map(str, value))
        elif key != "complete":
            shown[key] = str(value)
    shown["as of"] = "now" if one.at is None else _day(one.at)
    return pairs({key: value for key, value in shown.items() if value})


def _size(count: int | None) -> str:
    from stentor.probe.columns import size

    return size(count) if count else ""


def _day(at: float | None) -> str:
    import time

    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at)) if at else "never"


def _records(context: Context, found: Sequence[_Found], expression: str, started: float, code: int) -> None:
    import time

    from stentor.render.records import Records

    nodes = [one.outcome.node for one in found]
    header = {"command": "facts", "nodes": nodes, "selector": expression, "started_at": started}
    records = Records(context.screen(), header)
    for one in found:
        outcome = one.outcome
        records.write(
            {
                "type": "facts",
                "node": outcome.node,
                "kind": outcome.kind,
                "reason": outcome.reason,
                "hint": outcome.hint,
                "facts": one.facts or None,
                "at": one.at if one.at is not None else time.time() if one.facts else None,
                "changes": one.changes,
            }
        )
    records.report([one.outcome for one in found], code=code, seconds=time.time() - started)
