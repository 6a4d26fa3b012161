"""The records of the commands on the journal, of copies and of dry runs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from stentor.render.json_fields import Header, Kind, Moment, Node, Seconds, Shape


class History(Header, tag="history"):
    """The first line of ``history``; a ``record`` for each operation follows, the newest first."""


class Show(Header, tag="show"):
    """The first line of ``show``; a ``record`` follows, and its steps."""


class Kept(Shape, omit_defaults=True):
    """What is kept of a stream: as in ``output``; ``cut`` bytes are missing at ``cut_at``."""

    text: str | None = None
    base64: str | None = None
    cut_at: int = 0
    cut: int = 0


class PastNode(Shape):
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


class Record(Shape, tag="record"):
    """One operation of the journal."""

    id: int
    subcommand: Annotated[str, Meta(description="Of stentor: run, copy, dotfiles apply.")]
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


class Diff(Header, tag="diff", kw_only=True):
    """The first line of ``diff``: the numbers of the operations."""

    one: int
    other: int


class Compared(Shape, tag="compared"):
    """A node in both operations; null where it took no part."""

    node: Node
    same: Annotated[bool, Meta(description="Whether kind, code and output are the same.")]
    one: PastNode | None
    other: PastNode | None


class Copy(Shape, tag="copy"):
    """What ``copy`` sends to a node, or would send."""

    node: Node
    how: Annotated[
        Literal["nothing", "modes", "stream", "rsync"], Meta(description="modes: permissions and times only.")
    ]
    files: Annotated[int, Meta(ge=0, description="Files, links and directories.")]
    size: Annotated[int, Meta(ge=0, description="Bytes of the files.")]
    resumed: Annotated[int, Meta(ge=0, description="Bytes which were there from before.")]
    names: Annotated[list[str], Meta(description="With --dry-run.")] | msgspec.UnsetType = msgspec.UNSET


class Fetch(Header, tag="fetch", kw_only=True):
    """The first line of ``fetch --dry-run``."""

    dry_run: bool


class Measured(Shape, tag="measured"):
    """How much ``fetch`` would bring from a node."""

    node: Node
    kind: Kind
    reason: str
    files: int
    kilobytes: int


class Plan(Header, tag="plan", kw_only=True):
    """The first line of ``run --dry-run``."""

    command: str
    selector: str


class Target(Shape, tag="target"):
    """How ``run`` would reach a node."""

    node: Node
    how: Annotated[str, Meta(description="For people: warm connection, or by which login.")]
    expected: Annotated[str, Meta(description="The state in the fleet file: up, down.")]
