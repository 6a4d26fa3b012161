"""What a format is made from, and what comes of it: values, no file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from stentor.errors import StentorError
from stentor.fleet.member import Member
from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services
from stentor.typed import Any, NamedTuple


class Known(NamedTuple):
    """What a node told of itself."""

    at: float  # when, in seconds since 1970
    facts: Mapping[str, Any]  # plain data


class Left(NamedTuple):
    """Something of a node that a format cannot say."""

    node: str  # the alias; empty for the whole fleet
    field: str  # as in the fleet file: ``vars``, ``jump``, ...
    what: str = ""  # the value or the variable, where only a part of the field is left out
    why: str = ""  # the reason, for people; the same for all nodes that share it
    where: str = ""  # its place in the fleet file, ``file:line:column``; empty where it is not known


class View(NamedTuple):
    """The part of a fleet that is written."""

    fleet: Fleet  # where the nodes are from
    nodes: Sequence[Node]  # which are written, in this order
    known: Mapping[str, Known] = {}  # what is known of nodes, by alias
    local: str | None = None  # the node which is this machine, reached without ssh
    # Nodes for which ssh_config says something under their alias that it does not say for their address, so
    # that ssh must be called with the alias.
    by_name: Collection[str] = ()
    selector: str = "@all"  # the expression that named the nodes
    program: str = "stentor"  # how stentor is called, for files that call it
    services: Services = Services()  # web names, for the formats that use them
    options: Mapping[str, Any] = {}  # of the format, by name
    members: Mapping[str, Member] = {}  # what nodes are to be, by alias, for the formats that set machines up

    def groups(self) -> dict[str, list[str]]:
        """Return group name to the chosen members, without ``all`` and without groups that have none."""
        chosen = {node.alias for node in self.nodes}
        found = {
            name: [alias for alias in members if alias in chosen]
            for name, members in self.fleet.groups.items()
            if name != "all"
        }
        return {name: members for name, members in found.items() if members}

    def groups_of(self) -> dict[str, list[str]]:
        """Return alias to the names of the node's groups, without ``all``."""
        found: dict[str, list[str]] = {node.alias: [] for node in self.nodes}
        for name, members in self.groups().items():
            for alias in members:
                found[alias].append(name)
        return found


class Made(NamedTuple):
    """What came of it."""

    text: str  # the file's contents, without markers
    left: Sequence[Left] = ()  # what the format cannot say
    mode: int | None = None  # permissions of a new file; None for the default
    first: str = ""  # a line that must come first in the file, before the marker (``#!/bin/sh``)
    # Of formats which are a folder: file name to contents; ``text`` is then what is printed.
    files: Mapping[str, str] = {}


class CannotSayError(StentorError):
    """A value would mean something else in the format, so nothing is written.

    Args:
        node: the alias of the node.
        field: as in the fleet file.
        message: what is wrong with it there.
        hint: what to do.
    """

    exit_code = 3

    def __init__(self, node: str, field: str, message: str, *, hint: str = "") -> None:
        super().__init__(message, where=node, hint=hint)
        self.node = node
        self.field = field


# Field of a node to its key in the fleet file.
KEYS = {
    "name": "name",
    "addresses": "address",
    "user": "user",
    "port": "port",
    "jump": "jump",
    "gateways": "gateway",
    "role": "role",
    "arch": "arch",
    "mac": "mac",
    "phase": "phase",
    "migrated": "migrated",
    "state": "state",
    "requires": "requires",
    "variables": "vars",
}


def unsaid(view: View, *said: str) -> Iterator[Left]:
    """Find what nodes have and the format does not write.

    Args:
        said: fields of :class:`stentor.fleet.model.Node` that it writes, and ``groups``.
    """
    defaults = Node._field_defaults
    for field, key in KEYS.items():
        if field in said:
            continue
        for node in view.nodes:
            value = getattr(node, field)
            if value != (node.alias if field == "name" else defaults[field]):
                yield Left(node.alias, key)
    if "groups" not in said:
        yield from (Left(alias, "groups") for alias, names in view.groups_of().items() if names)
    else:
        empty = [name for name in view.fleet.groups if name != "all" and not view.fleet.groups[name]]
        yield from (Left("", "groups", name, "has no nodes") for name in empty)


def cleaned(text: str) -> str:
    """Return a text for a comment: on one line, whatever it holds."""
    return text if text.isprintable() else "".join(one if one.isprintable() else "?" for one in text)
