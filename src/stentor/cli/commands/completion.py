"""``stentor completion``: scripts that complete commands, options, nodes, groups and services."""

from __future__ import annotations

import argparse
import os

from stentor import shells
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, parser_for
from stentor.cli.document import add_output, write_script
from stentor.cli.table import COMMANDS
from stentor.errors import UsageError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.render.completion import Option, Place, Table

EXAMPLES = """
eval "$(stentor completion bash)"                            # in ~/.bashrc
stentor completion zsh -o ~/.zfunc/_stentor                  # a folder of your $fpath
stentor completion fish -o ~/.config/fish/completions/stentor.fish
"""

# The kind of an operand or an option's value, by its name in the help.
KINDS = {
    **dict.fromkeys(("SELECTOR", "NODE", "NODES"), "nodes"),
    **dict.fromkeys(("FILE", "PATH", "SOURCE", "DESTINATION"), "files"),
    **dict.fromkeys(("DIR", "DIRECTORY"), "dirs"),
    "SERVICE": "services",
    "COMMAND": "command",
}


def configure(parser: Parser) -> None:
    parser.add_argument("shell", choices=shells.WITH_INIT, nargs="?", help="the shell to write for")
    add_output(parser)
    parser.add_argument(
        "--words",
        dest="kind",
        nargs="?",
        const="nodes",
        choices=("nodes", "services", "names"),
        help="print nodes and groups, services, or all of them, for the scripts",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    if arguments.kind:
        from stentor.cli.words import fleet_words

        context.stdout.write(fleet_words(arguments.fleet, context.environ, os.getcwd(), arguments.kind))
        return 0
    if arguments.shell is None:
        raise UsageError("no shell is named", hint=f"stentor completion {'|'.join(shells.WITH_INIT)}")
    from stentor.render.completion import script

    return write_script(arguments, context, script(arguments.shell, offered()))


def offered() -> Table:
    """What shells offer: all that can be typed, and ``help``, which is no command."""
    from stentor.cli.topics import TOPICS
    from stentor.render.completion import Place

    places = dict(table())
    first = places[""]
    places[""] = first._replace(words={**first.words, "help": "help on a command or a topic"})
    places["help"] = Place(operands=("words:" + ",".join([*COMMANDS, "all", "topics", *TOPICS]),))
    return places


def table() -> Table:
    """What can be typed where, from every command's parser."""
    from stentor.render.completion import Option, Place

    places = {
        "": Place(
            options=(
                Option(("-f", "--fleet"), "the fleet directory", "dirs"),
                Option(("-h", "--help"), "help"),
                Option(("-V", "--version"), "the version"),
            ),
            words={name: command.summary for name, command in COMMANDS.items()},
        )
    }
    for name in COMMANDS:
        try:
            parser, _ = parser_for(name)
        except ModuleNotFoundError:
            continue  # listed and not written yet
        _walk(name, parser, places)
    return places


def _walk(path: str, parser: argparse.ArgumentParser, places: dict[str, Place]) -> None:
    from stentor.render.completion import Place

    options: list[Option] = []
    operands: list[str] = []
    words: dict[str, str] = {}
    for action in parser._actions:  # argparse offers no public way to list them
        if isinstance(action, argparse._SubParsersAction):
            words = {choice.dest: choice.help or "" for choice in action._choices_actions}
            for verb, below in action.choices.items():
                _walk(f"{path} {verb}", below, places)
        elif action.help == argparse.SUPPRESS:
            continue
        elif action.option_strings:
            options.append(_option(parser, action))
        else:
            operands.append(_kind(action) + ("*" if action.nargs in ("*", "+", "...", "A...") else ""))
    places[path] = Place(tuple(options), tuple(operands), words)


def _option(parser: argparse.ArgumentParser, action: argparse.Action) -> Option:
    from stentor.render.completion import Option

    value = "" if action.nargs == 0 else _kind(action)
    summary = " ".join(parser._get_formatter()._expand_help(action).split()) if action.help else ""
    return Option(tuple(action.option_strings), summary, value)


def _kind(action: argparse.Action) -> str:
    if action.choices is not None:
        return "words:" + ",".join(str(choice) for choice in action.choices)
    if action.metavar == "FAULT":
        from stentor.lab.faults import FAULTS

        return "words:" + ",".join(FAULTS)
    metavar = action.metavar if isinstance(action.metavar, str) else action.dest
    kinds = [KINDS.get(name, "") for name in metavar.upper().rstrip(".").split("|")]
    if kinds == ["services", "nodes"]:  # SERVICE|SELECTOR
        return "names"
    return next(filter(None, kinds), "any")
