"""Gateways of the tree: the operation behind ``stentor gateway install``."""

from __future__ import annotations

from stentor.api.operations import TERMS, Terms, operation, request_of
from stentor.gateways.install import InstallChange
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.base import BaseSelection
    from stentor.operation.operation import Operation


def install_operation(selection: BaseSelection, terms: Terms = TERMS) -> Operation:
    """Return the operation that installs ClusterShell in an environment of its own on each node."""
    change = InstallChange()
    request = request_of(selection, change.name, change.title, lock=True)
    return operation(selection.fleet, request, change, terms)
