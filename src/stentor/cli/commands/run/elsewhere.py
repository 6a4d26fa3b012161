"""Options of clush's and pdsh's fingers which are none here, and what to type in their place."""

from __future__ import annotations

import argparse

from stentor.errors import UsageError

_RUN = "stentor run [options] "

# What to type in place of these options; {} is the option's value.
_WAYS: dict[tuple[str, ...], str] = {
    ("-w",): _RUN + "{} COMMAND...",
    ("-a", "--all"): _RUN + "@all COMMAND...",
    ("-g", "--group"): _RUN + "@{} COMMAND...",
    ("-X",): _RUN + "--exclude @{} SELECTOR COMMAND...",
    ("--hostfile", "--machinefile"): _RUN + '"$(paste -sd, {})" COMMAND...',
    ("--groupsource",): "'stentor init --from clustershell' brings groups along",
    ("-c", "--copy", "--dest"): "a command of its own here: 'stentor copy --help'",
    ("--rcopy",): "a command of its own here: 'stentor fetch --help'",
    ("--dshbak",): "it is -b or --gather here",
    ("--regroup",): "a set which is exactly a group is called by its name anyway",
    ("--axis",): "sets of nodes are folded by themselves",
    ("-G", "--groupbase"): "groups have no source here, so nothing is to be left out",
    ("--fanout",): "it is -f {} or --window {} here",
    ("--maxrc",): "it is -S or --max-rc here",
    ("--connect_timeout",): "it is -t {} or --connect-timeout {} here",
    ("--command_timeout",): "it is -u {} or --timeout {} here",
    ("--outdir", "--errdir"): _RUN + "--output-dir {} SELECTOR COMMAND...",
    ("--nostdin",): "standard input is sent only with -i or --stdin",
    ("-P", "--progress"): "progress is shown by itself, on a terminal, after a second",
    ("-v", "--verbose", "-d", "--debug"): (
        "the summary tells what came of every node; ssh's own words: stentor ssh NODE, or ssh -v"
    ),
    ("--options",): "put options of ssh into ssh_config",
    ("-m", "--mode"): "for 'clush -m sudo' there is --sudo, which asks for one password for all nodes",
    ("-O", "--option"): "each of clush.conf's settings which is needed here is an option of its own",
    ("-R", "--worker"): "it is always ssh, with your ssh_config",
    ("--topology", "--remote"): "'jump:' of a node in nodes.yaml says through which node it is reached",
    ("-k",): "it is --fail-fast here",
}
_VALUED = frozenset({"-w", "-g", "-X", "-m", "-O", "-R"})  # letters which take a value


def instead(option: str, value: str) -> str:
    """Return what to type in place of an option, or nothing where nothing is known.

    Args:
        option: as it was typed.
        value: of it, where it has one.
    """
    way = next((way for options, way in _WAYS.items() if option in options), "")
    return way.replace("{}", value or "N")


def add_letters(parser: argparse.ArgumentParser) -> None:
    """Let the parser answer the letters, which may be typed together (``-bw NODES``); its help is silent."""
    for option in (option for options in _WAYS for option in options if len(option) == 2):
        parser.add_argument(
            option,
            nargs=None if option in _VALUED else 0,
            action=_Elsewhere,
            dest="elsewhere",
            help=argparse.SUPPRESS,
        )


class _Elsewhere(argparse.Action):
    """Says what to type in place of such a letter."""

    def __call__(self, _: object, __: object, values: object, option: str | None = None) -> None:
        value = values if isinstance(values, str) else ""
        raise UsageError(f"there is no {option} here", hint=instead(option or "", value))
