"""The gateway as an item: the web names in a file of their own, which the user's Caddyfile imports."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services
from stentor.services.item import Effect, Item, NodeFile
from stentor.sh.quoting import quoted
from stentor.webnames.caddyfile import sites

FILE = "stentor.caddy"
"""The fleet's file, beside the Caddyfile."""

_FIRST = "# Made by stentor from {file}; what is changed here is lost at the next deploy.\n"


def gateway_items(services: Services, node: Node, fleet: Fleet) -> Sequence[Item]:  # noqa: ARG001 - as dns_items
    """Return what is to hold on a node as the gateway: nothing where it is none or has no web names."""
    if node.alias not in services.gateway_nodes or not services.sites:
        return ()
    main = services.caddyfile
    path = f"{main.rpartition('/')[0]}/{FILE}"
    file = services.file.rpartition("/")[2]
    text = _FIRST.format(file=file) + sites(services.sites)
    return (
        Item(
            "gateway",
            "gateway",
            (NodeFile(path, text.encode()),),
            effects=(Effect(frozenset({path}), "reload caddy"),),
            require=quoted(("gateway_require", main, path)),
            keep=quoted(("gateway_keep", main, path)),
            apply=quoted(("gateway_apply", main)),
            current=quoted(("gateway_current", main)),
            prove=quoted(("gateway_prove", main)),
            undo=quoted(("gateway_undo", main, path)),
        ),
    )
