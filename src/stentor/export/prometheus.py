"""The fleet as targets of Prometheus (``file_sd_configs``), with what is said of a node as labels."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator

from stentor.errors import UsageError
from stentor.export.view import CannotSayError, Left, Made, View, unsaid
from stentor.export.yaml_text import value
from stentor.fleet.model import Node

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*\Z", re.ASCII)  # a dash is refused before Prometheus 3
_OURS = ("node", "name", "role", "arch", "phase", "state", "groups", "job", "instance")
PORT = 9100  # of node_exporter


def make(view: View) -> Made:
    """Return the file.

    Options: ``port`` of the exporter on every node; a node says another by its variable ``exporter_port``.
    """
    groups = view.groups_of()
    left: list[Left] = []
    rows = []
    for node in view.nodes:
        target = f"{_host(node)}:{_port(view, node)}"
        labels = dict(_labels(node, groups[node.alias], left))
        rows.append(f"- {value({'targets': [target], 'labels': labels})}\n")
        if len(node.addresses) > 1:
            left.append(Left(node.alias, "address", ", ".join(node.addresses[1:]), "one target a node"))
    left += unsaid(view, "name", "addresses", "role", "arch", "phase", "state", "groups", "variables")
    return Made("".join(rows) or "[]\n", left)


def _host(node: Node) -> str:
    address = node.addresses[0] if node.addresses else node.alias
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if getattr(parsed, "scope_id", None):
        raise CannotSayError(
            node.alias, "address", f"address '{address}': a target of Prometheus cannot have a scope",
            hint="name another address first, or leave the node out: stentor export prometheus '@all!NODE'",
        )  # fmt: skip
    return f"[{address}]" if parsed.version == 6 else address


def _port(view: View, node: Node) -> int:
    port = view.options.get("port")
    given = node.variables.get("exporter_port", PORT if port is None else port)
    if isinstance(given, bool) or not isinstance(given, int) or not 1 <= given <= 65535:
        if "exporter_port" in node.variables:
            raise CannotSayError(node.alias, "vars", f"exporter_port '{given}' is no port")
        raise UsageError(f"--port {given} is no port", hint="a port is a number from 1 to 65535")
    return given


def _labels(node: Node, groups: list[str], left: list[Left]) -> Iterator[tuple[str, str]]:
    said = {
        "node": node.alias,
        "name": node.name,
        "role": node.role,
        "arch": node.arch,
        "phase": node.phase,
        "state": node.state,
        "groups": f",{','.join(groups)}," if groups else None,  # so that a label matches ".*,gpu,.*"
    }
    yield from ((key, str(data)) for key, data in said.items() if data is not None)
    for key, data in node.variables.items():
        if not _LABEL.match(key) or key.startswith("__") or key in _OURS:
            left.append(Left(node.alias, "vars", key, "is no name for a label here"))
        elif isinstance(data, (dict, list)) or data is None:
            left.append(Left(node.alias, "vars", key, "is no text or number"))
        elif key != "exporter_port":
            yield key, str(data).lower() if isinstance(data, bool) else str(data)
