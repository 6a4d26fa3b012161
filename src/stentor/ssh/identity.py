"""Whose master is whose: all that decides where a login ends, as the name of a control path.

OpenSSH's own ``%C`` leaves out the way (a ProxyCommand always, older releases a ProxyJump as well), so two
machines with one private address behind two gateways would share a master. Here the name is a hash of all
that ``ssh -G`` says of the node and of each hop on the way to it, but for what does not decide where a login
ends.

Theory of operation. :func:`interview` is a generator, so that who has an event loop and who has none can
lead it: it yields the argument list of an ``ssh -G`` and is sent what that printed. Hops are asked about as
ssh itself would call them; a ProxyCommand that is no plain ``ssh`` counts as its text, with tokens resolved.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Generator, Mapping, Sequence

from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop
from stentor.ssh.address import is_numeric
from stentor.ssh.diagnose import complaints
from stentor.ssh.rundir import stamp
from stentor.ssh.target import Target, config_argv, parse_config, target_of
from stentor.typed import NamedTuple

# The name as it was typed; where masters of the user's own are; and the host keys the fleet has pinned, which
# a new pin must not put out of use: the master's key was verified when it logged in.
_NO_INFLUENCE = ("host", "controlmaster", "controlpath", "controlpersist", "globalknownhostsfile")
_LENGTH = 40  # of a name; that of %C, for which the folder's path leaves room
_MOST_HOPS = 16
CIRCLE_HINT = "give it 'ProxyJump none' in ssh_config, before the line that gives it a jump host"
_PERCENT = r"%([%hnprk])"
_VARIABLE = r"\$\{?([A-Za-z_][A-Za-z0-9_]*)"
# What makes of a command more than words, outside of single quotes.
_FOR_A_SHELL = frozenset("|&;<>()$`*?{}\\\n")
_IN_QUOTES = re.compile(r"'[^']*'")
_WITH_VALUE = "BbcDEeFIiJLlmOopQRSWw"  # options of ssh that take a value


class Answer(NamedTuple):
    """What came of an interview."""

    target: Target | None  # what ssh makes of the node; None if it refuses its configuration
    files: list[str]  # the configuration files on which that rests, and folders of patterns
    steady: bool  # whether it holds until one of them changes
    refused: str = ""  # why there is no target
    hint: str = ""  # what to do about it


Interview = Generator[list[str], str, Answer]


def interview(
    fleet: Fleet, node: Node, directory: str, user: str | None = None, environ: Mapping[str, str] = {}
) -> Interview:
    """Ask for all that decides where a login at a node ends.

    Args:
        directory: of the control paths.
        user: a login name in place of the fleet's.
        environ: of ssh: a ProxyCommand may read it.
    """
    argv = config_argv(fleet, node, user=user)
    way = _Way(environ)
    lines = yield from way.ask(argv, 0)
    if way.circle:
        refused = f"{way.circle[-1]} would jump through itself: {' -> '.join(way.circle)}"
        return Answer(None, way.files, False, refused, CIRCLE_HINT)
    if not lines:
        last = [line for line in way.said.splitlines() if line.strip()][-1:]
        said = [one.shown for one in complaints(way.said)] or last
        refused = said[0] if said else "ssh -G says nothing"
        return Answer(
            None, way.files, False, refused, "ssh rejects its configuration; fix it, then try again"
        )
    if way.opaque:  # it may read the configuration itself
        lines += [f"{path} {stamp(path)}" for path in way.files if not os.path.isdir(path)]
    settings = way.settings
    name = _hash("\n".join(lines))
    own = settings.get("controlpath", "none")
    target = target_of(settings, f"{directory}/{name}")
    if own != "none" and target.via and node.alias not in own.rpartition("/")[2]:
        # It may be the path of another machine's master, which has this address on another way.
        elsewhere = yield [*argv[:3], "-o", "ProxyJump=none", *argv[3:]]
        if parse_config(elsewhere)[0].get("controlpath", "none") == own:
            own = "none"
    return Answer(target._replace(own_control="" if own == "none" else own), way.files, way.steady)


def _hash(text: str) -> str:
    from hashlib import sha256

    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:_LENGTH]


class _Way:
    """The node, then hop after hop: what is hashed, and what it rests on."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self.files: list[str] = []
        self.steady = True
        self.opaque = False  # a command leads somewhere, and nobody but itself knows where
        self.settings: dict[str, str] = {}
        self.said = ""
        self.circle: list[str] = []
        self._asked: list[list[str]] = []

    def ask(self, argv: list[str], depth: int) -> Generator[list[str], str, list[str]]:
        """Ask about one ssh; return the lines that tell it from others, none if ssh refuses."""
        if argv in self._asked:  # ssh would start itself without end
            self.circle = [one[-1] for one in [*self._asked[self._asked.index(argv) :], argv]]
            return []
        self._asked.append(argv)
        said = yield argv
        settings, files = parse_config(said)
        self.files += [path for path in files if path not in self.files]
        if "hostname" not in settings:
            self.said = said
            if next_hop(said):
                self.circle = [argv[-1], next_hop(said)]
            return []
        if depth == 0:
            self.settings = settings
        domains = settings.get("canonicaldomains", "none") != "none"
        if domains and settings.get("canonicalizehostname") != "false" and not is_numeric(argv[-1]):
            self.steady = False  # DNS decides, and may decide otherwise on another network
        lines = [line for line in settings_of(said) if not line.startswith(_NO_INFLUENCE_WORDS)]
        jump, command = settings.get("proxyjump", "none"), settings.get("proxycommand", "none")
        if jump != "none":
            hop, words = jump_argv(jump, argv), [jump]
        elif command != "none":
            command = resolved(command, settings, argv[-1])
            hop, words = ssh_of(command)
            self.opaque = self.opaque or not hop
            variables = sorted(set(re.findall(_VARIABLE, command)))
            if variables:
                self.steady = False  # the next command may have other values
                words += [f"{name}={self._environ.get(name, '')}" for name in variables]
        else:
            return lines
        lines = [line for line in lines if not line.startswith(("proxyjump ", "proxycommand "))]
        inner = (yield from self.ask(hop, depth + 1)) if hop and depth < _MOST_HOPS else []
        return [*lines, "via", *words, *inner]


_NO_INFLUENCE_WORDS = tuple(f"{word} " for word in _NO_INFLUENCE)


def settings_of(said: str) -> list[str]:
    """The settings of ``ssh -G -v``, without its messages."""
    lines = [line.rstrip("\r") for line in said.splitlines()]
    return [line for line in lines if re.match(r"[a-zP]+ ", line) and not line.startswith("debug")]


def next_hop(said: str) -> str:
    """Return the jump host that is passed first, by what ``ssh -G`` said, or nothing."""
    loop = re.search(r"^jumphost loop via (\S+)", said, re.MULTILINE)
    jump = parse_config(said)[0].get("proxyjump", "none")
    return loop[1] if loop else "" if jump == "none" else Hop.parse(jump.split(",")[0]).host


def jump_argv(jump: str, argv: Sequence[str]) -> list[str]:
    """Return the ``ssh -G`` for the last of these jump hosts, called as ssh calls it.

    Args:
        jump: hosts in the order in which they are passed, ``[user@]host[:port]``.
        argv: by which the node behind them was asked about.
    """
    *before, last = jump.split(",")
    hop = Hop.parse(last)
    words = ["ssh", "-G", "-v"]
    words += ["-F", argv[argv.index("-F") + 1]] if "-F" in argv[:-2] else []
    words += ["-l", hop.user] if hop.user else []
    words += ["-p", str(hop.port)] if hop.port else []
    words += ["-J", ",".join(before)] if before else []
    return [*words, "--", hop.host]


def resolved(command: str, settings: Mapping[str, str], name: str) -> str:
    """Replace the tokens of a ProxyCommand.

    Args:
        command: as it is in the configuration.
        name: by which ssh was called.
    """
    alias = settings.get("hostkeyalias", "none")
    values = {
        "%": "%",
        "h": settings["hostname"],
        "n": name,
        "p": settings.get("port", "22"),
        "r": settings.get("user", ""),
        "k": alias if alias != "none" else name,
    }
    return re.sub(_PERCENT, lambda found: values[found[1]], command)


def ssh_of(command: str) -> tuple[list[str], list[str]]:
    """Find the ssh that a ProxyCommand calls.

    Returns:
        The ``ssh -G`` for it, empty where the command is more than a plain ssh; and what of the command that
        does not say: the remote command, or all of it.
    """
    all_of_it: tuple[list[str], list[str]] = [], [command]
    try:
        words = shlex.split(command)
    except ValueError:
        return all_of_it
    if words[:1] == ["exec"]:
        words = words[1:]
    if not words or words[0].rpartition("/")[2] != "ssh" or _FOR_A_SHELL & set(_IN_QUOTES.sub("", command)):
        return all_of_it
    kept: list[str] = []
    at = 1
    while at < len(words) and words[at].startswith("-") and words[at] != "--":
        word = words[at]
        more = len(word) == 2 and word[1] in _WITH_VALUE
        if not word.startswith("-W"):
            kept += words[at : at + 1 + more]
        at += 1 + more
    rest = words[at + 1 :] if words[at : at + 1] == ["--"] else words[at:]
    return ([words[0], "-G", "-v", *kept, "--", rest[0]], rest[1:]) if rest else all_of_it
