"""Nodes on and off: the operations behind ``stentor reboot``, ``shutdown`` and ``wake``."""

from __future__ import annotations

from stentor.api.operations import TERMS, TYPED, Terms, aliases_of, command_line, operation, request_of
from stentor.errors import Refused, UsageError
from stentor.operation.guarding import confirm_power
from stentor.power import wake
from stentor.power.change import RebootChange, ShutdownChange, WakeChange
from stentor.rollout.plan import Plan, Wave
from stentor.rollout.policy import policy_of
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.fleet.model import Node
    from stentor.operation.operation import Operation

PATIENCE = 300.0  # seconds until a node must be back
_ONE = "one node after the other, so that only one is down"
_LAST = "others are reached through it, or the policy says so"


def reboot_operation(
    selection: BaseSelection,
    terms: Terms = TERMS,
    *,
    command: str = "",
    limit: float = PATIENCE,
) -> Operation:
    """Return the operation that reboots nodes, one after the other, each proved to be back.

    Raises:
        Refused: it was not confirmed.
    """
    fleet = selection.fleet
    named, command = command, command or fleet.data.policy.power.reboot
    if terms.guarded:
        confirm_power(aliases_of(selection), "reboot, one after the other", terms.confirm)
    last = _last(selection)
    first = [alias for alias in aliases_of(selection) if alias not in last]
    waves = [Wave("wave", f"node {number}", (alias,), _ONE) for number, alias in enumerate(first, 1)]
    waves += [Wave("last", "last", (alias,), _LAST) for alias in last]

    def forget(alias: str) -> None:
        for master in fleet.masters():
            if master.alias == alias:
                fleet.stop_master(master)

    change = RebootChange(command, limit, forget)
    options = ("--patience", f"{limit:g}s") if limit != PATIENCE else ()
    return _power_operation(selection, change, Plan(tuple(waves)), terms, (*_command(named), *options))


def shutdown_operation(selection: BaseSelection, terms: Terms = TERMS, *, command: str = "") -> Operation:
    """Return the operation that shuts nodes down, the gateway after all others.

    Raises:
        Refused: it was not confirmed.
    """
    named, command = command, command or selection.fleet.data.policy.power.shutdown
    if terms.guarded:
        confirm_power(aliases_of(selection), "shutdown", terms.confirm)
    last = _last(selection)
    first = tuple(alias for alias in aliases_of(selection) if alias not in last)
    waves = [Wave("wave", "all but the last", first, "at once")] if first else []
    waves += [Wave("last", "last", last, _LAST)] if last else []
    # A node that is down already is no reason to keep the gateway on.
    plan = Plan(tuple(waves), count_unreachable=False)
    return _power_operation(selection, ShutdownChange(command), plan, terms, _command(named))


def wake_operation(
    selection: BaseSelection,
    terms: Terms = TERMS,
    *,
    via: str | None = None,
    broadcast: str = "",
    port: int = wake.PORT,
) -> Operation:
    """Return the operation that wakes nodes by Wake-on-LAN.

    Args:
        via: the node that sends the packets; ``here`` for this machine; None to choose.
        broadcast: the address the packet is sent to; empty for everybody here and the node's networks.
        port: UDP port.

    Raises:
        UsageError: a node has no hardware address.
        Refused: no node of its network is up to send from.
    """
    without = [node.alias for node in selection.nodes if not node.mac]
    if without:
        raise UsageError(
            f"no mac is known of {', '.join(without)}", hint="add 'mac: aa:bb:cc:dd:ee:ff' to the node"
        )
    routes = {node.alias: _via(selection.fleet, node, via) for node in selection.nodes}
    change = WakeChange(routes, broadcast, port)
    given = {"--via": via, "--broadcast": broadcast, "--port": "" if port == wake.PORT else str(port)}
    options = [word for name, value in given.items() if value for word in (name, value)]
    return _power_operation(selection, change, None, terms, options, lock=False)


def _power_operation(
    selection: BaseSelection,
    change: RebootChange | ShutdownChange | WakeChange,
    plan: Plan | None,
    terms: Terms,
    options: Sequence[str],
    *,
    lock: bool = True,
) -> Operation:
    request = request_of(
        selection,
        change.name,
        change.title,
        options={TYPED: list(options)},
        lock=lock,
        rest=lambda nodes, _: command_line(change.name, nodes, terms, options),
    )
    return operation(selection.fleet, request, change, terms, plan)


def _command(named: str) -> tuple[str, ...]:
    return ("--command", named) if named else ()


def _last(selection: BaseSelection) -> tuple[str, ...]:
    """Nodes that the policy names last, gateways and this machine."""
    fleet, aliases = selection.fleet, aliases_of(selection)
    named = {*policy_of(fleet.data, aliases, run=False).last, fleet.local}
    return tuple(n.alias for n in selection.nodes if n.alias in named or n.role == "gateway")


def _via(fleet: BaseFleet, node: Node, wanted: str | None) -> str | None:
    """The node to send from: the one that is named, this machine, or one of the same network that is up."""
    if wanted == "here":
        return None
    if wanted:
        chosen = fleet.nodes(wanted)
        if len(chosen) != 1:
            raise UsageError(f"--via {wanted} must name one node, and names {len(chosen)}")
        return None if chosen[0].alias == fleet.local else chosen[0].alias
    theirs = wake.networks(node.addresses)
    if not theirs or theirs & wake.networks(_own_addresses()):
        return None
    others = (other for other in fleet.nodes("@all") if other.alias != node.alias)
    near = tuple(other for other in others if theirs & wake.networks(other.addresses))
    for alias in fleet.live.up_among(near):
        return None if alias == fleet.local else alias
    raise Refused(
        f"{node.alias} is on another network, and no node there is up to send from",
        hint="name one with --via, or send from here all the same with --via here",
    )


def _own_addresses() -> tuple[str, ...]:
    import socket

    try:
        found = socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)
    except OSError:
        return ()
    return tuple({str(one[4][0]) for one in found})
