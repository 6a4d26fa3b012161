"""genders files: nodes with attributes, a line each; attributes without a value are groups."""

from __future__ import annotations

import re
from typing import Any

from stentor.fleet.importers.found import Found, Read, addresses_of, field, port_of
from stentor.fleet.ranges import expand
from stentor.fleet.schema import kinds

_BETWEEN = ";"  # as `stentor export genders` writes several values
_COMMA = re.compile(r",(?![^\[]*\])")
_KINDS = {"user": kinds.User, "jump": kinds.Jump, "role": kinds.Word, "arch": kinds.Word, "mac": kinds.Mac}


def read_genders(path: str, read: Read) -> Found:
    """Read a genders file.

    Attributes that ``stentor export genders`` writes become fields of the node, others with a value its
    variables.
    """
    found = Found()
    seen: set[tuple[str, str]] = set()
    for number, line in enumerate(read(path).split("\n"), 1):
        words = line.partition("#")[0].split()
        place = f"{path}:{number}"
        if not words:
            continue
        if len(words) > 2:
            found.leave(place, "has white space between attributes")
            continue
        for name in _nodes(found, place, words[0]):
            _node(found, place, name, words[1].split(",") if len(words) == 2 else [], seen)
    return found


def _nodes(found: Found, place: str, text: str) -> list[str]:
    names: list[str] = []
    for part in _COMMA.split(text):
        try:
            names += expand(part) if "[" in part else [part]
        except ValueError as error:
            found.leave(place, str(error))
    return names


def _node(found: Found, place: str, name: str, attributes: list[str], seen: set[tuple[str, str]]) -> None:
    """Add attributes of a node; what libgenders refuses, and the whole file with it, is listed.

    Args:
        seen: each node with the attributes that it has so far; the attributes are added.
    """
    said: dict[str, str] = {}
    known = found.nodes.setdefault(name, {})
    for attribute in attributes:
        key, equals, value = attribute.partition("=")
        if not key or (equals and not value):
            found.leave(place, f"'{attribute}' is no attribute, so genders refuses the file")
            continue
        if (name, key) in seen:
            found.leave(place, f"{key} is here for the second time, so genders refuses the file")
        seen.add((name, key))
        if equals:
            said[key] = re.sub("%([%n])", lambda mark: name if mark[1] == "n" else "%", value)
        elif key != "all" and name not in found.groups.setdefault(key, []):
            found.groups[key].append(name)
    full = said.pop("name", "")
    if full:
        del found.nodes[name]
        known = found.nodes.setdefault(full, {"alias": name, **known})
    fields, left = _fields(found, place, said)
    known.update(fields)
    known["vars"] = {**known.get("vars", {}), **left}


def _fields(found: Found, place: str, said: dict[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Fields of a node, and what is a variable of it."""
    fields: dict[str, Any] = {}
    for key, kind in _KINDS.items():
        if key in said:
            field(found, place, fields, key, said.pop(key), kind)
    if "address" in said:
        fields["address"] = addresses_of(found, place, *said.pop("address").split(_BETWEEN))
    if "port" in said:
        fields["port"] = port_of(said.pop("port"))
    if said.get("phase", "").isdecimal():
        fields["phase"] = int(said.pop("phase"))
    if said.get("migrated") == "true":
        fields["migrated"] = bool(said.pop("migrated"))
    if said.get("state") in ("up", "down", "migrating", "retired"):
        fields["state"] = said.pop("state")
    if "requires" in said:
        fields["requires"] = said.pop("requires").split(_BETWEEN)
    return fields, said
