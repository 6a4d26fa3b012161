"""The records of the commands which find out about nodes: ping, status, trust, facts, needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from msgspec import Meta

from stentor.render.json_fields import Kind, Node, Seconds, Shape

if TYPE_CHECKING:
    from stentor.gateways.check import GatewayState


class Behind(Shape):
    """The jump host which was tried in a node's place."""

    host: str
    level: str


class Ping(Shape, tag="ping"):
    """How far a node was reached by ``ping``; a line for each in each round."""

    node: Node
    kind: Kind
    level: Annotated[str, Meta(description="The reachability level; behind: see there.")]
    seconds: Seconds
    address: Annotated[str, Meta(description="The IP address that got there; or empty.")]
    port: int
    banner: Annotated[str, Meta(description="What the server calls itself; or empty.")]
    reason: Annotated[str, Meta(description="One line for people.")]
    hint: str
    behind: Behind | None
    expected_down: bool
    at: Annotated[float, Meta(description="When, in seconds since 1970-01-01T00:00:00Z.")]


class Disk(Shape):
    """A file system; sizes in bytes."""

    mount: str
    used: int
    total: int
    percent: Annotated[int, Meta(description="How full it is for an ordinary user.")]


class Facts(Shape):
    """What a node is and how it fares; null: not known."""

    os: str | None
    kernel: str | None
    arch: str | None
    uptime: Seconds | None
    load: float | None
    cores: int | None
    load_per_core: float | None
    memory_used: Annotated[int, Meta(description="Bytes which programs hold.")] | None
    memory_total: int | None
    root: Disk | None
    home: Disk | None
    home_writable: bool | None
    users: list[str] | None
    chezmoi: Annotated[str, Meta(description="Its version; empty if it does not say.")] | None
    tmux: Annotated[int, Meta(description="Sessions.")] | None
    clock: Annotated[int, Meta(description="The node's, in seconds since 1970.")] | None
    clock_skew: Annotated[float, Meta(description="Seconds by which it is ahead of ours.")] | None
    hung: Annotated[list[str], Meta(description="What did not answer in time.")]
    complete: Annotated[bool, Meta(description="Whether the probe came to its end.")]


class Status(Shape, tag="status"):
    """What ``status`` found out about a node; a line for each in each round."""

    node: Node
    kind: Kind
    seconds: Seconds
    reason: Annotated[str, Meta(description="One line for people; empty when ok.")]
    hint: str
    facts: Facts | None
    at: Annotated[float, Meta(description="When, in seconds since 1970-01-01T00:00:00Z.")]


class HostKey(Shape):
    """A public host key."""

    algorithm: Annotated[str, Meta(description="ssh-ed25519, ...")]
    fingerprint: Annotated[str, Meta(description="SHA256:...")]


class KnownKey(HostKey):
    """A key by which a node is known."""

    since: Annotated[str, Meta(description="The day on which it was pinned.")] | None


class Path(Shape):
    """Another way to a node, and what was shown there."""

    way: str
    keys: list[HostKey]


class Trust(Shape, tag="trust"):
    """What ``trust`` thinks of the host keys of a node."""

    node: Node
    kind: Kind
    reason: Annotated[str, Meta(description="One line for people; empty when ok.")]
    hint: str
    state: Literal["revoked", "changed", "unknown", "silent", "certified", "yours", "pinned"]
    hosts: Annotated[list[str], Meta(description="The names under which ssh looks it up.")]
    keys: Annotated[list[HostKey], Meta(description="What it shows now.")]
    known: Annotated[list[KnownKey], Meta(description="By what it is known.")]
    paths: list[Path]
    dns: Literal["agrees", "differs", "none"] | None
    dnssec: bool
    notes: list[str]


class Inventory(Shape, tag="facts"):
    """What ``facts`` knows of a node, from now or from the last time."""

    node: Node
    kind: Kind
    reason: str
    hint: str
    facts: Annotated[dict[str, Any], Meta(description="What is not known is not there.")] | None
    at: Annotated[float, Meta(description="From when they are, in seconds since 1970.")] | None
    changes: Annotated[list[str], Meta(description="What differs from before, a line each.")]


class Need(Shape):
    """Something that the fleet requires of a node."""

    category: Literal["command", "package", "mount", "service"]
    name: str


class Needs(Shape, tag="needs"):
    """What a node lacks, as ``needs`` found it."""

    node: Node
    kind: Kind
    reason: str
    hint: str
    has: list[Need]
    lacks: list[Need]
    unknown: Annotated[list[Need], Meta(description="What it could not tell.")]


class Gateway(Shape, tag="gateway"):
    """What a gateway of the tree has, as `gateway check` found it."""

    node: Node
    kind: Kind
    reason: Annotated[str, Meta(description="What it lacks; empty when ok.")]
    hint: str
    python: Annotated[str, Meta(description="The version of its interpreter; or empty.")]
    clustershell: Annotated[str, Meta(description="The version of its ClusterShell; or empty.")]
    path: Annotated[str, Meta(description="The interpreter; or empty.")]


def gateway_record(one: GatewayState) -> Shape:
    """Return one gateway's record."""
    return Gateway.of(one.outcome, python=one.python, clustershell=one.clustershell, path=one.path)
