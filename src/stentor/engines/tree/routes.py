"""Which nodes are reached through gateways, and through which: decisions, which touch nothing."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence

from stentor.fleet.model import Fleet, Node
from stentor.typed import NamedTuple

# Names that ClusterShell's node sets take as they are; an IPv6 address is none.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")


class Choice(NamedTuple):
    """What was decided for the nodes of a fan-out."""

    engine: str  # ``clustershell`` or ``openssh``
    nodes: Mapping[str, tuple[str, ...]]  # alias to the gateways of each node that goes through the tree
    why: str  # one line for people
    # Whether a gateway that cannot serve is a failure, not a reason to reach its nodes directly.
    strict: bool = False


def gateways_of(fleet: Fleet) -> Callable[[Node], tuple[str, ...]]:
    """Return the function that says through which gateways a node can be reached, best first.

    A node's own ``gateway`` counts before that of the first of its groups.
    """
    by_group = fleet.policy.tree.gateways
    members: dict[str, tuple[str, ...]] = {}
    for group, gateways in by_group.items():
        for alias in fleet.groups.get(group, ()):
            members.setdefault(alias, tuple(gateways))

    def found(node: Node) -> tuple[str, ...]:
        named = node.gateways or members.get(node.alias, ())
        return tuple(alias for alias in named if alias in fleet.nodes)

    return found


def name_on_gateway(node: Node) -> str:
    """Return what a gateway calls the node: its first address, or its alias."""
    return node.addresses[0] if node.addresses else node.alias


def choose_way(
    fleet: Fleet,
    nodes: Sequence[Node],
    engine: str = "",
    *,
    local: str | None = None,
    warm: Callable[[Sequence[Node]], Collection[str]] = lambda _: (),
) -> Choice:
    """Decide for the nodes of a fan-out.

    Args:
        engine: ``auto``, ``openssh`` or ``clustershell``; empty for what the fleet says.
        local: the alias of this machine, which needs no gateway.
        warm: which of some nodes have a warm connection, which is many times faster than any gateway; asked
            only where ``auto`` would go through gateways otherwise.
    """
    policy = fleet.policy.tree
    engine = engine or policy.engine
    if engine == "openssh":
        return Choice("openssh", {}, "engine: openssh")
    strict = engine == "clustershell"
    found, taken = gateways_of(fleet), {node.alias for node in nodes}
    behind: dict[str, tuple[str, ...]] = {}
    for node in nodes:
        named = found(node)
        if not named and strict and node.jump and node.jump in fleet.nodes:
            named = (node.jump,)
        if named and node.alias != local and _PLAIN.match(name_on_gateway(node)):
            behind[node.alias] = named
    used = {alias for named in behind.values() for alias in named}
    for alias in used & taken:  # a gateway is itself reached as any other node
        behind.pop(alias, None)
    if strict:
        return Choice("clustershell", behind, "engine: clustershell", strict=True)
    why, all_behind = f"auto: {_behind(len(behind))}", len(behind)
    if all_behind >= policy.least:
        for alias in warm([node for node in nodes if node.alias in behind]):
            behind.pop(alias)
        if len(behind) < all_behind:
            why += f", {len(behind)} of them without a warm connection"
    if len(behind) < policy.least:
        return Choice("openssh", {}, f"{why}, fewer than tree.least ({policy.least})")
    return Choice("clustershell", behind, f"{why}, at least tree.least ({policy.least})")


def _behind(count: int) -> str:
    return f"{count} node{'s' if count != 1 else ''} behind gateways"


def best(candidates: Sequence[str], failed: Collection[str], load: Mapping[str, int]) -> str | None:
    """Return the gateway for one more node: of those that have not failed, the one with the fewest nodes.

    Args:
        candidates: the node's gateways, best first.
        failed: gateways that cannot serve.
        load: how many nodes each serves now.
    """
    left = [alias for alias in candidates if alias not in failed]
    return min(left, key=lambda alias: load.get(alias, 0)) if left else None
