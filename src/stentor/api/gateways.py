"""Gateways of the tree: the operation behind ``stentor gateway install``, and what ``check`` asks."""

from __future__ import annotations

from stentor.api.operations import TERMS, Terms, operation, request_of
from stentor.gateways.check import GatewayState, check
from stentor.gateways.install import InstallChange
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.fanout.task import Settings
    from stentor.operation.operation import Operation


def install_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that installs ClusterShell in an environment of its own on each node."""
    change = InstallChange()
    request = request_of(selection, change.name, change.title, lock=True)
    return operation(selection.fleet, request, change, terms)


def gateway_states(selection: BaseSelection, settings: Settings) -> list[GatewayState]:
    """Return whether each node can serve as a gateway, and with which versions."""
    return check(selection.fleet.reach(settings), selection.nodes)
