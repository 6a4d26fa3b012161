"""How Ansible reaches a host: by which connection and with which ssh, as variables beside an inventory say.

Ansible calls ``ssh ARGS -o Port=.. -o User=.. COMMON_ARGS EXTRA_ARGS HOST``: an option's first value counts.
"""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from stentor.fleet.importers.ansible_yaml import VAULT, parse_yaml
from stentor.fleet.importers.found import Found, List, Read, as_pattern

ENDINGS = ("", ".yml", ".yaml", ".json")  # in the order in which Ansible looks for them
_NO_VARIABLES = (".sample", ".example", ".bak", ".orig", ".md", ".rst", ".txt", ".j2", ".swp", "~")
_DEEP = 9  # levels of folders
_FEW = 8  # names that are still worth reading


class Beside:
    """The files of one folder, ``group_vars`` or ``host_vars``.

    Args:
        found: told what is not carried over.
        folder: where they lie.
        read: from a path to its text.
        listed: from a glob pattern to paths of files, or of folders where it ends in a slash.
    """

    def __init__(self, found: Found, folder: str, read: Read, listed: List) -> None:
        self.found = found
        self.folder = folder
        self.read = read
        start = as_pattern(folder)
        self.paths = [
            path for depth in range(1, _DEEP) for path in listed(posixpath.join(start, *["*"] * depth))
        ]
        self.folders = {one.rstrip("/") for one in listed(posixpath.join(start, "*", ""))}
        self.folders |= {posixpath.join(folder, self._first(path)) for path in self.paths} - set(self.paths)

    def _first(self, path: str) -> str:
        return posixpath.relpath(path, self.folder).split("/")[0]

    def of(self, names: Collection[str], what: str, *, alone: bool = True) -> dict[str, dict[str, Any]]:
        """Return the variables of each name that has files, and note the names which no host has.

        Args:
            names: the groups or hosts of the inventory.
            what: ``group`` or ``host``.
            alone: whether the files are for this inventory alone; else other names are not noted.
        """
        said: dict[str, dict[str, Any]] = {}
        counted: set[str] = set()
        for name in names:
            for path in self._files(name):
                counted.add(path)
                said.setdefault(name, {}).update(self._variables(path))
        for path in self.paths:
            first = self._first(path)
            name = posixpath.splitext(first)[0] if first.endswith(ENDINGS[1:]) else first
            if path in counted or first.endswith(_NO_VARIABLES) or not _counts(path, self.folder, first):
                continue
            if name in names or first in names:
                self.found.leave(path, f"is not read: of the files of {what} '{name}' the first counts")
            elif alone:
                self.found.leave(path, f"there is no {what} '{name}' in the inventory")
        return said

    def _files(self, name: str) -> list[str]:
        """The files of a group or host: a folder of that name, or the first file with one of the endings."""
        for ending in ENDINGS if not name.startswith("/") else ():
            path = posixpath.join(self.folder, name + ending)
            if path in self.folders:
                inside = [one for one in self.paths if one.startswith(path + "/")]
                counting = [one for one in inside if _counts(one, self.folder, name + ending)]
                return sorted(counting, key=lambda one: one.split("/"))
            if path in self.paths:
                return [path]
        return []

    def _variables(self, path: str) -> dict[str, Any]:
        try:
            text = self.read(path)
        except (OSError, UnicodeDecodeError):
            self.found.leave(path, "cannot be read as text")
            return {}
        if text.startswith(VAULT):
            self.found.leave(path, "is encrypted by ansible-vault")
            return {}
        tree, _ = parse_yaml(self.found, path, text)
        said = tree.plain() if tree is not None else None
        if not isinstance(said, dict):
            if said:
                self.found.leave(path, "is no mapping")
            return {}
        stay = [key for key in said if not key.startswith("ansible_")]
        if stay:
            more = f" and {len(stay) - _FEW} more" if len(stay) > _FEW else ""
            self.found.leave(path, f"{', '.join(stay[:_FEW])}{more}: stay there, for playbooks")
        return said


def _counts(path: str, folder: str, first: str) -> bool:
    """Whether Ansible reads a file of a folder: no hidden one, no backup, no other ending."""
    *folders, base = posixpath.relpath(path, folder).split("/")
    if base == first:
        return True
    return (
        not any(one.startswith(".") or posixpath.splitext(one)[1] for one in folders[1:])
        and not base.startswith(".")
        and not base.endswith("~")
        and posixpath.splitext(base)[1] in ENDINGS
    )


# The first of two names gives way, wherever each is set.
HOST, USER, PORT = (("ansible_" + one, "ansible_ssh_" + one) for one in ("host", "user", "port"))
ARGUMENTS = ("ansible_ssh_args", "ansible_ssh_common_args", "ansible_ssh_extra_args")
_KEYS = ("ansible_ssh_private_key_file", "ansible_private_key_file")  # another key may be another account
READ = frozenset([*HOST, *USER, *PORT, *ARGUMENTS, "ansible_connection"])

_BY_SSH = re.compile(r"(?:ansible\.(?:builtin|legacy)\.)?(?:ssh|smart|paramiko|paramiko_ssh)\Z")
# Options of `ssh` inside a ProxyCommand which change nothing of where it leads.
_IDLE = frozenset({"-q", "-a", "-A", "-x", "-T"})
_OF_MASTERS = frozenset(
    {"controlmaster", "controlpersist", "controlpath", "compression", "-C"}
)  # ours instead
# What does not decide where a login ends; by whatever else two hosts differ, they are two.
_NO_PLACE = re.compile(
    r"(?:stricthostkeychecking|(?:user|global)knownhostsfile|updatehostkeys|checkhostip|hashknownhosts|"
    r"connect.*|serveralive.*|tcpkeepalive|forward.*|loglevel|batchmode|preferredauthentications|requesttty|"
    r".*authentication|.*algorithms|ciphers|macs|sendenv|setenv|numberofpasswordprompts|ipqos|escapechar|"
    r"addkeystoagent|-[AaCKkNnqTtvXxYy]+)\Z"
)
_TAKING = frozenset("BbcDEeFIiJLlmOopQRSWw")  # letters of ssh that take a value
_TEMPLATE = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_MOST_ROUNDS = 8  # of templates that name variables which are templates


class Way(NamedTuple):
    """How a host is reached."""

    connection: str  # which is no ssh; or empty
    address: str  # the name or address, or empty
    user: str  # the login name, or empty
    port: str  # as it was written, or empty
    jump: str  # what ``ssh -J`` takes, or empty
    rest: tuple[str, ...]  # names of variables with arguments of which not all is in the other fields
    templates: tuple[str, ...]  # names of variables that only a play can tell
    further: tuple[str, ...] = ()  # what of the endpoint is in no other field, as it was written

    @property
    def lost(self) -> bool:
        """Whether there is a way to the address which no field can say."""
        return not self.jump and any(one.startswith("proxycommand ") for one in self.further)


def way_of(name: str, variables: Mapping[str, Any]) -> Way:
    """Return how a host with these variables is reached."""
    values = {
        key: resolved(name, variables[key], variables) for key in READ if variables.get(key) is not None
    }
    templates = tuple(sorted(key for key, value in values.items() if value is None))
    known = {key: value for key, value in values.items() if value}
    options: dict[str, str] = {}
    further = [f"{key} {variables[key]}" for key in (*templates, *_KEYS) if variables.get(key)]
    rest = []
    for key in ARGUMENTS:
        if key == ARGUMENTS[1]:  # what the variables say comes before the common arguments
            for option, pair in (("port", PORT), ("user", USER)):
                options.setdefault(option, known.get(pair[1]) or known.get(pair[0]) or "")
                if not options[option]:
                    del options[option]
        if not _take(options, known.get(key, ""), further):
            rest.append(key)
    connection = known.get("ansible_connection", "ssh")
    login, _, host = (known.get(HOST[1]) or known.get(HOST[0]) or "").rpartition("@")  # as ssh reads its word
    return Way(
        connection="" if _BY_SSH.match(connection) else connection,
        address=options.get("hostname") or host,
        user=options.get("user") or login,
        port=options.get("port", ""),
        jump=options.get("jump", ""),
        rest=tuple(rest),
        templates=templates,
        further=tuple(further),
    )


def resolved(name: str, value: Any, variables: Mapping[str, Any]) -> str | None:
    """A value as text, with the variables that it names; None if only a play can tell it."""
    known = {"inventory_hostname": name, "inventory_hostname_short": name.split(".")[0], **variables}
    text = str(value)
    for _ in range(_MOST_ROUNDS):
        if "{{" not in text and "{%" not in text:
            return text
        named = _TEMPLATE.findall(text)
        if not named or any(not isinstance(known.get(one), (str, int)) for one in named):
            return None
        text = _TEMPLATE.sub(lambda found: str(known[found[1]]), text)
    return None


def _take(options: dict[str, str], arguments: str, further: list[str]) -> bool:
    """Take what has a field from arguments of ssh, where it is not set; whether that is all of them.

    Args:
        arguments: as a shell would read them.
        further: given what has no field and decides where a login ends.
    """
    try:
        words = shlex.split(arguments)
    except ValueError:
        further.append(arguments)
        return False
    everything = True
    for name, value in _options(words):
        if name in ("hostname", "user", "port"):
            options.setdefault(name, value)
        elif name in ("proxyjump", "proxycommand"):
            through, all_of_it = _through(value) if name == "proxycommand" else (value, True)
            if value.lower() == "none":
                through, all_of_it = "", True
            if "jump" not in options:
                options["jump"] = through
                everything = everything and all_of_it
                if not all_of_it:
                    further.append(f"{name} {value}")
        elif name not in _OF_MASTERS:
            everything = False
            if not _NO_PLACE.match(name):
                further.append(f"{name} {value}")
    return everything


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """The options of ssh among words, by their names in ssh_config where they have one."""
    waiting = list(words)
    while waiting:
        word = waiting.pop(0)
        letter, value = word[1:2], word[2:]
        if word.startswith("-") and len(letter) == 1 and letter in _TAKING and not value and waiting:
            value = waiting.pop(0)
        if word.startswith("-o"):
            name, _, value = value.strip().replace("=", " ", 1).partition(" ")
            yield name.lower(), value.strip().strip('"')
        elif word.startswith(("-J", "-l", "-p")):
            yield {"J": "proxyjump", "l": "user", "p": "port"}[letter], value
        else:
            yield word, value


def _through(command: str) -> tuple[str, bool]:
    """``ssh -W %h:%p -p 2222 me@gate`` as ``me@gate:2222``; and whether nothing of it is lost."""
    try:
        words = shlex.split(command)
    except ValueError:
        return "", False
    if not words or words.pop(0).rpartition("/")[2] != "ssh":
        return "", False
    user = port = host = ""
    led = False
    everything = True
    while words:
        word = words.pop(0)
        value = words.pop(0) if word in ("-W", "-p", "-l", "-o", "-F", "-i", "-J") and words else ""
        if word == "-W":
            led = value.replace("[", "").replace("]", "") == "%h:%p"
        elif word == "-p":
            port = value
        elif word == "-l":
            user = value
        elif not word.startswith("-") and not host:
            host = word
        elif word not in _IDLE and word != "--":
            everything = False
    if not host or not led:
        return "", False
    name = f"{user}@{host}" if user else host
    return f"{name}:{port}" if port else name, everything
