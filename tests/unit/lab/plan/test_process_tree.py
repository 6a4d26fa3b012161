"""Which processes descend from which."""

from __future__ import annotations

from stentor.lab.plan.process_tree import Process, tree


def made(*pairs: tuple[int, int]) -> dict[int, Process]:
    return {pid: Process(pid, parent, "S", ()) for pid, parent in pairs}


def test_tree_is_all_descendants() -> None:
    table = made((1, 0), (2, 1), (3, 2), (4, 2), (5, 1), (6, 5))
    assert tree(table, [2]) == {2, 3, 4}
    assert tree(table, [3, 5]) == {3, 5, 6}
    assert tree(table, [99]) == set()


def test_tree_ends_when_parents_form_a_circle() -> None:
    assert tree(made((1, 2), (2, 1)), [1]) == {1, 2}
