"""Differences as Ansible's modules give them, as lines of a unified diff that is alike on nodes alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import Any

_SCRATCH = "/ansible-local-"  # in the path of a file which Ansible has made for one run


def lines(diffs: Sequence[Mapping[str, Any]], home: str = "") -> Iterator[str]:
    """Yield the lines of what one task changed.

    Args:
        diffs: each with ``before`` and ``after`` and headers for them, or ``prepared`` lines.
        home: the node's home directory, which is ``~`` in the headers.
    """
    for diff in diffs:
        if prepared := diff.get("prepared"):
            yield from str(prepared).splitlines()
        if "before" not in diff and "after" not in diff:
            continue
        old, new = (_from_home(diff.get(f"{key}_header"), home) for key in ("before", "after"))
        # The new content comes from a file with another name in each run.
        new = old if _SCRATCH in new and old else new
        name = new or old
        before, after = (_lines(diff.get(key)) for key in ("before", "after"))
        yield from (
            line.rstrip("\n")
            for line in unified_diff(before, after, f"before: {old or name}", f"after: {name}", lineterm="")
        )


def _from_home(header: Any, home: str) -> str:
    path = str(header or "")
    return f"~{path.removeprefix(home)}" if home and path.startswith(f"{home}/") else path


def _lines(text: Any) -> list[str]:
    return str(text or "").splitlines()
