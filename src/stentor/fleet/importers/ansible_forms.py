"""The forms of an Ansible inventory: INI, and mappings (YAML, JSON, TOML).

They are described in https://docs.ansible.com/ansible/latest/inventory_guide/intro_inventory.html. A line
that is wrong is the last one that is read of its file, as Ansible has it.
"""

from __future__ import annotations

import ast
import re
import shlex
import warnings
from typing import Any

from stentor.fleet.document import Value
from stentor.fleet.importers.ansible_data import Inventory, Unread
from stentor.fleet.importers.ansible_yaml import Dialect

PARTS = ("hosts", "children", "vars")

_SECTION = re.compile(r"\[([^:\]\s]+)(?::(\w+))?\]\s*(?:#.*)?\Z")
_GROUP = re.compile(r"([^:\]\s]+)\s*(?:#.*)?\Z")


# ---- INI ----


def read_ini(inventory: Inventory, path: str, text: str) -> bool:
    """Read an inventory in INI; False if it names groups that are not there.

    Raises:
        Unread: a line is wrong.
    """
    group, part = "ungrouped", "hosts"
    declared = set(inventory.members)
    promised: dict[
        str, list[tuple[str, str]]
    ] = {}  # groups that come later: each parent, and where it says so
    places: dict[str, str] = {}  # groups of which only variables are known
    for number, raw in enumerate(text.splitlines(), 1):
        line, place = raw.strip(), f"{path}:{number}"
        if not line or line[0] in "#;":
            continue
        section = _SECTION.match(line)
        if section:
            group, part = section[1], section[2] or "hosts"
            if part not in PARTS:
                raise Unread(place, f"[{group}:{part}] is nothing that Ansible knows")
            inventory.group(group)
            if part == "vars":
                places.setdefault(group, place)
            else:
                declared.add(group)
                for parent, where in promised.pop(group, ()):
                    inventory.child(parent, group, where)
        elif line.startswith("[") and line.endswith("]"):
            raise Unread(place, f"'{line[:60]}' is no section")
        elif part == "hosts":
            _ini_host(inventory, group, line, place)
        elif part == "vars":
            key, equals, value = line.partition("=")
            if not equals:
                raise Unread(place, "is no 'name=value'")
            inventory.put(group, key.strip(), literal(value.strip()), place)
        else:
            child = _GROUP.match(line)
            if not child:
                raise Unread(place, f"'{line[:60]}' is no group")
            if child[1] in inventory.members:
                inventory.child(group, child[1], place)
            else:
                promised.setdefault(child[1], []).append((group, place))
    missing = {name: parents[-1][1] for name, parents in promised.items()}
    missing |= {name: place for name, place in places.items() if name not in declared}
    for name, place in missing.items():
        inventory.found.leave(place, f"there is no group '{name}' in the inventory")
    return not missing


def _ini_host(inventory: Inventory, group: str, line: str, place: str) -> None:
    try:
        words = shlex.split(line, comments=True)
    except ValueError as error:
        raise Unread(place, f"cannot be read: {str(error).lower()}") from None
    pattern = words[0] if words else ""
    if pattern.endswith(":") or pattern in ("", "---"):
        raise Unread(place, f"'{pattern[:60]}' is no host")
    variables: dict[str, Any] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals:
            raise Unread(place, f"what follows '{pattern[:60]}' is no 'name=value'")
        variables[key] = literal(value)
    inventory.host(pattern, group, variables, place)


def literal(text: str) -> Any:
    """A value of an INI inventory: a Python literal where it is one, else text."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)
            return _plain(ast.literal_eval(text))
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return text


def _plain(value: Any) -> Any:
    if isinstance(value, (list, tuple, set)):
        return [_plain(inner) for inner in value]
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is ...:
        return "..."
    return str(value) if isinstance(value, complex) else value


# ---- mappings ----


class Tree:
    """An inventory in YAML, JSON or TOML."""

    def __init__(self, inventory: Inventory, path: str, dialect: Dialect | None) -> None:
        self.inventory = inventory  # which takes what is read
        self.path = path  # the file's
        self.dialect = dialect  # which read it; None for TOML

    def read(self, tree: Value) -> None:
        """Read all groups.

        Raises:
            Unread: something in it is wrong.
        """
        for name in tree.data:
            self._group(tree, name)

    def _place(self, line: int) -> str:
        return f"{self.path}:{line}" if line else self.path

    def _name(self, outer: Value, name: str, what: str) -> str:
        """The place of a key that must be a text."""
        place = self._place(outer.keys[name][0])
        if not name or (self.dialect and outer.keys[name] in self.dialect.odd):
            raise Unread(place, f"{what} '{name}' is no text to YAML; put it in quotes")
        return place

    def _group(self, outer: Value, name: str) -> bool:
        """Read a group; False where Ansible passes over it."""
        value = outer.data[name]
        if value.data is not None and not isinstance(value.data, dict):
            self.inventory.found.leave(self._place(value.line), f"group {name} is no mapping")
            return False
        self._name(outer, name, "group")
        self.inventory.group(name)
        parts = value.data or {}
        for key in PARTS:
            if key in parts:
                self._check(name, key, parts[key])
        for key, inner in parts.items():
            if key not in PARTS:
                self.inventory.found.leave(
                    self._place(value.keys[key][0]), f"{key} is nothing that Ansible knows of a group"
                )
            elif isinstance(inner.data, str):  # one name and no more
                self._part(name, key, _alone(inner))
            elif inner.data is not None:
                self._part(name, key, inner)
        return True

    def _check(self, group: str, key: str, inner: Value) -> None:
        listed = self.dialect is None and key == "children"  # as TOML has them
        if not isinstance(inner.data, (dict, str, type(None), list if listed else dict)):
            raise Unread(self._place(inner.line), f"{key} of group {group} is no mapping")

    def _part(self, group: str, key: str, inner: Value) -> None:
        if key == "children":
            names = inner
            if isinstance(inner.data, list):
                names = Value({str(one.data): Value(None, 0, 0) for one in inner.data}, 0, 0)
                names.keys = dict.fromkeys(names.data, (0, 0))
            for child in names.data:
                if self._group(names, child):
                    self.inventory.child(group, child, self._place(names.keys[child][0]))
            return
        for name, value in inner.data.items():
            if key == "vars":
                self.inventory.put(group, name, value.plain(), self._place(inner.keys[name][0]))
                continue
            place = self._name(inner, name, "host")
            variables = value.plain() or {}
            if not isinstance(variables, dict):
                raise Unread(place, f"what is said of host {name} is no mapping")
            self.inventory.host(name, group, variables, place)


def _alone(text: Value) -> Value:
    """``hosts: db1`` as a mapping with one key."""
    made = Value({text.data: Value(None, text.line, text.column)}, text.line, text.column)
    made.keys[text.data] = (text.line, text.column)
    return made
