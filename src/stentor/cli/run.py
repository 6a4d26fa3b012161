"""``stentor run``: a command or a script on many nodes."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor import api
from stentor.cli import careful, secret
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.operate import operate
from stentor.cli.values import count, seconds
from stentor.errors import ProgramMissing, Refused, SelectorError, UsageError
from stentor.fanout.cancellation import Cancellation
from stentor.fanout.events import Event
from stentor.fanout.given import Given
from stentor.fanout.outcome import exit_code
from stentor.fanout.task import Settings
from stentor.render.display import Display, Together
from stentor.render.screen import Screen
from stentor.render.views import Wish, build, choose

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
_READABLE = 1024 * 1024  # bytes of a script that the guard reads and the journal keeps


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
    for letter, count_of_values in (("-w", None), ("-g", None), ("-a", 0)):
        parser.add_argument(letter, nargs=count_of_values, action=_Elsewhere, help=argparse.SUPPRESS)
    _what(parser.add_argument_group("what is run"))
    _shown(parser.add_argument_group("how it is shown (docs/run.md)"))
    _limits(parser.add_argument_group("limits and results"))
    careful.add_rollout(parser.add_argument_group("step by step (docs/safety.md)"))


class _Elsewhere(argparse.Action):
    """An option of clush's and pdsh's fingers which is no option here: say what to type instead."""

    def __call__(self, _: object, __: object, values: object, option: str | None = None) -> None:
        named = {"-a": "@all", "-g": f"@{values}"}.get(option or "", str(values))
        raise UsageError(
            f"nodes are named without {option}", hint=f"stentor run [options] {named} COMMAND..."
        )


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
    group.add_argument("-x", "--exclude", metavar="SELECTOR", help="leave these nodes out")
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
    _check(arguments, words)
    fleet = api.Fleet.open(arguments.fleet, environ=context.environ)
    selection = _selected(fleet, arguments, context)
    environment = _environment(arguments.env, context.environ)
    if arguments.tty:
        return _with_terminal(selection, " ".join(words), environment, arguments, context)
    screen = _screen(arguments, context)
    with Given() as given:
        command, stdin = _command(arguments, words, context, given)
        order = Order(command, stdin, environment, words, _text(stdin) if stdin else None)
        plan = careful.plan_for(selection, arguments)
        if arguments.dry_run:
            return _dry_run(selection, order, plan, arguments, screen)
        text, read = (order.given or "", None) if arguments.script else (order.command, order.given)
        careful.guard(text, selection, context, yes_really=arguments.yes_really, stdin=read)
        if arguments.sudo is None and not arguments.env_secret:
            return _run(selection, order, plan, arguments, context, screen)
        secrets = secret.Secrets(arguments.env_secret, arguments.sudo, context)
        try:
            sent, lines = secrets.prelude(command)
            order = order._replace(sent=sent, feed=secrets.channel(lines, stdin), secrets=secrets)
            return _run(selection, order, plan, arguments, context, screen)
        finally:
            secrets.close()


class Order(NamedTuple):
    """What the nodes are to do.

    Attributes:
        command: for their login shells.
        stdin: path of its standard input.
        environment: variables to set.
        words: as they were typed behind the selector.
        given: the beginning of the standard input: a script's text, or what is to be read.
        sent: what is really sent where secrets come first; empty for the command itself.
        feed: path of the standard input with them.
        secrets: what they are.
    """

    command: str
    stdin: str | None
    environment: Mapping[str, str]
    words: Sequence[str]
    given: str | None
    sent: str = ""
    feed: str | None = None
    secrets: secret.Secrets | None = None


def _text(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(_READABLE).decode("utf-8", "replace")


def _check(arguments: argparse.Namespace, words: Sequence[str]) -> None:
    """Refuse what does not go together, before anything is touched."""
    if not words and not arguments.script:
        raise UsageError("which command?", hint="stentor run SELECTOR COMMAND..., or --script FILE SELECTOR")
    if arguments.script and arguments.stdin:
        raise UsageError("--script comes to the nodes by standard input, so --stdin cannot be used with it")
    if arguments.mask and arguments.view not in (None, "gather", "diff"):
        raise UsageError("--mask is for comparing", hint="use it with --gather or --diff")
    if arguments.tty and (arguments.sudo or arguments.env_secret):
        raise UsageError("--tty gives one node the terminal; sudo can ask there by itself")
    if arguments.tty and (arguments.script or arguments.stdin or arguments.view or arguments.output_dir):
        raise UsageError("--tty gives one node the terminal; nothing else is done with its output or input")


def _selected(fleet: api.Fleet, arguments: argparse.Namespace, context: Context) -> api.Selection:
    def live(name: str) -> Iterable[str] | None:
        from stentor.cli.live import live_sets

        return live_sets(fleet, context)(name)

    selection = fleet.select(arguments.selector, live=live)
    if arguments.exclude:
        without = {node.alias for node in fleet.select(arguments.exclude, live=live).nodes}
        selection = api.Selection(fleet, tuple(n for n in selection.nodes if n.alias not in without))
    if not selection.nodes:
        raise SelectorError("no node is left of this selection", where=arguments.selector)
    return selection


def _environment(words: Sequence[str], environ: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for word in words:
        name, given, value = word.partition("=")
        if not given and name not in environ:
            raise UsageError(
                f"--env {name}: there is no such variable here", hint=f"write --env {name}=VALUE"
            )
        found[name] = value if given else environ[name]
    return found


def _command(
    arguments: argparse.Namespace, words: Sequence[str], context: Context, given: Given
) -> tuple[str, str | None]:
    """Return the command for the nodes' shells, and the path of its standard input."""
    if arguments.stdin:
        if context.stdin.isatty():
            context.stderr.write("stentor: reading what to send from the terminal; end it with Ctrl-D\n")
        return " ".join(words), given.spool(context.stdin.buffer)
    if not arguments.script:
        return " ".join(words), None
    from stentor.fanout import script

    path, name = arguments.script, os.path.basename(arguments.script)
    try:
        if path == "-":
            path, name = given.spool(context.stdin.buffer), "standard input"
        elif not os.path.isfile(path):
            with open(path, "rb") as pipe:  # <(...)
                path = given.spool(pipe)
        with open(path, "rb") as file:
            head = file.read(script.HEAD)
    except OSError as error:
        raise UsageError(f"cannot read the script: {error.strerror}", where=arguments.script) from None
    return script.command(head, words, name=name), path


def _screen(arguments: argparse.Namespace, context: Context) -> Screen:
    screen = context.screen()
    if arguments.color != "auto":
        screen.colour_out = screen.colour_err = arguments.color == "always"
    return screen


def _dry_run(
    selection: api.Selection, order: Order, plan: Plan | None, arguments: argparse.Namespace, screen: Screen
) -> int:
    from stentor.render.table import Cell, Column, table

    how = selection.describe(_settings(arguments))
    if arguments.view == "json":
        from json import dumps

        header = {"stentor": 1, "type": "plan", "command": order.command, "selector": arguments.selector}
        screen.print(dumps(header))
        for node in selection.nodes:
            screen.print(
                dumps({"type": "target", "node": node.alias, "how": how[node.alias], "expected": node.state})
            )
        return 0
    rows: list[list[str | Cell]] = [
        [node.alias, how[node.alias], Cell("" if node.state == "up" else f"expected {node.state}", "quiet")]
        for node in selection.nodes
    ]
    width = screen.width if screen.live_out else None  # a pipe gets everything
    columns = [Column("NODE"), Column("HOW", shrink=True, least=20), Column("STATE")]
    for line in table(columns, rows, width=width, colour=screen.colour_out):
        screen.print(line)
    for line in careful.describe_plan(plan) if plan else ():
        screen.say(line)
    screen.say(f"would run on {len(rows)} node{'s' if len(rows) > 1 else ''}: {order.command}")
    return 0


def _with_terminal(
    selection: api.Selection,
    command: str,
    environment: Mapping[str, str],
    arguments: argparse.Namespace,
    context: Context,
) -> int:
    if len(selection.nodes) != 1:
        raise UsageError(
            f"--tty is for one node, and '{arguments.selector}' names {len(selection.nodes)}",
            hint="stentor tmux shows many at once",
        )
    if not context.stdin.isatty():
        raise Refused("--tty needs a terminal, and standard input is none", hint="leave --tty out")
    if environment:
        from stentor.fanout.script import quote

        sets = " ".join(quote(f"{name}={value}") for name, value in environment.items())
        command = f"env {sets} sh -c {quote(command)}"
    argv = selection.login(command, user=arguments.user, tty=True)
    context.stdout.flush()
    try:
        os.execvpe(argv[0], argv, dict(context.environ))
    except OSError as error:
        raise ProgramMissing(f"{argv[0]} could not be started: {error.strerror}") from None


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
    order: Order,
    plan: Plan | None,
    arguments: argparse.Namespace,
    context: Context,
    screen: Screen,
) -> int:
    from stentor.cli.recorded import Recorded

    aliases = [node.alias for node in selection.nodes]
    ask = context.asking(screen) if arguments.view != "json" else None

    recorded = Recorded(selection.fleet, context)
    environment = {**order.environment, **recorded.environment}

    def fan_out(nodes: Sequence[Node], gate: str | None, cancellation: Cancellation) -> Iterator[Event]:
        events = api.Selection(selection.fleet, tuple(nodes)).stream(
            gate or order.sent or order.command,
            _settings(arguments),
            stdin=None if gate else order.feed or order.stdin,
            environment=environment,
            cancellation=cancellation,
            ask=ask,
        )
        return events if order.secrets is None or gate else order.secrets.follow(events)

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

    display, ticking = _display(selection, order.command, arguments, context, screen)
    what, options = _for_the_journal(order, arguments)
    hidden = order.secrets.all if order.secrets else ()
    recorded.begin("run", what, arguments.selector, tuple(aliases), options, hidden)
    with recorded, _lock(selection, context, plan, what):
        report = operate(
            start, display, aliases, clock=time.monotonic, first_tick=_FIRST_TICK if ticking else 0.0
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


# Options which 'stentor rerun' gives again, in this order.
_REPEATED = {
    "user": "--user",
    "window": "--window",
    "connect_timeout": "--connect-timeout",
    "timeout": "--timeout",
    "retries": "--retries",
    "canary": "--canary",
    "waves": "--waves",
    "last": "--last",
    "max_failures": "--max-failures",
    "pause": "--pause",
    "unreachable": "--unreachable",
    "at_once": "--at-once",
}
_DEFAULTS = {"window": 128, "connect_timeout": 5.0, "retries": 0}


def _for_the_journal(order: Order, arguments: argparse.Namespace) -> tuple[str, dict[str, Any]]:
    """Return what was done, and what is needed to do it again."""
    words: list[str] = []
    for name, option in _REPEATED.items():
        value = getattr(arguments, name)
        if value is not None and value != _DEFAULTS.get(name):
            words += [option, f"{value:g}" if isinstance(value, float) else str(value)]
    for option, values in (("--env", arguments.env), ("--gate", arguments.gate or ())):
        words += [word for value in values for word in (option, value)]
    words += [word for name in arguments.env_secret for word in ("--env-secret", name)]
    words += [f"--sudo={arguments.sudo}"] if arguments.sudo else []
    words += ["--fail-fast"] if arguments.fail_fast else []
    options: dict[str, Any] = {"words": words} if words else {}
    if arguments.user:
        options["user"] = arguments.user
    if arguments.stdin:
        options["stdin"] = True
    if not arguments.script:
        return order.command, options
    text = order.given or ""
    options["script"] = arguments.script
    if len(text) < _READABLE:
        options["text"] = text
        options["arguments"] = list(order.words)
    return " ".join(("--script", arguments.script, *order.words)), options


def _display(
    selection: api.Selection,
    command: str,
    arguments: argparse.Namespace,
    context: Context,
    screen: Screen,
) -> tuple[Display, bool]:
    """Stack the displays; say whether they want to know the time."""
    aliases = [node.alias for node in selection.nodes]
    groups = selection.fleet.data.groups
    clock = time.monotonic
    wish = Wish(arguments.view or "", not arguments.no_labels, arguments.mask, arguments.merge_stderr)
    view = choose(wish, len(aliases), screen.live_out)
    displays: list[Display] = []
    if arguments.output_dir:
        from stentor.render.files import Files

        displays.append(Files(arguments.output_dir, aliases))
    still = context.environ.get("CI") or context.environ.get("TERM") == "dumb"
    progress = screen.live_err and not arguments.quiet and not still
    if progress:
        from stentor.render.progress import Progress

        # First, so that its end takes the line away before the others write theirs.
        displays.append(Progress(screen, aliases, clock))
    if view == "json":
        from stentor.render.jsonl import JsonLines

        operation = {
            "command": command,
            "selector": arguments.selector,
            "nodes": aliases,
            "started_at": round(time.time(), 3),
        }
        displays.append(
            JsonLines(
                screen,
                operation,
                clock=clock,
                code=lambda report: exit_code(report, largest=arguments.max_rc),
            )
        )
    else:
        names = {node.alias: _names(node) for node in selection.nodes} if arguments.mask else {}
        displays.append(build(view, wish, screen, aliases, groups, names=names, clock=clock))
    if not arguments.quiet and view != "json":
        from stentor.render.summary import Summary

        displays.append(Summary(screen, groups, clock, alone=view == "raw"))
    return Together(displays), progress or view == "auto"


def _names(node: Node) -> list[str]:
    """All that a node may be called in its own output."""
    names = [node.alias, node.name, node.name.partition(".")[0], *node.addresses]
    return [name for name in names if name]
