"""Variables beside an Ansible inventory (``group_vars``, ``host_vars``), and what vaults hide in YAML."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from stentor.fleet.document import Value, parse
from stentor.fleet.importers.found import Found, List, Read

VAULT = "$ANSIBLE_VAULT"

_TAG = re.compile(r"((?:^|[\s:\[{,])\s*)!(?:vault|unsafe)(?=\s)", re.MULTILINE)
_ENDINGS = (".yml", ".yaml", ".json")
_FEW = 8  # names that are still worth reading


class Beside(NamedTuple):
    """One file's variables.

    Attributes:
        of_group: whether they are a group's; else a host's.
        name: of the group or host.
        path: of the file.
        variables: those which say how a host is reached.
    """

    of_group: bool
    name: str
    path: str
    variables: dict[str, Any]


def parse_yaml(found: Found, path: str, text: str) -> Value | None:
    """Parse a YAML file of Ansible's, in which ``!vault`` and ``!unsafe`` mark plain text."""
    tree, faults = parse(_TAG.sub(r"\1", text).encode("utf-8", "surrogateescape"), path)
    for fault in faults:
        found.leave(fault.where, fault.what)
    return tree


def variables_beside(found: Found, folder: str, read: Read, listed: List) -> Iterator[Beside]:
    """Yield what the files of a folder say of how groups and hosts are reached.

    All else in them is for playbooks, which go on to read those files, and would be copied to each node here.

    Args:
        found: told what is not carried over.
        folder: where the inventory lies.
        read: from a path to its text.
        listed: from a glob pattern to paths.
    """
    for kind in ("group_vars", "host_vars"):
        start = posixpath.join(folder, kind, "")
        for depth in ("*", "*/*", "*/*/*"):
            for path in listed(start + depth):
                name = path.removeprefix(start).split("/")[0]
                ending = posixpath.splitext(name)[1]
                if depth == "*" and ending in _ENDINGS:
                    name = name.removesuffix(ending)
                variables = _variables(found, path, read)
                if variables:
                    yield Beside(kind == "group_vars", name, path, variables)


def _variables(found: Found, path: str, read: Read) -> dict[str, Any]:
    try:
        text = read(path)
    except (OSError, UnicodeDecodeError):
        found.leave(path, "cannot be read as text")
        return {}
    if text.startswith(VAULT):
        found.leave(path, "is encrypted by ansible-vault")
        return {}
    tree = parse_yaml(found, path, text)
    said = tree.plain() if tree is not None else None
    if not isinstance(said, dict):
        return {}
    stay = [key for key in said if not str(key).startswith("ansible_")]
    if stay:
        more = f" and {len(stay) - _FEW} more" if len(stay) > _FEW else ""
        found.leave(path, f"{', '.join(stay[:_FEW])}{more}: stay there, for playbooks")
    return {key: value for key, value in said.items() if key not in stay}
