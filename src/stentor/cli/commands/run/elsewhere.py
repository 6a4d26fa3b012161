"""Options of clush, pdsh and Ansible that are none here or mean something else; what to type instead."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence

from stentor.cli.plain import SILENT, Action
from stentor.errors import SelectorError, UsageError
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

_RUN = "stentor run [options] "
_NO_STDIN = "standard input is sent only with -i or --stdin"

# What to type in place of these options; {} is the option's value.
_WAYS: dict[tuple[str, ...], str] = {
    ("-w",): _RUN + "{} COMMAND...",
    ("-a", "--all"): _RUN + "@all COMMAND...",
    ("-g", "--group"): _RUN + "@{} COMMAND...",
    ("-X",): _RUN + "--exclude @{} SELECTOR COMMAND...",
    ("--groupsource",): "'stentor init --from clustershell' brings groups along",
    ("-c", "--copy", "--dest"): "stentor copy SELECTOR FILE... DESTINATION",
    ("--rcopy",): "stentor fetch SELECTOR FILE... DESTINATION",
    ("--dshbak",): "it is -b or --gather here",
    ("-p",): "port: of the node in nodes.yaml; 'stentor copy' and 'fetch' keep times and modes by themselves",
    ("--regroup",): "a set which is exactly a group is called by its name anyway",
    ("--axis",): "sets of nodes are folded by themselves",
    ("-G", "--groupbase"): "groups have no source here, so nothing is to be left out",
    ("--fanout", "--forks", "--parallel"): "it is -f {} or --window {} here",
    ("--maxrc",): "it is -S or --max-rc here",
    ("--connect_timeout",): "it is -t {} or --connect-timeout {} here",
    ("--command_timeout",): "it is -u {} or --timeout {} here",
    ("--outdir", "--errdir"): _RUN + "--output-dir {} SELECTOR COMMAND...",
    ("--nostdin",): _NO_STDIN,
    ("-n",): _NO_STDIN + "; only to say who would be reached: --dry-run",
    ("-P", "--progress"): "progress is shown by itself, on a terminal, after a second",
    ("-v", "--verbose", "-d", "--debug"): (
        "the summary has the result of each node; for ssh's own messages: ssh -v NODE"
    ),
    ("--options",): "put options of ssh into ssh_config",
    ("-m", "--mode"): "'clush -m sudo' is --sudo here; a module of Ansible: stentor ansible SELECTOR -m {}",
    ("-O", "--option"): "each of clush.conf's settings which is needed here is an option of its own",
    ("-R", "--worker"): "it is always ssh, with your ssh_config",
    ("--topology", "--remote"): "'jump:' of a node in nodes.yaml says through which node it is reached",
    ("-k",): "it is --fail-fast here",
    ("-E", "--engine", "--conf", "--groupsconf", "--grooming"): "a setting of clush; none is needed here",
    ("--version",): "stentor --version",
    ("-A",): "ForwardAgent in ssh_config",
    ("-J",): "jump: of the node in nodes.yaml, or ProxyJump in ssh_config",
    ("-K", "--become", "--ask-become-pass"): "it is --sudo here",
    ("-C", "--check"): "it is --dry-run here",
    ("--limit",): _RUN + "'SELECTOR&{}' COMMAND...",
}
# Letters that are options here and mean something else there: the hint where their value is none of ours.
_OTHERS = {
    "-o": "-o is --output-dir here (./-x for such a name); options of ssh belong into ssh_config",
    "-s": "-s is --script here; 'stentor init --from clustershell' brings groups of other sources along",
    "-r": "-r is --retries here; a set which is exactly a group is called by its name anyway",
    "-u": "-u is --timeout here; the login name is -l NAME",
}
_VALUED = frozenset({"-w", "-g", "-X", "-m", "-O", "-R", "-E", "-J"})  # letters which take a value


def instead(option: str, value: str) -> str:
    """Return what to type in place of an option, or what it means here; nothing where nothing is known."""
    return _way(option, value) or _OTHERS.get(option, "")


def _way(option: str, value: str) -> str:
    from stentor.cli.habits import filled  # only for a mistake

    way = next((way for options, way in _WAYS.items() if option in options), "")
    return filled(way, value).replace("@@", "@")


def misplaced(words: Sequence[str], selector: str, nodes: Callable[[], Collection[str]]) -> str:
    """Return what to type where an option stands behind the selector, as the first of these words.

    Args:
        nodes: returns the names of all nodes; none where there is no fleet.
    """
    from stentor.cli.habits import names_nodes

    if len(words) > 1 and names_nodes(words[-1], names := nodes()) and not names_nodes(selector, names):
        return _selector_first(selector, words)
    option, _, value = words[0].partition("=")
    before = f"options come before the selector: stentor run {words[0]} ... {selector} COMMAND"
    return _way(option, value or next(iter(words[1:]), "")) or before


def _selector_first(typed: str, words: Sequence[str]) -> str:
    """What to type where the nodes stand last: ``run ls -l @all``."""
    from stentor.sh.quoting import quoted

    return f"the selector comes first: stentor run {quoted((words[-1], typed, *words[:-1]))}"


def behind(
    error: SelectorError, arguments: argparse.Namespace, words: Sequence[str], nodes: Collection[str]
) -> SelectorError:
    """Return the error of a selector; where nodes stand in another place, with what to type.

    Args:
        words: what stands where the command is expected.
        nodes: the names of all nodes.
    """
    from stentor.cli.habits import misspelt, names_nodes
    from stentor.sh.quoting import quoted

    selector, script = arguments.selector, arguments.script
    if script and names_nodes(script, nodes):
        error.hint = f"the script comes first: stentor run --script {quoted((selector, script, *words))}"
    elif words and arguments.sudo == "root" and names_nodes(words[0], nodes):
        command = quoted(words[1:]) or "COMMAND..."
        typed = quoted((f"--sudo={selector}", words[0]))
        error.hint = f"for another user than root: stentor run {typed} {command}"
    elif selector[:1] in ("@", "^") and os.path.isfile(selector[1:]):  # as Ansible and clush have it
        error.hint = f"nodes from a file: stentor run --hostfile {quoted((selector[1:],))} COMMAND..."
    elif words and names_nodes(words[-1], nodes) and not misspelt(selector, nodes):
        error.hint = _selector_first(selector, words)
    return error


def second(selector: str, words: Sequence[str], nodes: Collection[str]) -> str:
    """Return a line that says so where the command begins with the name of a node or a group."""
    if words[0].startswith("@") or words[0] in nodes:
        return (
            f"hint: '{words[0]}' was taken as the command; for both: stentor run {selector},{words[0]} ...\n"
        )
    return ""


def _early(option: str) -> bool:
    """Whether it must be answered while the words are read: letters, and what may stand alone."""
    return len(option) == 2 or option == "--version"


def add_letters(parser: argparse.ArgumentParser) -> None:
    """Let the parser answer the letters, which may be typed together (``-bw NODES``); its help is silent."""
    for option in (option for options in _WAYS for option in options if _early(option)):
        parser.add_argument(
            option,
            nargs=None if option in _VALUED else 0,
            action=_Elsewhere,  # type: ignore[arg-type] # it has all that argparse needs
            dest="elsewhere",
            help=SILENT,
        )


class _Elsewhere(Action):
    """Says what to type in place of such a letter."""

    def __call__(self, _: object, __: object, values: object, option: str | None = None) -> None:
        value = values if isinstance(values, str) else ""
        raise UsageError(f"there is no {option} here", hint=instead(option or "", value))
