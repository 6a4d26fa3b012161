"""Ansible's YAML, JSON and TOML as trees in which every value knows its place.

Ansible reads YAML 1.1 (``yes`` is true, ``0644`` is 420), takes the last of equal keys, and has its own tags.
"""

from __future__ import annotations

import datetime
import tomllib
from typing import Any

import yaml

from stentor.fleet.document import Builder, Value, parse
from stentor.fleet.importers.found import Found

VAULT = "$ANSIBLE_VAULT"

_VAULTED = ("!vault", "!vault-encrypted")
_TEXT = "tag:yaml.org,2002:str"


class Dialect(Builder):
    """YAML 1.1 as Ansible reads it."""

    def __init__(self, file: str) -> None:
        super().__init__(file)
        self.odd: set[tuple[int, int]] = set()  # the places of keys that are no text
        self._loader: Any = yaml.SafeLoader("")

    def resolve(self, text: str, tag: str | None, plain: bool) -> Any:
        """Give a scalar its type by YAML 1.1; what is in a vault becomes a mark of that."""
        if tag in _VAULTED:
            return VAULT
        if tag in ("!unsafe", "!") or (plain and text == "<<"):
            return text
        if tag is None:
            tag = self._loader.resolve(yaml.ScalarNode, text, (True, False)) if plain else _TEXT
        constructor = self._loader.yaml_constructors.get(tag)
        if constructor is None or not tag.startswith("tag:yaml.org,2002:"):
            raise ValueError(f"the tag {tag} is nothing that Ansible knows")
        try:
            value = constructor(self._loader, yaml.ScalarNode(tag, text))
        except yaml.YAMLError as error:
            raise ValueError(" ".join(str(error).split())) from None
        if isinstance(value, (datetime.date, datetime.datetime)):
            return value.isoformat()
        return value if isinstance(value, (str, int, float, bool, type(None))) else text

    def tagged(self, tag: str) -> bool:
        """``!unsafe`` may stand before anything."""
        return tag == "!unsafe"

    def entry(self, outer: Value, key: Value, name: str, value: Value) -> None:
        """Put a value into a mapping, and remember a key that is no text."""
        super().entry(outer, key, name, value)
        if not isinstance(key.data, str):
            self.odd.add((key.line, key.column))

    def twice(self, key: Value, name: str, first: int) -> bool:
        """The last of two equal keys counts."""
        super().twice(key, name, first)
        return False


def parse_yaml(found: Found, path: str, text: str) -> tuple[Value | None, Dialect]:
    """Parse a YAML or JSON file of Ansible's; its faults are left."""
    dialect = Dialect(path)
    if is_empty(text):
        return None, dialect
    tree, faults = parse(text.encode("utf-8", "surrogateescape"), path, dialect)
    for fault in faults:
        found.leave(fault.where, fault.what)
    return tree, dialect


def parse_toml(text: str) -> Value:
    """Parse a TOML file of Ansible's; its values have no place.

    Raises:
        ValueError: it is none.
    """
    return _placed(tomllib.loads(text))


def is_empty(text: str) -> bool:
    """Whether nothing but comments and markers of documents is in it."""
    return not any(line.split("#")[0].strip(" \t\r.-") for line in text.splitlines())


def _placed(value: Any) -> Value:
    if isinstance(value, dict):
        made = Value({key: _placed(inner) for key, inner in value.items()}, 0, 0)
        made.keys = dict.fromkeys(value, (0, 0))
        return made
    if isinstance(value, list):
        return Value([_placed(inner) for inner in value], 0, 0)
    if isinstance(value, (datetime.date, datetime.datetime, datetime.time)):
        return Value(value.isoformat(), 0, 0)
    return Value(value, 0, 0)
