"""Names of nodes in templates."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from stentor.render.names import fold
from stentor.web.service import Service


def folder_of(service: Service) -> Callable[[Sequence[str]], str]:
    """Return what writes aliases as short as they can be read, by the groups of the fleet."""
    groups = service.fleet().groups

    def folded(nodes: Sequence[str]) -> str:
        return fold(nodes, groups)

    return folded
