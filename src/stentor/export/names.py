"""Records of the view's nodes and web names, and what cannot be one, as it is listed."""

from __future__ import annotations

from stentor.export.view import Left, View
from stentor.webnames import records as webnames
from stentor.webnames.records import Record


def records(view: View) -> tuple[list[Record], list[Left]]:
    """Return the records of nodes, then of web names, and what cannot be one."""
    found, unfit = webnames.records(view.nodes, view.services)
    return found, [Left(*one) for one in unfit]
