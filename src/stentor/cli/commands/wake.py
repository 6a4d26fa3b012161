"""``stentor wake``: Wake-on-LAN."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.selector import some
from stentor.errors import Refused, UsageError

if TYPE_CHECKING:
    from stentor.api import Fleet
    from stentor.fleet.model import Node

EXAMPLES = """
stentor wake prtr                wake a node, by its mac in the fleet file
stentor wake @gpu --via crtr     through a node of the same network
stentor wake -n @gpu             who would be woken, and from where
"""


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @down")
    parser.add_argument("--via", metavar="NODE", help="send from this node; 'here' for this machine")
    parser.add_argument(
        "--broadcast", metavar="ADDRESS", help="(default: 255.255.255.255 and that of the node's network)"
    )
    parser.add_argument("--port", metavar="N", type=int, default=9, help="UDP port (default: 9)")
    parser.add_argument("-n", "--dry-run", action="store_true", help="only say it")
    parser.add_argument("-j", "--json", action="store_true", help="JSON Lines")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Send the packets."""
    from stentor.api import Fleet
    from stentor.outcome import Outcome, exit_code
    from stentor.power import wake
    from stentor.render.power_log import Telling

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    nodes = some(fleet, arguments.selector).nodes
    without = [node.alias for node in nodes if not node.mac]
    if without:
        raise UsageError(
            f"no mac is known of {', '.join(without)}", hint="add 'mac: aa:bb:cc:dd:ee:ff' to the node"
        )
    began = time.monotonic()
    head = {
        "command": "wake",
        "selector": arguments.selector,
        "nodes": [node.alias for node in nodes],
        "started_at": time.time(),
    }
    telling = Telling(context.screen(), head, json=arguments.json)
    outcomes: list[Outcome] = []
    for node in nodes:
        via = _via(fleet, node, arguments.via)
        mac = node.mac or ""
        telling.notice(node.alias, f"{mac} from {via or 'here'}")
        places = (arguments.broadcast,) if arguments.broadcast else wake.broadcasts(node.addresses)
        trouble = [] if arguments.dry_run else [_send(fleet, via, mac, to, arguments.port) for to in places]
        if trouble and all(trouble):  # one way in is enough
            outcomes.append(Outcome(node.alias, "failed", reason=f"not woken: {trouble[0]}"))
        else:
            outcomes.append(Outcome(node.alias, "ok", 0))
        telling.finished(outcomes[-1])
    code = exit_code(outcomes)
    telling.report(outcomes, code=code, seconds=time.monotonic() - began)
    return code


def _send(fleet: Fleet, via: str | None, mac: str, broadcast: str, port: int) -> str:
    """Send one packet; return why it could not be sent, or nothing."""
    from stentor.api import Selection
    from stentor.power import wake

    if via is None:
        try:
            wake.send(mac, broadcast, port)
        except OSError as error:
            return f"{broadcast}: {error.strerror or error}"
        return ""
    node = fleet.data.nodes[via]
    (result,) = Selection(fleet, (node,)).run(wake.command(mac, broadcast, port), timeout=10)
    said = result.stderr.decode(errors="replace").strip().removeprefix("stentor: ")
    return "" if result.ok else f"{via}: {said or result.outcome.reason}"


def _via(fleet: Fleet, node: Node, wish: str | None) -> str | None:
    """The node to send from: the one that is named, this machine, or one of the same network that is up."""
    from stentor.power import wake

    if wish == "here":
        return None
    if wish:
        (chosen,) = fleet.select(wish).nodes or (None,)
        if chosen is None:
            raise UsageError(f"--via {wish} names no node")
        return None if chosen.alias == fleet.local else chosen.alias
    theirs = wake.networks(node.addresses)
    if not theirs or theirs & wake.networks(_own_addresses()):
        return None
    near = [
        n for n in fleet.data.nodes.values() if n.alias != node.alias and theirs & wake.networks(n.addresses)
    ]
    for alias in fleet.live.up_among(tuple(near)):
        return None if alias == fleet.local else alias
    raise Refused(
        f"{node.alias} is on another network, and no node there is up to send from",
        hint="name one with --via, or send from here all the same with --via here",
    )


def _own_addresses() -> tuple[str, ...]:
    import socket

    try:
        return tuple(
            {str(found[4][0]) for found in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        )
    except OSError:
        return ()
