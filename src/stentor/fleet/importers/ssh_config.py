"""``ssh_config(5)``: hosts by name, patterns, ``Include``; the first value of an option counts."""

from __future__ import annotations

import posixpath
import shlex
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from stentor.fleet.importers.found import Found, List, Read, addresses_of, field, port_of
from stentor.fleet.schema import kinds

MOST_INCLUDES = 16  # OpenSSH's own limit of depth
CARRIED = ("hostname", "user", "port", "proxyjump")


class Line(NamedTuple):
    """An option and the Host lines under which it stands; all of them must match.

    Attributes:
        conditions: each the patterns of a Host line.
        key: the option, in small letters.
        value: as it was written.
        place: ``file:line``.
    """

    conditions: tuple[tuple[str, ...], ...]
    key: str
    value: str
    place: str


def read_ssh_config(path: str, read: Read, listed: List, *, home: str) -> Found:
    """Read an ssh_config and all that it includes.

    A host is what a ``Host`` line names without a pattern. Values come from every block that matches it,
    as ssh would take them. The file goes on to be used by ssh: what is not a node's address, user, port
    or jump host stays there.
    """
    found = Found()
    lines: list[Line] = []
    names: dict[str, tuple[tuple[str, ...], str]] = {}
    _File(found, read, listed, home, lines, names).read(path, (), 0)
    together: dict[str, str] = {}
    for name, (companions, place) in names.items():
        if name in together:
            continue
        values = _values(lines, name)
        same = [
            one
            for one in companions
            if one != name
            and values.get("hostname")
            and _values(lines, one).get("hostname") == values["hostname"]
        ]
        _node(found, name, same, values, place)
        together.update(dict.fromkeys(same, name))
    default = posixpath.join(home, ".ssh", "config")
    if path not in (default, "/etc/ssh/ssh_config"):
        found.ssh_config = path
    further = sorted({line.key for line in lines} - set(CARRIED))
    if further:
        found.leave(path, f"{', '.join(further)}: stay there; ssh goes on to read that file")
    return found


def _node(found: Found, name: str, same: list[str], values: dict[str, str], place: str) -> None:
    if values.get("user") == "git":
        found.leave(place, f"{name} logs in as git: a place for repositories, no machine")
        return
    fields: dict[str, Any] = {}
    names = sorted([name, *same], key=len)
    if len(names) > 1:
        fields["alias"] = names[0]
        if names[1:-1]:
            found.leave(place, f"{name} has further names: {', '.join(names[1:-1])}")
    if "hostname" in values:
        fields["address"] = addresses_of(found, place, values["hostname"])
    if "user" in values:
        field(found, place, fields, "user", values["user"], kinds.User)
    if "port" in values:
        fields["port"] = port_of(values["port"])
        if fields["port"] is None:
            found.leave(place, f"port '{values['port']}' of {name} is none")
    if values.get("proxyjump", "none").lower() != "none":
        if values["proxyjump"] in names:
            found.leave(place, f"{name} would be its own jump host")
        else:
            field(found, place, fields, "jump", values["proxyjump"], kinds.Jump)
    found.nodes[names[-1]] = fields


def _values(lines: list[Line], name: str) -> dict[str, str]:
    """What ssh takes for a host: of each option the first that matches."""
    values: dict[str, str] = {}
    for line in lines:
        wanted = line.key in CARRIED and line.key not in values
        if wanted and all(_matches(patterns, name) for patterns in line.conditions):
            values[line.key] = line.value
    if "hostname" in values:
        values["hostname"] = values["hostname"].replace("%h", name).replace("%%", "%")
    return values


def _matches(patterns: tuple[str, ...], name: str) -> bool:
    """Whether a Host line means this name: one pattern does, and no negated one."""
    if any(one.startswith("!") and fnmatchcase(name, one[1:]) for one in patterns):
        return False
    return any(not one.startswith("!") and fnmatchcase(name, one) for one in patterns)


class _File:
    """The walk over a configuration and its included files."""

    def __init__(
        self,
        found: Found,
        read: Read,
        listed: List,
        home: str,
        lines: list[Line],
        names: dict[str, tuple[tuple[str, ...], str]],
    ) -> None:
        self.found = found
        self.text_of = read
        self.listed = listed
        self.home = home
        self.lines = lines
        self.names = names

    def read(self, path: str, outer: tuple[tuple[str, ...], ...], depth: int) -> None:
        conditions, ignored = outer, False
        for number, (key, value) in _options(self.text_of(path)):
            place = f"{path}:{number}"
            words = _words(value)
            if key == "host":
                conditions, ignored = (*outer, tuple(words)), False
                self._names(words, place, outer)
            elif key == "match":
                ignored = [word.lower() for word in words] != ["all"]
                conditions = outer
                if ignored:
                    self.found.leave(place, f"Match {value}: stays there, ssh decides it anew each time")
            elif ignored:
                continue
            elif key == "include":
                self._include(path, words, place, conditions, depth)
            else:
                self.lines.append(Line(conditions, key, words[0] if words else "", place))

    def _names(self, words: list[str], place: str, outer: tuple[tuple[str, ...], ...]) -> None:
        plain = [word for word in words if not word.startswith("!") and not {"*", "?"} & set(word)]
        for word in words:
            if word not in plain and word != "*":
                self.found.leave(place, f"Host {word}: a pattern names no node; ssh goes on to use it")
        for name in plain:
            if all(_matches(patterns, name) for patterns in outer):
                self.names.setdefault(name, (tuple(plain), place))

    def _include(
        self, path: str, patterns: list[str], place: str, conditions: tuple[tuple[str, ...], ...], depth: int
    ) -> None:
        if depth >= MOST_INCLUDES:
            self.found.leave(place, "too many levels of Include")
            return
        for pattern in patterns:
            expanded = posixpath.join(self.home, pattern[2:]) if pattern.startswith("~/") else pattern
            # OpenSSH looks for relative names in ~/.ssh (or /etc/ssh); beside the file is where copies are.
            bases = ["/etc/ssh" if path.startswith("/etc/ssh/") else posixpath.join(self.home, ".ssh")]
            bases.append(posixpath.dirname(path))
            paths: list[str] = []
            for base in bases:
                paths = paths or self.listed(posixpath.join(base, expanded))
            if not paths:
                self.found.leave(place, f"Include {pattern} matches no file")
            for included in paths:
                try:
                    self.read(included, conditions, depth + 1)
                except (OSError, UnicodeDecodeError) as error:
                    self.found.leave(place, f"{included} cannot be read: {error}")


def _options(text: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Line number, option in small letters, and value; both ``Key value`` and ``Key=value``."""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            key, _, value = (
                line.replace("=", " ", 1).partition(" ") if _equals_first(line) else line.partition(" ")
            )
            if "\t" in key:
                key, _, rest = key.partition("\t")
                value = f"{rest} {value}"
            yield number, (key.lower(), value.strip())


def _equals_first(line: str) -> bool:
    key = line.split(maxsplit=1)[0]
    rest = line[len(key) :].lstrip()
    return "=" in key or rest.startswith("=")


def _words(value: str) -> list[str]:
    try:
        return shlex.split(value, comments=True)
    except ValueError:
        return value.split()
