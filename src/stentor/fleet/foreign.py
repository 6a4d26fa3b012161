"""Files of other tools that are given as a fleet file."""

from __future__ import annotations

import re

from stentor.fleet.document import Fault, Value

_SECTION = re.compile(rb"\[[\w.:-]+\]\s*(?:#.*)?")


def foreign(data: bytes, tree: Value | None, file: str) -> Fault | None:
    """Return the only fault of an Ansible file that is given as ``nodes.yaml``; None for any other file.

    Args:
        tree: what YAML reads in it; None for nothing.
        file: its name as it is shown.
    """
    what = _kind(tree) or ("inventory" if _is_ini(data, tree) else "")
    if not what:
        return None
    hint = f"stentor init DIR --from ansible {file}"
    if what == "playbook":
        hint = "nodes come from an inventory: stentor init DIR --from ansible INVENTORY"
    return Fault(file, 1, 1, f"this is an Ansible {what}, no fleet file", hint)


def _is_ini(data: bytes, tree: Value | None) -> bool:
    """Whether it has the sections of an inventory; what YAML reads as a mapping has none."""
    if tree is not None and isinstance(tree.data, dict):
        return False
    return any(_SECTION.fullmatch(line.strip()) for line in data.splitlines())


def _kind(tree: Value | None) -> str:
    if tree is None:
        return ""
    if isinstance(tree.data, list):
        return "playbook" if any("hosts" in _keys(one) for one in tree.data) else ""
    if not isinstance(tree.data, dict) or "nodes" in tree.data:
        return ""
    return "inventory" if any({"hosts", "children"} & _keys(one) for one in tree.data.values()) else ""


def _keys(value: Value) -> set[str]:
    return {*value.data} if isinstance(value.data, dict) else set()
