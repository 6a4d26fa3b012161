"""The records of ``dotfiles``: built by its commands, encoded as JSON and shown to people alike."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from stentor.render.json_fields import Kind, Moment, Node, Shape

Revision = Annotated[str, Meta(description="A commit; empty for none.")]
Paths = Annotated[list[str], Meta(description="Relative to the node's HOME.")]


class Dotfiles(Shape, tag="dotfiles"):
    """How a node's dotfiles stand, by ``dotfiles status``."""

    node: Node
    kind: Kind
    reason: str
    wanted: Revision
    missed: Annotated[str, Meta(description="The revision it lacks because it was down.")] | None
    missed_since: Moment | None
    chezmoi: Annotated[str, Meta(description="Its version; empty if it is not there.")]
    applied: Annotated[str, Meta(description="The revision confirmed last, and its operation.")]
    head: Revision
    branch: str
    ahead: int | None
    behind: int | None
    drift: Paths
    differs: Paths
    uncommitted: Annotated[list[str], Meta(description="Lines of git status in the node's clone.")]
    pending: Annotated[str, Meta(description="Operation, revision, state, seconds left.")]
    reverted: Annotated[list[str], Meta(description="Revision, operation and reason.")]
    timer: Annotated[str, Meta(description="What the timer said last; empty if there is none.")]
    stderr: Annotated[list[str], Meta(description="What chezmoi complained about.")]


class Conflict(Shape):
    """Something that the change would overwrite."""

    category: Annotated[str, Meta(description="edited, existing, source, ...")]
    path: str


class Planned(Shape, tag="planned"):
    """What a revision would do to a node, by ``dotfiles plan`` and before every change."""

    node: Node
    kind: Kind
    reason: str
    assumed: Annotated[bool, Meta(description="Rendered here, since the node is down.")]
    conflicts: list[Conflict]
    changes: Annotated[list[str], Meta(description="chezmoi's two columns and the path.")]
    diff: str
    scripts: Annotated[list[str], Meta(description="Their effects cannot be reverted.")]
    externals: list[str]
    deletes: Paths
    warnings: list[str]
    applied: Revision
    pending: str
    tried: Annotated[str, Meta(description="When this revision was reverted here, and why.")]
    chezmoi: str


class Working(Shape, tag="working"):
    """The working copy, as ``dotfiles push`` found it, or as ``dotfiles adopt`` would have it."""

    changed: list[str]
    ahead: Annotated[int, Meta(description="Commits which are not pushed yet.")]


class Secret(Shape, tag="secret"):
    """Something that looks like a secret; its text is never shown."""

    path: str
    line: int
    rule: Annotated[str, Meta(description="What it looks like.")]
    key: Annotated[str, Meta(description="By which it can be allowed.")]


class Timer(Shape, tag="timer"):
    """A node's timer, after it was installed, removed or asked for."""

    node: Node
    kind: Kind
    timer: str
    reason: str
