"""What the tasks of a playbook send, for the guard to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from stentor.guard.modules import amounts
from stentor.rollout.sent import Sent


def sent(module: str, arguments: Mapping[str, Any], place: str = "") -> Iterator[Sent]:
    """Return what a task amounts to, as command lines.

    Args:
        module: with or without its collection.
        arguments: as they stand in the playbook; templates are not filled in.
        place: ``file:line`` of the task.
    """
    for line, used in amounts(module, arguments):
        if used is None:
            yield Sent(line)
            continue
        said = " ".join((f"{module.rpartition('.')[2]}:", *(f"{key}={value}" for key, value in used.items())))
        yield Sent(line, shown=f"{place}: {said}" if place else said)
