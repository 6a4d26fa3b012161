"""The records of what is listed here: fleet, migration, connections, lab, tmux."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stentor.render.json_fields import Header, Kind, Moment, Node, Shape


class Check(Header, tag="check", kw_only=True):
    """The first line of ``check``; nodes and groups are null where faults hide how many there are."""

    fleet: Annotated[str, Meta(description="The fleet directory.")]
    nodes: int | None
    groups: int | None
    faults: int


class Fault(Shape, tag="fault"):
    """Something wrong in a fleet file, or in what ssh reads."""

    file: str
    line: Annotated[int, Meta(ge=0, description="From 1; 0: the file as a whole.")]
    column: Annotated[int, Meta(ge=0)]
    what: str
    hint: str


class Advice(Shape, tag="advice"):
    """What is no fault and should be known: of ssh_config, or of an image for other machines."""

    node: Annotated[str, Meta(description="The alias; empty where it is about a jump host.")]
    what: str
    hint: str


class Nodes(Header, tag="nodes", kw_only=True):
    """The first line of ``nodes``."""

    fleet: Annotated[str, Meta(description="The fleet directory.")]
    selector: str


class Option(Shape):
    """An option of ssh, and what set it."""

    value: str
    origin: Annotated[str, Meta(description="fleet, the configuration file, or OpenSSH's default.")] = (
        msgspec.field(name="from")
    )


class NodeEntry(Shape, tag="node"):
    """What the fleet says of a node; ``from`` and ``ssh`` where one node was selected by its name."""

    node: Node
    name: str
    address: list[str]
    user: str | None
    port: int | None
    jump: str | None
    gateway: list[str]
    role: str | None
    arch: str | None
    groups: list[str]
    mac: str | None
    phase: int | None
    migrated: bool
    state: Literal["up", "down", "migrating", "retired"]
    requires: list[str]
    vars: dict[str, Any]
    origins: Annotated[
        dict[str, str] | msgspec.UnsetType, Meta(description="File, line and column of each value.")
    ] = msgspec.field(default=msgspec.UNSET, name="from")
    ssh: dict[str, Option] | msgspec.UnsetType = msgspec.UNSET


class Migration(Header, tag="migration"):
    """The first line of ``migrate``."""


class Phase(Shape, tag="phase"):
    """A phase of the migration."""

    number: int
    title: str
    checks: Annotated[list[str], Meta(description="Commands which must succeed on its nodes.")]
    done: list[Node]
    left: list[Node]
    current: Annotated[bool, Meta(description="Whether it is the first phase that has nodes left.")]
    state: Annotated[
        Literal["in progress", "waiting", "done", "empty"],
        Meta(description="How far it is; empty: no node belongs to it, or only retired ones."),
    ]


class MigrationCheck(Header, tag="migration_check"):
    """The first line of ``migrate check``."""


class PhaseChecks(Shape, tag="phase_checks"):
    """The checks of a node's phase, tried on it."""

    node: Node
    kind: Kind
    reason: str
    checks: Annotated[dict[str, int | None], Meta(description="Exit code by command; null: not tried.")]


class Masters(Header, tag="masters"):
    """The first line of ``masters``."""


class Master(Shape, tag="master"):
    """A background connection."""

    node: Annotated[str, Meta(description="Empty: no node of the fleet has this control path.")]
    path: Annotated[str, Meta(description="The control path.")]
    pid: Annotated[int, Meta(description="0: the process has ended, only its socket is left.")]
    since: Moment
    memory: Annotated[int, Meta(description="Bytes; 0 where the system does not tell.")]
    used: Annotated[float, Meta(description="Seconds of processor since it began.")]


class Lab(Header, tag="lab", kw_only=True):
    """The first line of ``lab status``."""

    directory: str
    fleet: Annotated[str, Meta(description="The fleet directory.")]
    backend: str
    limits: Annotated[list[str], Meta(description="What this backend cannot do.")]


class LabNode(Shape, tag="lab_node"):
    """A practice node."""

    node: Node
    address: str
    port: int
    state: Annotated[str, Meta(extra_json_schema={"enum": ["up", "down", "broken", "dead"]})]
    faults: list[str]
    processes: int


class TmuxSessions(Header, tag="tmux_sessions"):
    """The first line of ``tmux list``."""


class TmuxNode(Shape, tag="tmux_node"):
    """Whether tmux runs on a node; a ``session`` for each of its sessions follows."""

    node: Node
    kind: Kind
    reason: str
    tmux: Annotated[bool | None, Meta(description="Whether it is installed; null: not known.")]


class Session(Shape, tag="session"):
    """A tmux session of a node."""

    node: Node
    name: str
    windows: int
    attached: Annotated[int, Meta(description="By how many clients.")]
    since: Annotated[int, Meta(description="In seconds since 1970, by the node's clock.")]
    commands: Annotated[list[str], Meta(description="What runs in it: vim, zsh 3x.")]


class TmuxSync(Header, tag="tmux_sync"):
    """The first line of ``tmux sync``."""


class Window(Shape, tag="window"):
    """A tmux window here, and whether its input is synchronised."""

    session: str
    window_id: str
    window: str
    on: bool
    included: Annotated[list[str], Meta(description="Panes, by node or else by tmux's id.")]
    left_out: list[str]


class TmuxCapture(Header, tag="tmux_capture"):
    """The first line of ``tmux capture``."""


class Pane(Shape, tag="pane"):
    """What a tmux pane here shows."""

    node: Annotated[str, Meta(description="Empty: it is not that of a node.")]
    pane: Annotated[str, Meta(description="tmux's id.")]
    state: str
    text: str
