"""Which processes descend from which."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Process(NamedTuple):
    """One process, as this machine sees it."""

    pid: int  # its number
    parent: int  # its parent's number
    state: str  # one letter, as ``ps`` shows it; ``Z`` has exited and was not yet waited for
    words: tuple[str, ...]  # its command line


def tree(processes: Mapping[int, Process], roots: Iterable[int]) -> set[int]:
    """The given processes and all their descendants."""
    return trees(processes, {"": roots})[""]


def trees(processes: Mapping[int, Process], roots: Mapping[str, Iterable[int]]) -> dict[str, set[int]]:
    """For each name, the given processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for process in processes.values():
        children.setdefault(process.parent, []).append(process.pid)
    return {name: _descend(processes, children, pids) for name, pids in roots.items()}


def _descend(
    processes: Mapping[int, Process], children: Mapping[int, list[int]], roots: Iterable[int]
) -> set[int]:
    found: set[int] = set()
    todo = [pid for pid in roots if pid in processes]
    while todo:
        pid = todo.pop()
        if pid not in found:
            found.add(pid)
            todo += children.get(pid, ())
    return found
