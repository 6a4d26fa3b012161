"""``stentor run``: a command or a script on many nodes."""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from stentor import api
from stentor.cli import careful
from stentor.cli import secrets as secret
from stentor.cli.commands.run.elsewhere import add_letters, instead
from stentor.cli.commands.run.order import Order, check, environment, for_the_journal, read_order
from stentor.cli.commands.run.shown import display, screen_for
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.operate import operate
from stentor.cli.selector import pick, some
from stentor.cli.times import count, positive, seconds
from stentor.errors import SelectorError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event
from stentor.fanout.given import Given
from stentor.fanout.task import Settings
from stentor.outcome import exit_code
from stentor.render.screen import Screen

if TYPE_CHECKING:
    from stentor.fleet.model import Node
    from stentor.rollout.plan import Plan

EXAMPLES = """
stentor run @all uptime                         on all nodes; the same output is shown once
stentor run @gpu,crtr 'df -h / | tail -1'       quoted: the pipe is the nodes', not this shell's
stentor run --stream @all journalctl -f         live, each line behind its node's name
stentor run --diff --mask @all cat /etc/hosts   who differs from most, names and addresses aside
stentor run -u 10s --retries 2 @all ./check     10 seconds for the command, two more tries to reach a node
stentor run --script setup.sh @gpu -- --fast    a local script, with arguments
stentor run --stdin @all 'cat > motd' < motd    the same standard input for all
stentor run --json @all uname -r                JSON Lines for programs (docs/json.md)
stentor run --canary prtr --waves 25% @all ./up step by step; stops when it goes wrong (docs/safety.md)
stentor run @failed ./up                        where the last operation failed
"""

# Beyond this a tick has nothing to show: progress and the automatic view begin after a second.
_FIRST_TICK = 1.0


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.usage = (
        "stentor run [options] SELECTOR COMMAND...\n"
        "       stentor run [options] --script FILE SELECTOR [ARGUMENTS...]"
    )
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo, node[1-40]")
    parser.add_argument(
        "words",
        metavar="COMMAND",
        nargs=argparse.REMAINDER,
        help="all words after the selector, joined by spaces for the nodes' shells, as ssh does",
    )
    add_letters(parser)
    parser.instead = instead
    _what(parser.add_argument_group("what is run"))
    _shown(parser.add_argument_group("how it is shown (docs/run.md)"))
    _limits(parser.add_argument_group("limits and results"))
    careful.add_rollout(parser.add_argument_group("step by step (docs/safety.md)"))


def _what(group: Any) -> None:
    group.add_argument("-s", "--script", metavar="FILE", help="send this script; - is standard input")
    group.add_argument("-i", "--stdin", action="store_true", help="send our standard input to each node")
    group.add_argument(
        "-e",
        "--env",
        metavar="NAME[=VALUE]",
        action="append",
        default=[],
        help="set a variable there; without =VALUE as it is here",
    )
    group.add_argument("-l", "--user", metavar="NAME", help="log in as NAME in place of the fleet's user")
    group.add_argument(
        "-x",
        "--exclude",
        metavar="SELECTOR",
        action="append",
        default=[],
        help="leave these nodes out; may be given again",
    )
    group.add_argument("--pick", metavar="N", type=positive, help="only so many of them, by chance")
    group.add_argument("--tty", action="store_true", help="with a terminal; one node only, by ssh -t")
    group.add_argument("-n", "--dry-run", action="store_true", help="only say who would be reached, and how")
    careful.add_guard(group)
    secret.add_secrets(group)


def _shown(group: Any) -> None:
    views = group.add_mutually_exclusive_group()
    for letters, view, text in (
        (("-b", "--gather"), "gather", "merge identical output at the end"),
        (("--stream",), "stream", "live lines, each behind its node's name"),
        (("-L", "--in-order"), "in-order", "all lines of a node, then those of the next"),
        (("--diff",), "diff", "how the others differ from the most common output"),
        (("-j", "--json"), "json", "events as JSON Lines"),
    ):
        views.add_argument(*letters, dest="view", action="store_const", const=view, help=text)
    group.add_argument(
        "--mask", action="store_true", help="compare without host names, addresses, times and process numbers"
    )
    group.add_argument("-B", "--merge-stderr", action="store_true", help="take stderr as stdout")
    group.add_argument("-N", "--no-labels", action="store_true", help="no names of nodes")
    group.add_argument("-o", "--output-dir", metavar="DIR", help="also write DIR/NODE.out and DIR/NODE.err")
    group.add_argument("-q", "--quiet", action="store_true", help="the nodes' output and nothing else")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="(default: auto)")


def _limits(group: Any) -> None:
    group.add_argument(
        "-f",
        "--window",
        metavar="N",
        type=count,
        default=128,
        help="nodes at once; 0 for as many as possible (default: 128)",
    )
    group.add_argument(
        "-t",
        "--connect-timeout",
        metavar="TIME",
        type=seconds,
        default=5.0,
        help="until a node lets us in (default: 5s)",
    )
    group.add_argument(
        "-u", "--timeout", metavar="TIME", type=seconds, help="for the command: 10, 1.5s, 2m (default: none)"
    )
    group.add_argument(
        "-r", "--retries", metavar="N", type=count, default=0, help="more tries to reach a node (default: 0)"
    )
    group.add_argument("--fail-fast", action="store_true", help="stop everywhere at the first failure")
    group.add_argument(
        "-S",
        "--max-rc",
        action="store_true",
        help="exit with the largest exit code of all nodes, as clush does",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Select, start, show."""
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    check(arguments, words)
    fleet = api.Fleet.open(arguments.fleet, environ=context.environ)
    selection = _selected(fleet, arguments)
    if arguments.tty:
        from stentor.cli.commands.run.terminal import only_one, with_terminal

        only_one(selection, arguments.selector)
        if not arguments.dry_run:
            variables = environment(arguments.env, context.environ)
            return with_terminal(selection, " ".join(words), variables, arguments.user, context)
    screen = screen_for(arguments, context)
    with Given() as given:
        wanted = read_order(arguments, words, context, given)
        plan = careful.plan_for(selection, arguments)
        if arguments.dry_run:
            from stentor.cli.commands.run.dry import dry_run

            return dry_run(selection, wanted, plan, _settings(arguments), arguments, screen)
        text, read = (wanted.given or "", None) if arguments.script else (wanted.command, wanted.given)
        careful.guard(text, selection, context, yes_really=arguments.yes_really, stdin=read)
        if arguments.sudo is None and not arguments.env_secret:
            return _run(selection, wanted, plan, arguments, context, screen)
        secrets = secret.Secrets(arguments.env_secret, arguments.sudo, context)
        try:
            sent, lines = secrets.prelude(wanted.command)
            wanted = wanted._replace(sent=sent, feed=secrets.channel(lines, wanted.stdin), secrets=secrets)
            return _run(selection, wanted, plan, arguments, context, screen)
        finally:
            secrets.close()


def _selected(fleet: api.Fleet, arguments: argparse.Namespace) -> api.Selection:
    nodes = some(fleet, arguments.selector).nodes
    if arguments.exclude:
        without = {node.alias for words in arguments.exclude for node in fleet.select(words).nodes}
        nodes = tuple(node for node in nodes if node.alias not in without)
        if not nodes:
            raise SelectorError("no node is left of this selection", where=arguments.selector)
    if arguments.pick:
        from random import SystemRandom

        nodes = pick(nodes, arguments.pick, SystemRandom())
    return api.Selection(fleet, nodes)


def _settings(arguments: argparse.Namespace) -> Settings:
    return Settings(
        window=arguments.window,
        connect_timeout=arguments.connect_timeout,
        timeout=arguments.timeout,
        retries=arguments.retries,
        fail_fast=arguments.fail_fast,
        user=arguments.user,
    )


def _run(
    selection: api.Selection,
    wanted: Order,
    plan: Plan | None,
    arguments: argparse.Namespace,
    context: Context,
    screen: Screen,
) -> int:
    from stentor.cli.recorded import Recorded

    aliases = [node.alias for node in selection.nodes]
    ask = context.asking(screen) if arguments.view != "json" else None

    recorded = Recorded(selection.fleet, context)
    variables = {**wanted.environment, **recorded.environment}

    def fan_out(nodes: Sequence[Node], gate: str | None, cancellation: Cancellation) -> Iterator[Event]:
        events = api.Selection(selection.fleet, tuple(nodes)).stream(
            gate or wanted.sent or wanted.command,
            _settings(arguments),
            stdin=None if gate else wanted.feed or wanted.stdin,
            environment=variables,
            cancellation=cancellation,
            ask=ask,
        )
        return events if wanted.secrets is None or gate else wanted.secrets.follow(events)

    def start(cancellation: Cancellation) -> Iterator[Event]:
        if plan is None:
            return recorded.follow(fan_out(selection.nodes, None, cancellation))
        known = selection.fleet.data.nodes
        return recorded.follow(
            careful.staged(
                plan,
                lambda nodes, gate: fan_out([known[name] for name in nodes], gate, cancellation),
                stop=lambda: cancellation.reason,
            )
        )

    shown, ticking = display(selection, wanted.command, arguments, context, screen)
    what, options = for_the_journal(wanted, arguments)
    hidden = wanted.secrets.all if wanted.secrets else ()
    recorded.begin("run", what, arguments.selector, tuple(aliases), options, hidden)
    with recorded, _lock(selection, context, plan, what):
        report = operate(
            start, shown, aliases, clock=time.monotonic, first_tick=_FIRST_TICK if ticking else 0.0
        )
        recorded.code = exit_code(report, largest=arguments.max_rc)
    return recorded.code


def _lock(
    selection: api.Selection, context: Context, plan: Plan | None, what: str
) -> AbstractContextManager[None]:
    """A run in steps is a change: while it goes on, other operators are kept from these nodes."""
    if plan is None:
        return nullcontext()
    from stentor.cli.locked import locked

    return locked(selection, context, f"run {what}"[:80])
