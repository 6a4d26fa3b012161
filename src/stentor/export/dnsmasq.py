"""Names of nodes and of services as lines for dnsmasq: a file for its ``conf-dir``."""

from __future__ import annotations

from stentor.export.names import records
from stentor.export.view import Made, View, unsaid
from stentor.webnames.records import dnsmasq


def make(view: View) -> Made:
    """Return the lines."""
    found, left = records(view)
    return Made(dnsmasq(found), [*left, *unsaid(view, "name", "addresses")])
