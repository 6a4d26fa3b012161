"""The shapes of the lines of the journal's commands, of copies and of dry runs; see ``render.wire``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stentor.render.json_fields import Kind, Moment, Node, Seconds

Version = Annotated[Literal[1], Meta(description="Version of this format.")]


class History(msgspec.Struct, tag="history", forbid_unknown_fields=True):
    """The first line of ``history``; a ``record`` for each operation follows, the newest first."""

    stentor: Version


class Show(msgspec.Struct, tag="show", forbid_unknown_fields=True):
    """The first line of ``show``; a ``record`` follows, and its steps."""

    stentor: Version


class Kept(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """What is kept of a stream: as in ``output``; ``cut`` bytes are missing at ``cut_at``."""

    text: str | None = None
    base64: str | None = None
    cut_at: int = 0
    cut: int = 0


class PastNode(msgspec.Struct, forbid_unknown_fields=True):
    """What came of a node then; ``stdout`` and ``stderr`` are left out by ``history``."""

    node: Node
    kind: Annotated[Kind | None, Meta(description="null: not known, since it still runs or was killed.")]
    code: int | None
    reason: str
    hint: str
    seconds: Seconds
    started: bool
    remote: str
    attempts: Annotated[int, Meta(ge=1)]
    stdout: Kept | msgspec.UnsetType = msgspec.UNSET
    stderr: Kept | msgspec.UnsetType = msgspec.UNSET


class Record(msgspec.Struct, tag="record", forbid_unknown_fields=True):
    """One operation of the journal."""

    id: int
    kind: Annotated[str, Meta(description="The command: run, copy, dotfiles apply.")]
    command: str
    selector: str
    options: dict[str, Any]
    fleet: Annotated[str, Meta(description="The fleet directory.")]
    revision: Annotated[str, Meta(description="Its commit; or empty.")]
    user: str
    host: str
    origin: Annotated[str, Meta(description="From where the user was logged in; or empty.")]
    directory: str
    started_at: Moment
    ended_at: Moment | None
    exit_code: int | None
    state: Literal["running", "done", "interrupted"]
    note: str
    nodes: list[PastNode]


class Diff(msgspec.Struct, tag="diff", forbid_unknown_fields=True):
    """The first line of ``diff``: the numbers of the operations."""

    stentor: Version
    one: int
    other: int


class Compared(msgspec.Struct, tag="compared", forbid_unknown_fields=True):
    """A node in both operations; null where it took no part."""

    node: Node
    same: Annotated[bool, Meta(description="Whether kind, code and output are the same.")]
    one: PastNode | None
    other: PastNode | None


class Copy(msgspec.Struct, tag="copy", forbid_unknown_fields=True):
    """What ``copy`` sends to a node, or would send."""

    node: Node
    how: Annotated[
        Literal["nothing", "modes", "stream", "rsync"], Meta(description="modes: permissions and times only.")
    ]
    files: Annotated[int, Meta(ge=0, description="Files, links and directories.")]
    size: Annotated[int, Meta(ge=0, description="Bytes of the files.")]
    resumed: Annotated[int, Meta(ge=0, description="Bytes which were there from before.")]
    names: Annotated[list[str], Meta(description="With --dry-run.")] | msgspec.UnsetType = msgspec.UNSET


class Fetch(msgspec.Struct, tag="fetch", forbid_unknown_fields=True):
    """The first line of ``fetch --dry-run``."""

    stentor: Version
    dry_run: bool


class Measured(msgspec.Struct, tag="measured", forbid_unknown_fields=True):
    """How much ``fetch`` would bring from a node."""

    node: Node
    kind: Kind
    reason: str
    files: int
    kilobytes: int


class Plan(msgspec.Struct, tag="plan", forbid_unknown_fields=True):
    """The first line of ``run --dry-run``."""

    stentor: Version
    command: str
    selector: str


class Target(msgspec.Struct, tag="target", forbid_unknown_fields=True):
    """How ``run`` would reach a node."""

    node: Node
    how: Annotated[str, Meta(description="For people: warm connection, or by which login.")]
    expected: Annotated[str, Meta(description="The state in the fleet file: up, down.")]


Past = History | Show | Record | Diff | Compared | Copy | Fetch | Measured | Plan | Target
