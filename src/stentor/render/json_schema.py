"""The shapes of the lines which ``--json`` writes: for readers' programs, the JSON Schema, and our tests.

Not loaded by ``stentor run`` itself.
"""

from __future__ import annotations

from inspect import cleandoc
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stentor.render.json_doctor import Doctoring
from stentor.render.json_dotfiles import Dotting
from stentor.render.json_fields import Kind, Node, Seconds, Stream
from stentor.render.json_history import Past
from stentor.render.json_operation import OperationLine


class Operation(msgspec.Struct, tag="operation", forbid_unknown_fields=True):
    """The first line: what is going to be done, and where."""

    stentor: Annotated[Literal[1], Meta(description="Version of this format.")]
    command: Annotated[str, Meta(description="As it is sent to the nodes' login shells.")]
    nodes: Annotated[list[Node], Meta(description="In the order of the selection.")]
    selector: str
    started_at: Annotated[float, Meta(description="Seconds since 1970-01-01T00:00:00Z.")]


class Started(msgspec.Struct, tag="started", forbid_unknown_fields=True):
    """The command runs on this node now."""

    node: Node


class Output(msgspec.Struct, tag="output", forbid_unknown_fields=True, omit_defaults=True):
    """Bytes as they came, not lines. Exactly one of ``text`` and ``base64`` is there.

    What a node wrote to a stream is the concatenation of all of them, in this order.
    """

    node: Node
    stream: Stream
    text: Annotated[str, Meta(description="If the bytes are UTF-8.")] | None = None
    base64: Annotated[str, Meta(description="If they are not.")] | None = None


class Notice(msgspec.Struct, tag="notice", forbid_unknown_fields=True):
    """Something worth knowing which is no outcome, like a retry. ``node`` may be empty."""

    node: str
    text: str


class Finished(msgspec.Struct, tag="finished", forbid_unknown_fields=True):
    """This node is done. Every selected node has exactly one such line."""

    node: Node
    kind: Kind
    code: Annotated[int, Meta(description="The command's exit code where there is one.")] | None
    reason: Annotated[str, Meta(description="One line for people; empty when ok.")]
    hint: Annotated[str, Meta(description="What to do next, often a command; or empty.")]
    seconds: Seconds
    started: Annotated[bool, Meta(description="Whether the command began on the node.")]
    remote: Annotated[str, Meta(description="What became of the remote process when it was ended by us.")]
    attempts: Annotated[int, Meta(ge=1)]


class Report(msgspec.Struct, tag="report", forbid_unknown_fields=True):
    """The last line."""

    nodes: Annotated[int, Meta(ge=0, description="How many were selected.")]
    kinds: Annotated[dict[str, list[Node]], Meta(description="Nodes by kind; the worst kind first.")]
    exit_code: Annotated[int, Meta(ge=0, le=255, description="With which the process ends.")]
    seconds: Seconds


class Behind(msgspec.Struct, forbid_unknown_fields=True):
    """The jump host which was tried in a node's place."""

    host: str
    level: str


class Ping(msgspec.Struct, tag="ping", forbid_unknown_fields=True):
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


class Disk(msgspec.Struct, forbid_unknown_fields=True):
    """A file system; sizes in bytes."""

    mount: str
    used: int
    total: int
    percent: Annotated[int, Meta(description="How full it is for an ordinary user.")]


class Facts(msgspec.Struct, forbid_unknown_fields=True):
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


class Status(msgspec.Struct, tag="status", forbid_unknown_fields=True):
    """What ``status`` found out about a node; a line for each in each round."""

    node: Node
    kind: Kind
    seconds: Seconds
    reason: Annotated[str, Meta(description="One line for people; empty when ok.")]
    hint: str
    facts: Facts | None
    at: Annotated[float, Meta(description="When, in seconds since 1970-01-01T00:00:00Z.")]


class HostKey(msgspec.Struct, forbid_unknown_fields=True):
    """A public host key."""

    kind: Annotated[str, Meta(description="ssh-ed25519, ...")]
    fingerprint: Annotated[str, Meta(description="SHA256:...")]


class KnownKey(HostKey, forbid_unknown_fields=True):
    """A key by which a node is known."""

    since: Annotated[str, Meta(description="The day on which it was pinned.")] | None


class Path(msgspec.Struct, forbid_unknown_fields=True):
    """Another way to a node, and what was shown there."""

    way: str
    keys: list[HostKey]


class Trust(msgspec.Struct, tag="trust", forbid_unknown_fields=True):
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


class Inventory(msgspec.Struct, tag="facts", forbid_unknown_fields=True):
    """What ``facts`` knows of a node, from now or from the last time."""

    node: Node
    kind: Kind
    reason: str
    hint: str
    facts: Annotated[dict[str, Any], Meta(description="What is not known is not there.")] | None
    at: Annotated[float, Meta(description="From when they are, in seconds since 1970.")] | None
    changes: Annotated[list[str], Meta(description="What differs from before, a line each.")]


class Need(msgspec.Struct, forbid_unknown_fields=True):
    """Something that the fleet requires of a node."""

    kind: Literal["command", "package", "mount", "service"]
    name: str


class Needs(msgspec.Struct, tag="needs", forbid_unknown_fields=True):
    """What a node lacks, as ``needs`` found it."""

    node: Node
    kind: Kind
    reason: str
    hint: str
    has: list[Need]
    lacks: list[Need]
    unknown: Annotated[list[Need], Meta(description="What it could not tell.")]


Line = (
    Operation
    | Started
    | Output
    | Notice
    | Finished
    | Report
    | Ping
    | Status
    | Trust
    | Inventory
    | Needs
    | Doctoring
    | Dotting
    | Past
    | OperationLine
)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of one line."""
    made = msgspec.json.schema(Line)
    for shape in made["$defs"].values():
        if "description" in shape:  # a docstring, which Python has indented until 3.12
            shape["description"] = cleandoc(shape["description"])
    made["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    made["title"] = "A line of `--json`, by all commands that docs/json.md names"
    return made


def decode(line: bytes | str) -> Line:
    """Read one line, strictly.

    Raises:
        msgspec.ValidationError: it is not of a shape of this version.
    """
    read: Line = msgspec.json.decode(line, type=Line)
    return read
