"""The fleet as comma-separated values (RFC 4180): a line for each node."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

from stentor.export.view import KEYS, Made, View, unsaid
from stentor.fleet.model import Node

# What spreadsheets take for a formula at the beginning of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def make(view: View) -> Made:
    """Return the table: lists with spaces between, variables as JSON, nothing for what is not said."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["node", *KEYS.values(), "groups"])
    groups = view.groups_of()
    for node in view.nodes:
        row = [node.alias, *(_cell(getattr(node, field)) for field in KEYS), " ".join(groups[node.alias])]
        writer.writerow([_harmless(cell) for cell in row])
    return Made(file.getvalue(), list(unsaid(view, *Node._fields, "groups")))


def _cell(data: Any) -> str:
    if isinstance(data, tuple):
        return " ".join(data)
    if isinstance(data, bool):
        return "yes" if data else ""
    if isinstance(data, dict):
        return json.dumps(data, ensure_ascii=False) if data else ""
    return "" if data is None else str(data)


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe in front makes it a text."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
