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
    """One machine."""

    alias: str  # the short name by which everything calls it; unique in the fleet
    name: str  # the full name, the key in ``nodes.yaml``; equals ``alias`` where none is given
    # Names or IP addresses to reach it at, tried in this order; empty when ssh_config knows the alias.
    addresses: tuple[str, ...] = ()
    user: str | None = None  # login name, or None for ssh_config's
    port: int | None = None  # TCP port, or None for ssh_config's
    jump: str | None = None  # what ``ssh -J`` takes, or a node's alias; None for ssh_config's
    role: str | None = None  # free word (``gateway``, ``gpu``)
    arch: str | None = None  # free word (``arm64``, ``amd64``)
    mac: str | None = None  # hardware address, ``aa:bb:cc:dd:ee:ff``, for Wake-on-LAN
    phase: int | None = None  # the migration phase it belongs to
    migrated: bool = False  # whether its phase's work on it is done
    state: str = "up"  # what is expected of it: ``up``, ``down``, ``migrating`` or ``retired``
    requires: tuple[str, ...] = ()  # commands which must be found on it
    variables: Mapping[str, Any] = {}  # free data of the user's; reaches templates and exports
    # Aliases of the nodes through which the tree reaches it, any one of them; empty where its groups say it,
    # or nothing does.
    gateways: tuple[str, ...] = ()

    @property
    def expected_down(self) -> bool:
        """Whether this node's silence is no surprise."""
        return self.state in ("down", "retired")


class Fleet(NamedTuple):
    """All that the fleet directory says, groups expanded."""

    root: str  # absolute path of the directory that holds ``nodes.yaml``
    nodes: Mapping[str, Node]  # alias to node, in the file's order
    # Group name to aliases, in the file's order of nodes. Always has ``all``.
    groups: Mapping[str, tuple[str, ...]]
    ssh_config: str | None = None  # absolute path given to ``ssh -F``, or None for the user's own
    # The sections other than nodes and groups (``rollout``, ``tmux``, ``journal``, ``guard``, …), typed,
    # with their defaults.
    policy: Policy = Policy()
    # Absolute path of the host keys which the fleet has pinned (``stentor trust``), or None while there are
    # none.
    known_hosts: str | None = None
