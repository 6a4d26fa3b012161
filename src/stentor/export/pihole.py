"""Names of nodes and of services for Pi-hole 6: a program that sets its list ``dns.hosts``.

Pi-hole keeps the list in pihole.toml, which it writes itself, so no file of ours could stand in it.
"""

from __future__ import annotations

import json

from stentor.export.names import records
from stentor.export.view import Left, Made, View, unsaid
from stentor.sh.quoting import quote
from stentor.webnames.records import hosts


def make(view: View) -> Made:
    """Return the program, in sh; it is run on the machine with Pi-hole, as root."""
    found, left = records(view)
    for record in found:
        left += [Left("", "fqdn", name, "is a wildcard") for name in record.names if name not in record.plain]
    rows = ",\n".join(f"  {json.dumps(row)}" for row in hosts(found))
    text = (
        "# Replaces the whole list of local names: those that were added in Pi-hole's own pages are lost.\n"
        f"pihole-FTL --config dns.hosts {quote(f'[{chr(10)}{rows}{chr(10)}]')}\n"
    )
    return Made(text, [*left, *unsaid(view, "name", "addresses")], mode=0o755, first="#!/bin/sh")
