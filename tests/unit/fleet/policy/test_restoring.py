"""Sections made from plain data."""

from __future__ import annotations

from collections.abc import Iterator

from stentor.fleet.policy.restoring import RESTORE
from stentor.fleet.policy.section import Section


def classes(kind: type[Section] = Section) -> Iterator[type[Section]]:
    for inner in kind.__subclasses__():
        yield inner
        yield from classes(inner)


def test_every_value_that_is_not_plain_is_restored() -> None:
    special = {"Share", "Shares", "Keep", *(kind.__name__ for kind in classes())}
    for kind in classes():
        for annotation in kind.fields.values():
            words = set(annotation.replace("[", " ").replace("]", " ").replace(",", " ").split())
            inner = words >= {"Mapping", "Aliases"}  # lists within become tuples, as those outside do
            assert (inner or bool(words & special)) == (annotation in RESTORE), annotation
