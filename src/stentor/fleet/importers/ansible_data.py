"""What an Ansible inventory says, before it is a fleet: host patterns, hosts, groups, whose variables win."""

from __future__ import annotations

import re
import string
from collections.abc import Iterable, Mapping
from typing import Any

from stentor.fleet.importers.found import Found

MOST = 20_000

_LETTERS = string.ascii_letters
# A range inside a name: numbers, or one letter each, and a step.
_RANGE = r"\[(?:[0-9]+:[0-9]+|[A-Za-z]:[A-Za-z])(?::[0-9]+)?\]"
_LABEL = rf"(?:\w|{_RANGE})(?:[\w-]|{_RANGE})*(?<![_-])"
_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\Z")
_WITH_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])*):([0-9]+)\Z")
_NUMBER = re.compile(r"-?[0-9]{1,12}\Z", re.ASCII)
_IN_BRACKETS = re.compile(r"\[(.+)\]:([0-9]+)\Z")


class TooMany(ValueError):  # noqa: N818 - reads as what it says
    """A pattern stands for more hosts than we take."""

    def __init__(self) -> None:
        super().__init__(f"stands for more than {MOST} hosts")


def hosts_of(pattern: str) -> tuple[list[str], int | None]:
    """Return the names for which a pattern stands, and the port that it gives them.

    ``web[01:10]``, ``db-[a:f]``, ``n[0:10:2]``, ``gw:2200``, ``[2001:db8::1]:22``.

    Raises:
        ValueError: Ansible refuses it; the message says why.
        TooMany: we do.
    """
    name, port = pattern, None
    inside = _IN_BRACKETS.match(pattern)
    found = inside or _WITH_PORT.match(pattern)
    if found and (inside or _NAME.match(found[1])):
        name, port = found[1], int(found[2])
    return expand(name), port


def expand(pattern: str) -> list[str]:
    """Spell out the ranges of a name.

    Raises:
        ValueError: it has brackets that are no range.
        TooMany: it stands for more than ``MOST`` hosts.
    """
    names = [""]
    while "[" in pattern:
        head, _, rest = pattern.partition("[")
        inner, closing, pattern = rest.partition("]")
        if not closing:
            raise ValueError("a bracket is not closed")
        numbers = _sequence(inner)
        if len(names) * len(numbers) > MOST:
            raise TooMany
        names = [f"{name}{head}{number}" for name in names for number in numbers]
    return [name + pattern for name in names]


def _sequence(inner: str) -> list[str]:
    """The values of ``first:last`` or ``first:last:step``, without the brackets."""
    bounds = inner.split(":")
    if len(bounds) not in (2, 3):
        raise ValueError(f"[{inner}] is no range; ranges look like [1:40], [01:10] or [a:f]")
    first, last = bounds[0] or "0", bounds[1]
    if not last:
        raise ValueError(f"the range [{inner}] has no end")
    padded = first.startswith("0") and len(first) > 1
    if padded and len(first) != len(last):
        raise ValueError(f"the ends of the range [{inner}] are not equally long")
    step = _number(bounds[2], inner) if len(bounds) == 3 else 1
    if step == 0:
        raise ValueError(f"the range [{inner}] has steps of nothing")
    if first in _LETTERS and last in _LETTERS:
        start, end = _LETTERS.index(first), _LETTERS.index(last)
        if start > end:
            raise ValueError(f"the range [{inner}] goes backwards")
        return list(_LETTERS[start : end + 1 : step])
    numbers = range(_number(first, inner), _number(last, inner) + 1, step)
    if len(numbers) > MOST:
        raise TooMany
    return [str(number).zfill(len(first) if padded else 0) for number in numbers]


def _number(text: str, inner: str) -> int:
    if not _NUMBER.match(text):
        raise ValueError(f"[{inner}] is no range; ranges look like [1:40], [01:10] or [a:f]")
    return int(text)


class Unread(Exception):  # noqa: N818 - a line at which Ansible stops reading; caught where the file was begun
    """The file has a line at which Ansible stops reading."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(what)
        self.place = place  # the line's
        self.what = what  # what is wrong with it


class Inventory:
    """What the files of an inventory say."""

    def __init__(self, found: Found) -> None:
        self.found = found  # told what is not carried over
        self.hosts: dict[str, dict[str, Any]] = {}  # name to its own variables
        self.members: dict[str, list[str]] = {"all": [], "ungrouped": []}  # group to its hosts
        self.children: dict[str, list[str]] = {"all": [], "ungrouped": []}  # group to its groups
        self.variables: dict[str, dict[str, Any]] = {"all": {}, "ungrouped": {}}  # group to its variables
        self.priorities: dict[str, int] = {}  # group to its ``ansible_group_priority``, where it has one
        self.places: dict[str, str] = {}  # host to where it is named first
        # Whether any file was read to its end: else Ansible puts no host into ``ungrouped``.
        self.complete = False
        # Group to the variables of its files: first of those beside the inventory, then beside the playbooks.
        self.group_files: list[dict[str, dict[str, Any]]] = []
        self.host_files: list[dict[str, dict[str, Any]]] = []  # the same of hosts
        self.left_beside: list[str] = []  # what is not carried over of these files
        self._held: dict[str, set[str]] = {}  # the same as members, to be asked quickly

    def group(self, name: str) -> str:
        """Make sure that a group is known."""
        self.members.setdefault(name, [])
        self.children.setdefault(name, [])
        self.variables.setdefault(name, {})
        return name

    def child(self, group: str, child: str, place: str) -> None:
        """Put a group into another."""
        if child in (group, "all") or group in self.below(child):
            raise Unread(place, f"group {child} in group {group} goes round in a circle")
        if child not in self.children[group]:
            self.children[group].append(child)

    def host(self, pattern: str, group: str, variables: Mapping[str, Any], place: str) -> None:
        """Add a host, or all hosts of a range, to a group."""
        try:
            names, port = hosts_of(pattern)
        except TooMany as error:
            self.found.leave(place, f"'{pattern[:60]}' {error}")
            return
        except ValueError as error:
            raise Unread(place, f"'{pattern[:60]}' is no host: {error}") from None
        if not names:
            self.found.leave(place, f"'{pattern[:60]}' stands for no host")
        held = self._held.setdefault(group, set())
        for name in names:
            if name not in self.hosts:
                if len(self.hosts) >= MOST:
                    self.found.leave(place, f"more than {MOST} hosts")
                    return
                self.hosts[name] = {"ansible_port": port} if port else {}
                self.places[name] = place
            if name not in held:
                held.add(name)
                self.members[group].append(name)
            for key, value in variables.items():
                self.put(name, key, value, place)

    def put(self, name: str, key: str, value: Any, place: str) -> None:
        """Set a variable of a group or a host; a group of that name comes first, as it does to Ansible."""
        if name in self.variables and key == "ansible_group_priority":
            try:
                self.priorities[name] = int(value)
            except (TypeError, ValueError):
                raise Unread(place, f"ansible_group_priority '{value}' is no number") from None
        else:
            (self.variables if name in self.variables else self.hosts)[name][key] = value

    def below(self, group: str) -> set[str]:
        """A group and all groups in it."""
        seen: set[str] = set()
        waiting = [group]
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting += self.children[one]
        return seen

    def effective(self, *, files: bool = True) -> dict[str, dict[str, Any]]:
        """The variables of each host, from the weakest to the strongest.

        Files beside the inventory beat the inventory itself, for every group, and files beside the playbooks
        those; the nearer group wins, then the one of a higher priority, then the later in the alphabet. The
        group ``all`` gives way to any other, and all groups to what is said of the host.

        Args:
            files: whether files count, or only what the inventory itself says.
        """
        merged: dict[str, dict[str, Any]] = {name: {} for name in self.hosts}
        first, *others = self._in_order()  # which is 'all'
        beside = self.group_files if files else []
        stages = [(self.variables, [first, *others])]
        stages += [(one, groups) for groups in ([first], others) for one in beside]
        for variables, groups in stages:
            for group in groups:
                said: dict[str, Any] = variables.get(group, {})
                for host in self.all_hosts(group) if said else ():
                    merged[host].update(said)
        for host, own in self.hosts.items():
            merged[host] |= own
            for one in self.host_files if files else ():
                merged[host] |= one.get(host, {})
        return merged

    def _in_order(self) -> list[str]:
        # Ansible puts groups below 'all' once it has read a file to its end.
        depth = dict.fromkeys(self.members, int(self.complete)) | {"all": 0, "ungrouped": 1}
        changed = True
        while changed:  # there are no circles
            changed = False
            for group, children in self.children.items():
                for child in children:
                    if depth[child] <= depth[group]:
                        depth[child] = depth[group] + 1
                        changed = True
        return sorted(
            self.members, key=lambda one: (one != "all", depth[one], self.priorities.get(one, 1), one)
        )

    def all_hosts(self, group: str) -> Iterable[str]:
        """The hosts of a group and of the groups in it."""
        if group == "all":
            return self.hosts
        if group == "ungrouped" and self.complete:
            grouped = {
                one for name, held in self.members.items() if name not in ("all", group) for one in held
            }
            return [host for host in self.hosts if host not in grouped]
        return dict.fromkeys(host for one in self.below(group) for host in self.members[one])
