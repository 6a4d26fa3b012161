"""A fleet file as text, with comments a newcomer can go on from."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from stentor.fleet.importers.found import Found
from stentor.fleet.schema import kinds
from stentor.fleet.select import LIVE_SETS

SCHEMA_LINE = "# yaml-language-server: $schema=nodes.schema.json\n"

_PLAIN = re.compile(r"([A-Za-z_/]|\.\.?/)[A-Za-z0-9_./-]*\Z|[0-9]+(\.[0-9]+){3}\Z")
_PLAIN_IN_BLOCK = re.compile(r"[A-Za-z_][A-Za-z0-9_.,/\[\]-]*\Z")  # where brackets and commas mean nothing
_NOT_TEXT = {"null", "true", "false"}

_EMPTY = (
    SCHEMA_LINE
    + """\
# The fleet: every machine, once. 'stentor check' finds mistakes, 'stentor nodes' shows what is here.

nodes:
  # A node that ssh knows needs no more than its name:
  #   box:
  # What ssh_config does not know is said here; 'cooperator' is the full name, 'crtr' what everybody types:
  #   cooperator: {alias: crtr, address: 192.168.254.10, user: me, role: gateway, arch: arm64}
  # Also: port, jump, mac, phase, state (up, down, migrating, retired), requires, groups, vars.
  # Many at once, names and addresses in step:
  #   node[1-40]: {address: "10.0.0.[1-40]"}
  @HOST@:  # this machine: reached without ssh

# Names for several nodes; each is a selector and may name other groups.
# groups:
#   core: crtr,drtr
#   gpu: [prtr, drtr]
#   quiet: "@all!@gpu"

# What holds for every node that does not say otherwise:
# defaults: {user: me, requires: [git]}

# How a change reaches the nodes:
# rollout: {canary: drtr, last: crtr}
"""
)


def empty(hostname: str) -> str:
    """Return ``nodes.yaml`` to begin with: commented, with this machine as its only node."""
    name = hostname.partition(".")[0]
    good = re.fullmatch(kinds.WORD, name) and name not in LIVE_SETS and name != "all"
    return _EMPTY.replace("@HOST@", scalar(name) if good else "this-machine")


def text_of(found: Found, source: str) -> str:
    """Return ``nodes.yaml`` for what was found.

    Args:
        source: where it came from, for the first comment.
    """
    lines = [SCHEMA_LINE, f"# Made by 'stentor init' from {comment(source)}.\n"]
    if found.left:
        lines.append("# Not carried over:\n")
        lines += [f"#   {comment(line)}\n" for line in found.left]
    if found.ssh_config:
        lines.append(f"\nssh: {{config: {scalar(found.ssh_config)}}}\n")
    lines.append("\nnodes:\n")
    lines += [f"  {_block(name)}:{_entry(fields)}\n" for name, fields in _bare_ones_folded(found.nodes)]
    if found.groups:
        lines.append("\ngroups:\n")
        lines += [f"  {_block(name)}: {_members(members)}\n" for name, members in found.groups.items()]
    return "".join(lines)


def comment(text: str) -> str:
    """Return a text that stays in its line of a comment."""
    return "".join(one if one.isprintable() else "?" for one in text)


def _bare_ones_folded(nodes: Mapping[str, dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Nodes of which nothing is known but a name stand in one line for many."""
    bare = [name for name, fields in nodes.items() if not fields]
    if len(bare) < 5:
        return list(nodes.items())
    from stentor.fleet.ranges import MOST, expand

    left = set(bare)
    folded: list[tuple[str, dict[str, Any]]] = []
    for begin in range(0, len(bare), MOST):  # one pattern stands for so many names at most
        for pattern in fold(bare[begin : begin + MOST]):
            names = expand(pattern) if "[" in pattern else [pattern]
            folded += [(pattern, {})] if set(names) <= left else [(name, {}) for name in names]
            left -= set(names)
    return [*((name, fields) for name, fields in nodes.items() if fields), *folded]


def fold(names: list[str]) -> list[str]:
    """Return the node set of these names, its patterns apart."""
    from stentor.fleet.fold import nodeset

    return re.findall(r"(?:[^,\[]|\[[^\]]*\])+", nodeset(names))


def _entry(fields: Mapping[str, Any]) -> str:
    if not fields:
        return ""
    order = (
        "alias", "address", "user", "port", "jump", "gateway", "role", "arch", "mac", "phase",
        "migrated", "state", "requires", "vars",
    )  # fmt: skip
    shown = []
    for key in order:
        value = fields.get(key)
        if value in (None, [], {}):
            continue
        if key == "address" and len(value) == 1:
            value = value[0]
        shown.append(f"{key}: {scalar(value)}")
    return " {" + ", ".join(shown) + "}"


def _members(members: list[str]) -> str:
    if not members:
        return "[]"
    groups = [member for member in members if member.startswith("@")]
    nodes = [member for member in members if not member.startswith("@")]
    parts = [*groups, *(fold(nodes) if len(nodes) > 12 else nodes)]
    return _block(",".join(parts))


def _block(text: str) -> str:
    return text if _PLAIN_IN_BLOCK.match(text) and text.lower() not in _NOT_TEXT else scalar(text)


def scalar(value: Any) -> str:
    """A value in YAML's flow style, in quotes only where they are needed."""
    if isinstance(value, str):
        if _PLAIN.match(value) and value.lower() not in _NOT_TEXT:
            return value
        # YAML knows no pairs of surrogates, as which JSON writes what is beyond U+FFFF.
        return (
            '"' + "".join(json.dumps(c)[1:-1] if c <= "\uffff" else f"\\U{ord(c):08x}" for c in value) + '"'
        )
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(str(key))}: {scalar(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(scalar(inner) for inner in value) + "]"
    return json.dumps(value)
