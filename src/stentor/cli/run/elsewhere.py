"""Options of clush's and pdsh's fingers which are none here, and what to type in their place."""

from __future__ import annotations

import argparse

from stentor.errors import UsageError

_RUN = "stentor run [options] "

# Option to whether it takes a value, and the way; {} is the value.
_WAYS: dict[str, tuple[bool, str]] = {
    "-w": (True, _RUN + "{} COMMAND..."),
    "-a": (False, _RUN + "@all COMMAND..."),
    "--all": (False, _RUN + "@all COMMAND..."),
    "-g": (True, _RUN + "@{} COMMAND..."),
    "--group": (True, _RUN + "@{} COMMAND..."),
    "-X": (True, _RUN + "--exclude @{} SELECTOR COMMAND..."),
    "--hostfile": (True, _RUN + '"$(paste -sd, {})" COMMAND...'),
    "--machinefile": (True, _RUN + '"$(paste -sd, {})" COMMAND...'),
    "--groupsource": (True, "'stentor init --from clustershell' brings groups along"),
    "-c": (False, "a command of its own here: 'stentor copy --help'"),
    "--copy": (False, "a command of its own here: 'stentor copy --help'"),
    "--dest": (True, "a command of its own here: 'stentor copy --help'"),
    "--rcopy": (False, "a command of its own here: 'stentor fetch --help'"),
    "--dshbak": (False, "it is -b or --gather here"),
    "--regroup": (False, "a set which is exactly a group is called by its name anyway"),
    "--axis": (True, "sets of nodes are folded by themselves"),
    "-G": (False, "groups have no source here, so nothing is to be left out"),
    "--groupbase": (False, "groups have no source here, so nothing is to be left out"),
    "--fanout": (True, "it is -f {} or --window {} here"),
    "--maxrc": (False, "it is -S or --max-rc here"),
    "--connect_timeout": (True, "it is -t {} or --connect-timeout {} here"),
    "--command_timeout": (True, "it is -u {} or --timeout {} here"),
    "--outdir": (True, _RUN + "--output-dir {} SELECTOR COMMAND..."),
    "--errdir": (True, _RUN + "--output-dir {} SELECTOR COMMAND..."),
    "--nostdin": (False, "standard input is sent only with -i or --stdin"),
    "-P": (False, "progress is shown by itself, on a terminal, after a second"),
    "--progress": (False, "progress is shown by itself, on a terminal, after a second"),
    "-v": (False, "the summary tells what came of every node; ssh's own words: stentor ssh NODE, or ssh -v"),
    "--verbose": (
        False,
        "the summary tells what came of every node; ssh's own words: stentor ssh NODE, or ssh -v",
    ),
    "-d": (False, "the summary tells what came of every node; ssh's own words: stentor ssh NODE, or ssh -v"),
    "--debug": (
        False,
        "the summary tells what came of every node; ssh's own words: stentor ssh NODE, or ssh -v",
    ),
    "--options": (True, "options of ssh belong into ssh_config, which is heeded in full"),
    "-m": (True, "for 'clush -m sudo' there is --sudo, which asks for one password for all nodes"),
    "--mode": (True, "for 'clush -m sudo' there is --sudo, which asks for one password for all nodes"),
    "-O": (True, "each of clush.conf's settings which is needed here is an option of its own"),
    "--option": (True, "each of clush.conf's settings which is needed here is an option of its own"),
    "-R": (True, "it is always ssh, with your ssh_config"),
    "--worker": (True, "it is always ssh, with your ssh_config"),
    "--topology": (True, "'jump:' of a node in nodes.yaml says through which node it is reached"),
    "--remote": (True, "'jump:' of a node in nodes.yaml says through which node it is reached"),
    "-k": (False, "it is --fail-fast here"),
}


def instead(option: str, value: str) -> str:
    """Return what to type in place of an option, or nothing where nothing is known.

    Args:
        option: as it was typed.
        value: of it, where it has one.
    """
    found = _WAYS.get(option)
    return found[1].replace("{}", value or "N") if found else ""


def add_letters(parser: argparse.ArgumentParser) -> None:
    """Let the parser answer the letters, which may be typed together (``-bw NODES``); its help is silent."""
    for option, (valued, _) in _WAYS.items():
        if len(option) == 2:
            parser.add_argument(
                option,
                nargs=None if valued else 0,
                action=_Elsewhere,
                dest="elsewhere",
                help=argparse.SUPPRESS,
            )


class _Elsewhere(argparse.Action):
    """Says what to type in place of such a letter."""

    def __call__(self, _: object, __: object, values: object, option: str | None = None) -> None:
        value = values if isinstance(values, str) else ""
        raise UsageError(f"there is no {option} here", hint=instead(option or "", value))
