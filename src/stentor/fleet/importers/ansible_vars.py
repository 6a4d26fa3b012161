"""Variables beside an Ansible inventory: the files of ``group_vars`` and ``host_vars``."""

from __future__ import annotations

import posixpath
from collections.abc import Collection
from typing import Any

from stentor.fleet.importers.ansible_yaml import VAULT, parse_yaml
from stentor.fleet.importers.found import Found, List, Read, as_pattern

ENDINGS = ("", ".yml", ".yaml", ".json")  # in the order in which Ansible looks for them
_NO_VARIABLES = (".sample", ".example", ".bak", ".orig", ".md", ".rst", ".txt", ".j2", ".swp", "~")
_DEEP = 9  # levels of folders
_FEW = 8  # names that are still worth reading


class Beside:
    """The files of one folder, ``group_vars`` or ``host_vars``.

    Args:
        found: told what is not carried over.
        folder: where they lie.
        read: from a path to its text.
        listed: from a glob pattern to paths of files, or of folders where it ends in a slash.
    """

    def __init__(self, found: Found, folder: str, read: Read, listed: List) -> None:
        self.found = found
        self.folder = folder
        self.read = read
        start = as_pattern(folder)
        self.paths = [
            path for depth in range(1, _DEEP) for path in listed(posixpath.join(start, *["*"] * depth))
        ]
        self.folders = {one.rstrip("/") for one in listed(posixpath.join(start, "*", ""))}
        self.folders |= {posixpath.join(folder, self._first(path)) for path in self.paths} - set(self.paths)

    def _first(self, path: str) -> str:
        return posixpath.relpath(path, self.folder).split("/")[0]

    def of(self, names: Collection[str], what: str) -> dict[str, dict[str, Any]]:
        """Return the variables of each name that has files, and note the names which nobody has.

        Args:
            names: the groups or hosts of the inventory.
            what: ``group`` or ``host``.
        """
        said: dict[str, dict[str, Any]] = {}
        counted: set[str] = set()
        for name in names:
            for path in self._files(name):
                counted.add(path)
                said.setdefault(name, {}).update(self._variables(path))
        for path in self.paths:
            first = self._first(path)
            name = posixpath.splitext(first)[0] if first.endswith(ENDINGS[1:]) else first
            if path in counted or first.endswith(_NO_VARIABLES) or not _counts(path, self.folder, first):
                continue
            if name in names or first in names:
                self.found.leave(path, f"is not read: of the files of {what} '{name}' the first counts")
            else:
                self.found.leave(path, f"there is no {what} '{name}' in the inventory")
        return said

    def _files(self, name: str) -> list[str]:
        """The files of a group or host: a folder of that name, or the first file with one of the endings."""
        for ending in ENDINGS if not name.startswith("/") else ():
            path = posixpath.join(self.folder, name + ending)
            if path in self.folders:
                inside = [one for one in self.paths if one.startswith(path + "/")]
                counting = [one for one in inside if _counts(one, self.folder, name + ending)]
                return sorted(counting, key=lambda one: one.split("/"))
            if path in self.paths:
                return [path]
        return []

    def _variables(self, path: str) -> dict[str, Any]:
        try:
            text = self.read(path)
        except (OSError, UnicodeDecodeError):
            self.found.leave(path, "cannot be read as text")
            return {}
        if text.startswith(VAULT):
            self.found.leave(path, "is encrypted by ansible-vault")
            return {}
        tree, _ = parse_yaml(self.found, path, text)
        said = tree.plain() if tree is not None else None
        if not isinstance(said, dict):
            if said:
                self.found.leave(path, "is no mapping")
            return {}
        stay = [key for key in said if not key.startswith("ansible_")]
        if stay:
            more = f" and {len(stay) - _FEW} more" if len(stay) > _FEW else ""
            self.found.leave(path, f"{', '.join(stay[:_FEW])}{more}: stay there, for playbooks")
        return said


def _counts(path: str, folder: str, first: str) -> bool:
    """Whether Ansible reads a file of a folder: no hidden one, no backup, no other ending."""
    *folders, base = posixpath.relpath(path, folder).split("/")
    if base == first:
        return True
    return (
        not any(one.startswith(".") or posixpath.splitext(one)[1] for one in folders[1:])
        and not base.startswith(".")
        and not base.endswith("~")
        and posixpath.splitext(base)[1] in ENDINGS
    )
