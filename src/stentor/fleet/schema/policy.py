"""Policy: how the fleet is treated.

A new section is a struct here and a line in ``SECTIONS``; it is then checked (types, unknown keys with
suggestions, selectors) and completed by editors. A selector in a section arrives in ``Fleet.policy``
as the list of aliases it names.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from stentor.fleet.schema.kinds import (
    ONE_OR_MORE,
    Command,
    Count,
    Duration,
    GroupName,
    Keep,
    Line,
    Positive,
    Program,
    Selector,
    Share,
    Size,
    Waves,
    Word,
)


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
