"""``ssh_config(5)``: which hosts there are. What ssh makes of each of them, ssh goes on to decide.

Only names are carried over. A HostName, User, Port or ProxyJump that stood in the fleet file would come
before all that the configuration says: ``Match`` blocks, ``ProxyCommand none``, the value that comes first.
What the values are is looked at only to find two names of one machine, and jump hosts that lead through
themselves.
"""

from __future__ import annotations

import posixpath
from typing import Any, NamedTuple

from stentor.fleet.build import is_ip_address
from stentor.fleet.importers.found import NO_JUMP, Found, List, Read, is_node_name, port_of
from stentor.fleet.openssh import Hop, matches_list, options_of, words_of

MOST_INCLUDES = 16  # OpenSSH's own limit of depth
_WAYS = ("proxyjump", "proxycommand")  # the first of both counts, for both
_TYPED = ("originalhost", "!originalhost")
_ADD_UP = ("identityfile", "certificatefile", "sendenv", "dynamicforward", "localforward", "remoteforward")


class Line(NamedTuple):
    """An option and the Host lines under which it stands; all of them must match."""

    conditions: tuple[tuple[str, ...], ...]  # each the patterns of a Host line
    key: str  # the option, in small letters
    value: str  # as ssh reads it
    place: str  # ``file:line``


def read_ssh_config(path: str, read: Read, listed: List, *, home: str) -> Found:
    """Read an ssh_config and all that it includes.

    A host is what a ``Host`` line names without a pattern. The file goes on to be used by ssh.
    """
    found = Found()
    file = _File(found, read, listed, home)
    file.read(path, (), 0)
    together: dict[str, str] = {}
    machines: dict[tuple[object, ...], str] = {}
    for name, (companions, place) in file.names.items():
        if name in together:
            continue
        values = file.values(name)
        if values.get("user") == ("git",):
            found.leave(place, f"{name} logs in as git: a place for repositories, no machine")
            continue
        endpoint = file.endpoint(name)
        same = file.other_names(name, companions)
        if same and not endpoint:
            endpoint = file.endpoint(name, own=True)
        if endpoint and endpoint in machines:
            found.leave(place, f"{name} is the same machine as {machines[endpoint]}, with the same login")
            continue
        called = _node(found, [name, *same], place)
        found.decided[called] = _decided(name, values)
        file.look_for_circle(name, place)
        together.update(dict.fromkeys(same, name))
        if endpoint:
            machines[endpoint] = name
    default = posixpath.join(home, ".ssh", "config")
    if path not in (default, "/etc/ssh/ssh_config"):
        found.ssh_config = path
    keys = sorted({line.key for line in file.lines})
    if keys:
        found.leave(path, f"{', '.join(keys)}: these stay in that file, which ssh goes on to read")
    return found


def _decided(name: str, values: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    """Where ssh leads, outside of Match blocks, in a node's fields."""
    host, port = values.get("hostname", ("%h",))[0], port_of(values.get("port", ("22",))[0])
    way = next((values[key][0] for key in _WAYS if key in values), NO_JUMP)
    fields = {"address": [host.replace("%h", name).replace("%%", "%")], "port": port or 22, "jump": way}
    return {**fields, "user": values["user"][0]} if "user" in values else fields


def _node(found: Found, names: list[str], place: str) -> str:
    """Add a node of all its names, of which it has two that are good ones; return the longer."""
    fields: dict[str, Any] = {}
    typed = [one for one in names if not is_ip_address(one)] or names[:1]
    good = [one for one in typed if is_node_name(one)]
    for one in typed if good else ():
        if one not in good:
            found.leave(place, f"{one}: a node's name may not have such characters; ssh still uses it")
    names = sorted(good or typed, key=len)
    if len(names) > 1:
        fields["alias"] = names[0]
        if names[1:-1]:
            found.leave(place, f"{names[-1]} has further names: {', '.join(names[1:-1])}")
    found.nodes[names[-1]] = fields
    return names[-1]


class _File:
    """The walk over a configuration and its included files."""

    def __init__(self, found: Found, read: Read, listed: List, home: str) -> None:
        self.found = found
        self.text_of = read
        self.listed = listed
        self.home = home
        self.lines: list[Line] = []
        self.names: dict[str, tuple[tuple[str, ...], str]] = {}
        self.circles: set[str] = set()  # jump hosts that were named
        self.by_name: list[tuple[str, ...]] = []  # what Match lines compare with the name that was typed

    def values(self, name: str) -> dict[str, tuple[str, ...]]:
        """What ssh takes for a host outside of Match blocks: of most options the first value that matches."""
        values: dict[str, tuple[str, ...]] = {}
        for line in self.lines:
            if not all(matches_list(patterns, name) for patterns in line.conditions):
                continue
            if line.key in _WAYS and values.keys() & set(_WAYS):
                continue
            if line.key in _ADD_UP:
                values[line.key] = (*values.get(line.key, ()), line.value)
            else:
                values.setdefault(line.key, (line.value,))
        return values

    def other_names(self, name: str, companions: tuple[str, ...]) -> list[str]:
        """Which names of the same Host line lead to the same place: ``Host web 192.0.2.1`` is one machine."""
        whole = self.endpoint(name, own=True)
        return [
            one
            for one in companions
            if one != name
            and (self.endpoint(name) or self.endpoint(one))
            and self.endpoint(one, own=True) == whole
        ]

    def endpoint(self, name: str, *, own: bool = False) -> tuple[object, ...]:
        """All by which two names can be compared; nothing where the name itself is the address.

        Args:
            name: as it is typed.
            own: compare names that are addresses as well.
        """
        values = self.values(name)
        host = values.pop("hostname", ("%h",))[0].replace("%h", name).replace("%%", "%")
        if host == name and not own:
            return ()
        told = tuple(matches_list(patterns, name) for patterns in self.by_name)
        given = sorted((key, tuple(one.replace("%n", name) for one in got)) for key, got in values.items())
        return (host.lower(), told, *given)

    def look_for_circle(self, name: str, place: str) -> None:
        """Name a jump host which would be reached through itself: ssh would start itself without end."""
        way, step = [name], name
        while True:
            jump = self.values(step).get("proxyjump", ("none",))[0]
            if jump.lower() in ("none", ""):
                return
            step = Hop.parse(jump.split(",")[0]).host
            if step in way:
                break
            way.append(step)
        circle = [*way[way.index(step) :], step]
        if not self.circles & set(circle):
            self.circles |= set(circle)
            said = f"{step} would jump through itself ({' -> '.join(circle)})"
            self.found.leave(place, f"{said}; give it 'ProxyJump none' before that")

    def read(self, path: str, outer: tuple[tuple[str, ...], ...], depth: int) -> None:
        conditions, ignored = outer, False
        for number, (key, value) in options_of(self.text_of(path)):
            place = f"{path}:{number}"
            words = words_of(value)
            if key == "host":
                conditions, ignored = (*outer, tuple(words)), False
                self._names(words, place, outer)
            elif key == "match":
                ignored = [word.lower() for word in words] != ["all"]
                conditions = outer
                if ignored:
                    lowered = [word.lower() for word in words]
                    patterns = [words[at + 1] for at, word in enumerate(lowered[:-1]) if word in _TYPED]
                    self.by_name += [tuple(one.split(",")) for one in patterns]
                    self.found.leave(place, f"Match {value}: stays there, ssh decides it anew each time")
            elif ignored:
                continue
            elif key == "include":
                self._include(path, words, place, conditions, depth)
            else:
                # A command is the rest of the line, as it stands.
                whole = key.endswith("command")
                self.lines.append(Line(conditions, key, value if whole else " ".join(words), place))

    def _names(self, words: list[str], place: str, outer: tuple[tuple[str, ...], ...]) -> None:
        plain = [word for word in words if not word.startswith("!") and not {"*", "?", "@"} & set(word)]
        for word in words:
            if "@" in word:
                self.found.leave(place, f"Host {word}: never holds, as ssh takes the login name off first")
            elif word not in plain and word != "*":
                self.found.leave(place, f"Host {word}: a pattern names no node; ssh still uses it")
        for name in plain:
            if all(matches_list(patterns, name) for patterns in outer):
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
