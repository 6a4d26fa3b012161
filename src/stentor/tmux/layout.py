"""How many panes fit into a window, and in which layout."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Size(NamedTuple):
    """Columns and rows, of a terminal or a pane."""

    columns: int
    rows: int


def tiled_pane(window: Size, panes: int) -> Size:
    """The size of a pane in tmux's ``tiled`` layout (``layout_set_tiled`` in ``layout-set.c``).

    Every pane gives a row to its border line, which names the node.
    """
    rows = columns = 1
    while rows * columns < panes:
        rows += 1
        if rows * columns < panes:
            columns += 1
    return Size((window.columns - (columns - 1)) // columns, window.rows // rows - 1)


def pane_size(window: Size, panes: int, layout: str) -> Size:
    """The size of the smallest pane under any of the layouts."""
    if layout == "even-vertical":
        return Size(window.columns, window.rows // panes - 1)
    if layout == "even-horizontal":
        return Size((window.columns - (panes - 1)) // panes, window.rows - 1)
    if layout == "main-vertical" and panes > 1:
        return Size((window.columns - 1) // 2, window.rows // (panes - 1) - 1)
    if layout == "main-horizontal" and panes > 1:
        return Size((window.columns - (panes - 2)) // (panes - 1), window.rows // 2 - 1)
    return tiled_pane(window, panes)


def choose(layout: str, panes: int) -> str:
    """Resolve ``auto``: two panes one above the other, three as one beside two, more tiled."""
    if layout != "auto":
        return layout
    return {2: "even-vertical", 3: "main-vertical"}.get(panes, "tiled")


def capacity(window: Size, least: Size, layout: str) -> int:
    """How many panes fit into a window without one being smaller than ``least``; at least 1."""
    count = 1
    while True:
        size = pane_size(window, count + 1, choose(layout, count + 1))
        if size.columns < least.columns or size.rows < least.rows:
            return count
        count += 1


def share(items: Sequence[T], most: int) -> list[list[T]]:
    """Distribute over windows of at most ``most`` panes, evenly, in order."""
    if not items:
        return []
    windows = -(-len(items) // most)
    smaller, larger = divmod(len(items), windows)
    cuts: list[list[T]] = []
    start = 0
    for number in range(windows):
        end = start + smaller + (1 if number < larger else 0)
        cuts.append(list(items[start:end]))
        start = end
    return cuts
