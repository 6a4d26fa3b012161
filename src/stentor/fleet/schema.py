"""What may stand in the fleet files: the one table from which checks and the published JSON Schema come.

A new policy section is a struct here and a line in ``SECTIONS``; it is then checked (types, unknown
keys with suggestions, selectors) and completed by editors. A selector in a policy section arrives
in ``Fleet.policy`` as the list of aliases it names. ``Meta(extra=...)`` of a type may say
``what`` and ``hint`` for a fault in the user's words, and ``{"selector": True}`` has the text
evaluated against the fleet.

Where one or several may be written, annotate the list with ``ONE_OR_MORE``; the checked data is then
always a list. Do not write ``Alias | list[Alias]``: a union of a text with a pattern and a list of
such crashes msgspec (0.19 and 0.22, seen) when the interpreter ends.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

ONE_OR_MORE = Meta(extra={"one": True}, extra_json_schema={"one": True})

WORD = r"[A-Za-z0-9_][A-Za-z0-9_.-]*"

Alias = Annotated[
    str,
    Meta(
        pattern=rf"^{WORD}$",
        max_length=128,
        description="The short name by which everything calls the node.",
        examples=["crtr"],
        extra={"what": "is no name for a node", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
AliasPattern = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_\[][A-Za-z0-9_.,/\[\]-]*$",
        max_length=253,
        description="The short name by which everything calls the node; with ranges where its name has.",
        examples=["crtr", "n[1-40]"],
        extra={"what": "is no name for a node", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
Address = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_:.\[][A-Za-z0-9_:.%\[\],/-]*$",
        max_length=253,
        description="A host name or an IP address.",
        examples=["192.168.254.10", "crtr.home.example", "fe80::1%eth0"],
        extra={"what": "is no address", "hint": "write a host name or an IP address, without user or port"},
    ),
]
User = Annotated[
    str,
    Meta(
        # What OpenSSH itself refuses as a user's name on its command line, and white space.
        pattern=r"""^[^-\s'"`$;&<>|(){}][^\s'"`$;&<>|(){}]*$""",
        max_length=128,
        description="Login name; without it ssh_config decides.",
        extra={"what": "is no login name"},
    ),
]
Port = Annotated[
    int,
    Meta(
        ge=1,
        le=65535,
        description="TCP port of sshd; without it ssh_config decides.",
        extra={"what": "is no port", "hint": "a port is a number from 1 to 65535"},
    ),
]
Jump = Annotated[
    str,
    Meta(
        pattern=r"^[^-\s'\"`$;&<>|(){}][^\s'\"`$;&<>|(){}]*$",
        max_length=512,
        description="The way through: a node's alias, or what 'ssh -J' takes ([user@]host[:port], ...).",
        extra={"what": "is no jump host", "hint": "write a node's alias, or what 'ssh -J' takes"},
    ),
]
Word = Annotated[
    str, Meta(pattern=r"^\S+$", max_length=128, extra={"what": "is not one word", "hint": "leave out spaces"})
]
Mac = Annotated[
    str,
    Meta(
        pattern=r"^[0-9A-Fa-f]{2}([:-])[0-9A-Fa-f]{2}(\1[0-9A-Fa-f]{2}){4}$",
        description="Hardware address, for Wake-on-LAN.",
        examples=["52:54:00:12:34:56"],
        extra={"what": "is no hardware address", "hint": "it looks like 52:54:00:12:34:56"},
    ),
]
Phase = Annotated[int, Meta(ge=0, description="The phase of the migration to which the node belongs.")]
State = Annotated[
    Literal["up", "down", "migrating", "retired"],
    Meta(description="What is expected of it; silence of a node that is down or retired is no surprise."),
]
GroupName = Annotated[
    str,
    Meta(
        pattern=rf"^{WORD}$",
        max_length=128,
        extra={"what": "is no name for a group", "hint": "names have letters, digits, '.', '_' and '-'"},
    ),
]
Command = Annotated[
    str, Meta(pattern=r"^[^\s-]\S*$", extra={"what": "is no name of a command", "hint": "one word each"})
]
Program = Annotated[
    str,
    Meta(
        pattern=r"^[A-Za-z0-9_][A-Za-z0-9_.+:@-]*$",
        max_length=128,
        extra={"what": "is no name of a program", "hint": "one word of letters, digits and . _ + : @ -"},
    ),
]
Selector = Annotated[
    str,
    Meta(
        min_length=1,
        description="A selector: crtr, @gpu, @all!@pseudo, node[1-40], %role=gpu.",
        extra={"selector": True, "what": "is no selector", "hint": "write a node, '@group' or '@all'"},
    ),
]


class NodeEntry(msgspec.Struct, forbid_unknown_fields=True):
    """A node. Everything may be left out that ssh_config knows or that does not matter."""

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
    role: Word | None = None
    arch: Word | None = None
    groups: Annotated[list[GroupName], ONE_OR_MORE] | None = None
    phase: Phase | None = None
    state: State | None = None
    requires: list[Command] | None = None
    vars: dict[str, Any] | None = None


class Ssh(msgspec.Struct, forbid_unknown_fields=True):
    """How OpenSSH is called."""

    config: Annotated[
        Annotated[str, Meta(min_length=1)] | None,
        Meta(description="An ssh_config in place of your own; relative to the fleet directory."),
    ] = None
    local: Annotated[
        bool,
        Meta(description="Whether the node with this machine's host name is reached without ssh."),
    ] = True


Share = Annotated[
    str,
    Meta(
        pattern=r"^\s*([0-9]+|([0-9]|[1-9][0-9]|100)\s*%)\s*$",
        description="A number of nodes, or a share of them such as 25%.",
        extra={"what": "is neither a number of nodes nor a share of them", "hint": "write 3 or 25%"},
    ),
]
Waves = Annotated[
    str,
    Meta(
        pattern=r"^\s*([1-9][0-9]*|([1-9]|[1-9][0-9]|100)\s*%)(\s*,\s*([1-9][0-9]*|([1-9]|[1-9][0-9]|100)\s*%))*\s*$",
        extra={"what": "is no size of a wave", "hint": "write 5, 25%, or several: 1,5,25%"},
    ),
]
Count = Annotated[int, Meta(ge=0)]
Positive = Annotated[int, Meta(ge=1, extra={"what": "is too small", "hint": "at least 1"})]
Duration = Annotated[
    str,
    Meta(
        pattern=r"^\s*[0-9]+(\.[0-9]+)?\s*(ms|s|m|h)?\s*$",
        description="A time: 30s, 5m, 1h; a bare number is seconds.",
        extra={"what": "is no time", "hint": "write 30s, 5m or 1h"},
    ),
]
Size = Annotated[
    str,
    Meta(
        pattern=r"^\s*[0-9]+\s*[kKmMgG]?[iI]?[bB]?\s*$",
        extra={"what": "is no size", "hint": "bytes, or 64k, or 1M"},
    ),
]
Keep = Annotated[
    str,
    Meta(
        pattern=r"^\s*(forever|all|[1-9][0-9]*\s*(d|days?)?)\s*$",
        extra={"what": "is no way to keep", "hint": "write 1000 (operations), 90d or forever"},
    ),
]
Line = Annotated[str, Meta(min_length=1, description="A command line.", extra={"what": "is no command"})]


class RolloutPart(msgspec.Struct, forbid_unknown_fields=True):
    """In which order, and how carefully, a change reaches the nodes."""

    canary: Annotated[Selector | None, Meta(description="Who tries a change first.")] = None
    waves: Annotated[
        Waves | Positive | None,
        Meta(description="Sizes of the waves after the canary; the last one repeats."),
    ] = None
    last: Annotated[Selector | None, Meta(description="Who gets it last, one by one.")] = None
    max_failures: Annotated[
        Share | Count | None, Meta(description="So many failed nodes are borne; one more stops the rollout.")
    ] = None
    unreachable: Annotated[
        Literal["fail", "ok"] | None, Meta(description="Whether a node out of reach counts as failed.")
    ] = None
    gate: Annotated[
        Line | None, Meta(description="What must succeed on a wave's nodes before the next begins.")
    ] = None
    pause: Annotated[Duration | Annotated[float, Meta(ge=0)] | None, Meta(description="Between waves.")] = (
        None
    )
    at_once: Annotated[Positive | None, Meta(description="At most so many nodes at the same time.")] = None
    run: Annotated[bool | None, Meta(description="Whether an ordinary run goes this way unasked.")] = None


class Rollout(RolloutPart, forbid_unknown_fields=True):
    """How a change reaches the nodes; per group where it should be done with more care."""

    groups: dict[GroupName, RolloutPart] | None = None


class Journal(msgspec.Struct, forbid_unknown_fields=True):
    """What is remembered of what was done."""

    keep: Annotated[
        Keep | Positive | None, Meta(description="How long: 1000 (operations), 90d, forever.")
    ] = None
    max_size: Annotated[Size | Count | None, Meta(description="How much of a node's output.")] = None


class Tmux(msgspec.Struct, forbid_unknown_fields=True):
    """Sessions over nodes (``stentor tmux``)."""

    session: Annotated[
        Word | None, Meta(description="The session that 'tmux open' opens without a selector: cluster.")
    ] = None
    selector: Annotated[Selector | None, Meta(description="Which nodes it holds: @core.")] = None
    layouts: Annotated[
        dict[
            str,
            Literal["auto", "tiled", "even-horizontal", "even-vertical", "main-horizontal", "main-vertical"],
        ]
        | None,
        Meta(
            description="Group or session to tmux layout; auto: two above another, three as one beside two."
        ),
    ] = None
    least_columns: Annotated[
        Annotated[int, Meta(ge=2)] | None, Meta(description="Narrower panes go to a further window: 38.")
    ] = None
    least_rows: Annotated[
        Annotated[int, Meta(ge=3)] | None, Meta(description="Lower panes go to a further window: 6.")
    ] = None
    sync_minutes: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Synchronised input ends by itself after so long without a key: 5."),
    ] = None
    guard_keys: Annotated[
        list[str] | None, Meta(description="The keys that send a line: Enter, KPEnter, C-j, C-o.")
    ] = None


class MigrationPhase(msgspec.Struct, forbid_unknown_fields=True):
    """One phase: what it is called, and what must hold on its nodes when it is done."""

    title: Annotated[str | None, Meta(description="What the phase is about.")] = None
    checks: (
        Annotated[
            list[Line],
            ONE_OR_MORE,
            Meta(description="Commands which must succeed on a node before it counts as migrated."),
        ]
        | None
    ) = None


class Migrate(msgspec.Struct, forbid_unknown_fields=True):
    """The phases of a migration, by number; nodes say by ``phase`` to which they belong."""

    phases: dict[Annotated[str, Meta(pattern="^[0-9]+$")], MigrationPhase] | None = None


class Gather(msgspec.Struct, forbid_unknown_fields=True):
    """What ``stentor facts`` asks for beside what it always does."""

    tools: Annotated[list[Program] | None, Meta(description="Programs whose version matters.")] = None
    packages: Annotated[list[Program] | None, Meta(description="Packages whose version matters.")] = None


class NeedsRule(msgspec.Struct, forbid_unknown_fields=True):
    """What some nodes must have."""

    on: Annotated[Selector | None, Meta(description="Which nodes; without it all of them.")] = None
    commands: Annotated[list[Program] | None, Meta(description="Commands which must be found.")] = None
    packages: Annotated[list[Program] | None, Meta(description="Packages which must be installed.")] = None
    mounts: (
        Annotated[
            list[Annotated[str, Meta(pattern=r"^/\S*$", extra={"what": "is no place of a mount"})]],
            Meta(description="Where something must be mounted."),
        ]
        | None
    ) = None
    services: Annotated[list[Program] | None, Meta(description="Services which must run.")] = None


class Needs(msgspec.Struct, forbid_unknown_fields=True):
    """What nodes must have beside their ``requires``."""

    rules: list[NeedsRule] | None = None
    packages_of: Annotated[
        dict[str, Program] | None, Meta(description="In which package a command comes, by command.")
    ] = None


class Dotfiles(msgspec.Struct, forbid_unknown_fields=True):
    """How dotfiles are brought to the nodes."""

    remote: Annotated[
        Line | None, Meta(description="The git URL from which nodes fetch; else their clone's origin.")
    ] = None
    branch: Annotated[Word | None, Meta(description="Whose head is meant; main if not said.")] = None
    source: Annotated[
        Line | None, Meta(description="Your own clone of them; else the place where chezmoi has it.")
    ] = None
    via: Annotated[
        Literal["remote", "push"] | None,
        Meta(description="Whether nodes fetch the revision, or get it sent over the session."),
    ] = None
    window: Annotated[
        Duration | Positive | None,
        Meta(description="How long a node waits to be confirmed before it takes the change back."),
    ] = None
    limit: Annotated[Duration | Positive | None, Meta(description="How long applying may take.")] = None
    login: Annotated[Duration | Positive | None, Meta(description="How soon each shell must come up.")] = None
    signed: Annotated[bool | None, Meta(description="Whether nodes verify the commit's signature.")] = None
    requires: Annotated[
        list[Command] | None, Meta(description="Commands that must be found in every kind of shell.")
    ] = None
    checks: Annotated[
        list[Line] | None,
        Meta(description="What must succeed in a fresh login shell before it is confirmed."),
    ] = None
    on_failure: Annotated[
        Literal["stop", "revert"] | None,
        Meta(description="Whether nodes that are done stay as they are when a later one fails."),
    ] = None
    every: Annotated[Duration | Positive | None, Meta(description="How often a node's timer looks.")] = None
    jitter: Annotated[
        Duration | Positive | None, Meta(description="Up to how much later, by chance, than that.")
    ] = None


class GuardRule(msgspec.Struct, forbid_unknown_fields=True):
    """A rule of the fleet's own for dangerous lines."""

    name: Word
    pattern: Annotated[
        str, Meta(min_length=1, description="A regular expression, looked for in each command.")
    ]
    reason: Annotated[str | None, Meta(description="What would happen, for people.")] = None


class GuardPart(msgspec.Struct, forbid_unknown_fields=True):
    """Which lines are questioned before they are sent to several nodes."""

    silence: Annotated[list[Word], ONE_OR_MORE, Meta(description="Rules that do not ask here.")] | None = None
    rules: Annotated[list[GuardRule] | None, Meta(description="Rules of your own.")] = None


class Guard(GuardPart, forbid_unknown_fields=True):
    """The guard, and per group where it should be stricter or quieter."""

    groups: dict[GroupName, GuardPart] | None = None


class Notify(msgspec.Struct, forbid_unknown_fields=True):
    """How the end of a long operation is told."""

    after: Annotated[
        Duration | Annotated[float, Meta(ge=0)] | None, Meta(description="How long is long.")
    ] = None
    bell: Annotated[bool | None, Meta(description="Ring the terminal's bell.")] = None
    desktop: Annotated[bool | None, Meta(description="A notification of the desktop.")] = None
    command: Annotated[
        Line | None, Meta(description="A command of yours; STENTOR_RESULT and STENTOR_COMMAND say what was.")
    ] = None


class Power(msgspec.Struct, forbid_unknown_fields=True):
    """How nodes are turned off and on again."""

    reboot: Annotated[Line | None, Meta(description="What reboots a node.")] = None
    shutdown: Annotated[Line | None, Meta(description="What shuts a node down.")] = None


SECTIONS: dict[str, type[msgspec.Struct]] = {
    "migrate": Migrate,
    "facts": Gather,
    "needs": Needs,
    "dotfiles": Dotfiles,
    "ssh": Ssh,
    "guard": Guard,
    "notify": Notify,
    "power": Power,
    "rollout": Rollout,
    "journal": Journal,
    "tmux": Tmux,
}
"""Policy: sections of nodes.yaml, or of policy.yaml beside it. Their plain data is ``Fleet.policy[name]``."""

Groups = dict[
    GroupName,
    Annotated[
        list[Selector],
        ONE_OR_MORE,
        Meta(description="Who belongs to it: a selector, or a list of them."),
    ]
    | None,
]


class Domain(msgspec.Struct):
    """A web name of a service."""

    name: str
    kind: str | None = None


class ServiceEntry(msgspec.Struct):
    """A service. Keys which are not known here are left to you."""

    node: Selector | None = None
    kind: Word | None = None
    ports: list[Port] | None = None
    needs: list[Word] | None = None
    domains: list[Domain] | None = None


Services = dict[str, ServiceEntry]


def _file(name: str, fields: list[Any], doc: str) -> type[msgspec.Struct]:
    struct = msgspec.defstruct(name, fields, forbid_unknown_fields=True)
    struct.__doc__ = doc
    return struct


_POLICY: list[Any] = [(name, section | None, None) for name, section in SECTIONS.items()]

NodesFile = _file(
    "NodesFile",
    [
        ("nodes", dict[str, NodeEntry | None]),
        ("defaults", DefaultsEntry | None, None),
        ("groups", Groups | None, None),
        *_POLICY,
    ],
    "nodes.yaml: what there is.",
)
PolicyFile = _file(
    "PolicyFile", _POLICY, "policy.yaml: how it is treated. Its sections may also stand in nodes.yaml."
)
ServicesFile = _file("ServicesFile", [("services", Services | None, None)], "services.yaml: what runs where.")

FILES: dict[str, type[msgspec.Struct]] = {
    "nodes": NodesFile,
    "policy": PolicyFile,
    "services": ServicesFile,
}


def json_schema(file: str) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of ``nodes``, ``policy`` or ``services``."""
    schema = msgspec.json.schema(FILES[file])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"{file}.yaml of a Stentor fleet",
        **_one_or_more(schema),
    }


def _one_or_more(schema: Any) -> Any:
    """Say in JSON Schema's words that where ``ONE_OR_MORE`` stands, the list may be a single value."""
    if isinstance(schema, list):
        return [_one_or_more(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {key: _one_or_more(inner) for key, inner in schema.items() if key != "one"}
    if schema.get("one") is not True:
        return plain
    described = {key: plain.pop(key) for key in ("description", "default") if key in plain}
    choices = plain.get("anyOf", [plain])
    singles = [choice["items"] for choice in choices if choice.get("type") == "array"]
    return {**described, "anyOf": [*singles, *choices]}
