"""What may be said of a node, of all nodes, and of groups."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import Meta

from stentor.fleet.schema.kinds import (
    ONE_OR_MORE,
    Address,
    AliasPattern,
    Command,
    GroupName,
    Jump,
    Mac,
    Phase,
    Port,
    Selector,
    State,
    User,
    Word,
)

Gateways = Annotated[
    list[Word],
    ONE_OR_MORE,
    Meta(description="Nodes with ClusterShell, through any of which the tree reaches it."),
]

# What other tools call a key, in small letters and without dashes, and what it is called here.
_ELSEWHERE = {
    **dict.fromkeys(("hostname", "host", "ip", "ipaddress", "addr", "fqdn", "ansiblehost"), "address"),
    **dict.fromkeys(("username", "login", "remoteuser", "ansibleuser", "sshuser"), "user"),
    **dict.fromkeys(("sshport", "ansibleport"), "port"),
    **dict.fromkeys(("proxyjump", "bastion", "via", "jumphost", "proxycommand"), "jump"),
    **dict.fromkeys(("tags", "group", "memberof"), "groups"),
    **dict.fromkeys(("variables", "hostvars", "attributes", "labels"), "vars"),
    **dict.fromkeys(("shortname", "nick"), "alias"),
    **dict.fromkeys(("hwaddr", "ethernet", "macaddress"), "mac"),
    **dict.fromkeys(("architecture", "machine"), "arch"),
}


class NodeEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A node. Everything may be left out that ssh_config knows or that does not matter."""

    elsewhere: ClassVar[Mapping[str, str]] = _ELSEWHERE

    alias: AliasPattern | None = None
    address: (
        Annotated[
            list[Address],
            ONE_OR_MORE,
            Meta(description="Where to reach it; several are tried in order. Without it ssh_config decides."),
        ]
        | None
    ) = None
    user: User | None = None
    port: Port | None = None
    jump: Jump | None = None
    gateway: Gateways | None = None
    role: Annotated[Word | None, Meta(description="A free word, such as gateway or gpu.")] = None
    arch: Annotated[Word | None, Meta(description="The architecture, such as arm64 or amd64.")] = None
    groups: (
        Annotated[list[GroupName], ONE_OR_MORE, Meta(description="Groups to which it belongs, by name.")]
        | None
    ) = None
    mac: Mac | None = None
    phase: Phase | None = None
    migrated: Annotated[
        bool | None, Meta(description="Whether its phase is done; 'stentor migrate done' writes it.")
    ] = None
    state: State | None = None
    requires: Annotated[list[Command] | None, Meta(description="Commands which must be found on it.")] = None
    vars: Annotated[
        dict[str, Any] | None,
        Meta(description="Anything of your own; reaches templates, exports and selectors."),
    ] = None


class DefaultsEntry(msgspec.Struct, forbid_unknown_fields=True):
    """What holds for every node that does not say otherwise; groups, requires and vars add up."""

    user: User | None = None
    port: Port | None = None
    jump: Jump | None = None
    gateway: Gateways | None = None
    role: Word | None = None
    arch: Word | None = None
    groups: Annotated[list[GroupName], ONE_OR_MORE] | None = None
    phase: Phase | None = None
    state: State | None = None
    requires: list[Command] | None = None
    vars: dict[str, Any] | None = None


Groups = dict[
    GroupName,
    Annotated[
        list[Selector],
        ONE_OR_MORE,
        Meta(description="Who belongs to it: a selector, or a list of them."),
    ]
    | None,
]
