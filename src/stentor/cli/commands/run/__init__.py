"""``stentor run``: a command or a script on many nodes."""

from __future__ import annotations

from stentor.api.run import environment_of
from stentor.cli.commands.run.elsewhere import add_letters, behind, instead, second
from stentor.cli.commands.run.request import check, read_request, unread_input
from stentor.cli.context import Context
from stentor.cli.plain import REST
from stentor.cli.run_options import add_run_options, narrowed, run_selected
from stentor.cli.selector import some
from stentor.errors import SelectorError, StentorError
from stentor.fanout.given import Given
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse
    from collections.abc import Collection

    from stentor.cli.dispatch import Parser

EXAMPLES = """
stentor run @all uptime                         on all nodes; the same output is shown once
stentor run @gpu,crtr 'df -h / | tail -1'       quoted: the pipe is the nodes', not this shell's
stentor run --stream @all journalctl -f         live, each line behind its node's name
stentor run --diff --mask @all cat /etc/hosts   who differs from most, names and addresses aside
stentor run -u 10s --retries 2 @all ./check     10 seconds for the command, two more tries to reach a node
stentor run --script setup.sh @gpu -- --fast    a local script, with arguments
stentor run --stdin @all 'cat > motd' < motd    the same standard input for all
stentor run --json @all uname -r                JSON Lines for programs (docs/json.md)
stentor run --canary prtr --waves 25% @all ./up  step by step; stops when it goes wrong (docs/safety.md)
stentor run @failed ./up                        where the last operation failed
"""


def configure(parser: Parser) -> None:
    parser.usage = (
        "stentor run [options] SELECTOR COMMAND...\n"
        "       stentor run [options] --hostfile FILE COMMAND...\n"
        "       stentor run [options] --script FILE SELECTOR [ARGUMENTS...]"
    )
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo, node[1-40]")
    parser.add_argument(
        "words",
        metavar="COMMAND",
        nargs=REST,
        help="all words after the selector, joined by spaces for the nodes' shells, as ssh does",
    )
    add_letters(parser)
    parser.instead = instead
    add_run_options(parser)


def _names(arguments: argparse.Namespace, context: Context) -> Collection[str]:
    """The names of all nodes, for a hint; none where there is no fleet, which is not what is wrong here."""
    try:
        return context.fleet(arguments.fleet).data.nodes
    except StentorError:
        return ()


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.hostfile:  # what stands where a selector would stand is the first word of the command
        arguments.words = [arguments.selector, *arguments.words]
    words = arguments.words[1:] if arguments.words[:1] == ["--"] else arguments.words
    check(arguments, words, lambda: _names(arguments, context))
    fleet = context.fleet(arguments.fleet)
    if arguments.hostfile:
        from stentor.cli.commands.run.hostfile import selector_of

        arguments.selector = selector_of(arguments.hostfile, words, fleet, context)
    try:
        selection = narrowed(some(fleet, arguments.selector), arguments)
    except SelectorError as error:
        raise behind(error, arguments, words, fleet.data.nodes) from None
    if arguments.tty:
        from stentor.cli.commands.run.terminal import only_one, with_terminal

        only_one(selection, arguments.selector)
        if not arguments.dry_run:
            variables = environment_of(arguments.env, context.environ)
            user, limit = arguments.user, arguments.connect_timeout
            return with_terminal(selection, " ".join(words), variables, user, limit, context)
    with Given() as given:
        wanted = read_request(arguments, words, context, given)
        unread = unread_input(arguments, context)
        context.stderr.write(unread)
        code = run_selected(selection, wanted, arguments, context)
        if not unread:  # it may have come only now
            context.stderr.write(unread_input(arguments, context))
        if code and words:
            context.stderr.write(second(arguments.selector, words, fleet.data.nodes))
        return code
