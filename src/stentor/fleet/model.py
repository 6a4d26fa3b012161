"""The fleet as the rest of the program sees it: immutable values, no file, no YAML.

These are named tuples, not dataclasses or msgspec structs, since every command imports
this module and both of the others cost more at start-up than the rest of it together.
"""

from __future__ import annotations

from collections.abc import Mapping

from stentor.fleet.policy import Policy
from stentor.typed import Any, NamedTuple


def written(value: object) -> str:
    """Return a value as it is written in YAML: ``true``, ``8080``."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Node(NamedTuple):
    """One machine.

    Attributes:
        alias: the short name by which everything calls it; unique in the fleet.
        name: the full name, the key in ``nodes.yaml``; equals ``alias`` where none is given.
        addresses: names or IP addresses to reach it at, tried in this order; empty when
            ssh_config knows the alias.
        user: login name, or None for ssh_config's.
        port: TCP port, or None for ssh_config's.
        jump: what ``ssh -J`` takes, or a node's alias; None for ssh_config's.
        role: free word (``gateway``, ``gpu``).
        arch: free word (``arm64``, ``amd64``).
        mac: hardware address, ``aa:bb:cc:dd:ee:ff``, for Wake-on-LAN.
        phase: the migration phase it belongs to.
        migrated: whether its phase's work on it is done.
        state: what is expected of it: ``up``, ``down``, ``migrating`` or ``retired``.
        requires: commands which must be found on it.
        variables: free data of the user's; reaches templates and exports.
        gateways: aliases of the nodes through which the tree reaches it, any one of them; empty where its
            groups say it, or nothing does.
    """

    alias: str
    name: str
    addresses: tuple[str, ...] = ()
    user: str | None = None
    port: int | None = None
    jump: str | None = None
    role: str | None = None
    arch: str | None = None
    mac: str | None = None
    phase: int | None = None
    migrated: bool = False
    state: str = "up"
    requires: tuple[str, ...] = ()
    variables: Mapping[str, Any] = {}
    gateways: tuple[str, ...] = ()

    @property
    def expected_down(self) -> bool:
        """Whether this node's silence is no surprise."""
        return self.state in ("down", "retired")


class Fleet(NamedTuple):
    """All that the fleet directory says, groups expanded.

    Attributes:
        root: absolute path of the directory that holds ``nodes.yaml``.
        nodes: alias to node, in the file's order.
        groups: group name to aliases, in the file's order of nodes. Always has ``all``.
        ssh_config: absolute path given to ``ssh -F``, or None for the user's own.
        policy: the sections other than nodes and groups (``rollout``, ``tmux``, ``journal``,
            ``guard``, …), typed, with their defaults.
        known_hosts: absolute path of the host keys which the fleet has pinned (``stentor trust``),
            or None while there are none.
    """

    root: str
    nodes: Mapping[str, Node]
    groups: Mapping[str, tuple[str, ...]]
    ssh_config: str | None = None
    policy: Policy = Policy()
    known_hosts: str | None = None
