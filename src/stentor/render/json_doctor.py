"""The records of ``doctor``."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from stentor.render.json_fields import Kind, Node, Seconds, Shape


class Way(Shape):
    """One login, made anew by ``ssh -v`` for the purpose."""

    ok: bool
    kind: Annotated[Kind | None, Meta(description="Why not; null if it went well.")]
    reason: str
    config: Annotated[list[str], Meta(description="The configuration files which ssh read.")]
    address: str
    software: Annotated[str, Meta(description="The server's name for itself.")]
    host_key: str
    known_by: Annotated[str, Meta(description="The line of known_hosts which has it.")]
    offered: Annotated[list[str], Meta(description="The methods which the server takes.")]
    tried: Annotated[list[tuple[str, str]], Meta(description="Method and key; what was said to it.")]
    method: Annotated[str, Meta(description="By which we were let in.")]
    printed: Annotated[int, Meta(description="Bytes which start-up files wrote to stdout.")]


class Place(Shape):
    """A line of a start-up file; null: it is not known which."""

    file: str
    line: int | None


class PathChange(Place):
    """Where PATH became what."""

    path: list[str]


class Shell(Shape):
    """One kind of shell of a node, as it came up."""

    shell: Annotated[str, Meta(description="ssh, login, interactive, both, cron, service, ...")]
    ready: bool
    seconds: Seconds | None
    waited: Annotated[float, Meta(description="Seconds of these in which it waited for a processor.")]
    code: Annotated[int, Meta(description="With which it ended; null: it did not.")] | None
    hung: bool
    path: list[str]
    commands: Annotated[dict[str, str | None], Meta(description="Where each required command is found.")]
    prints: Annotated[int, Meta(description="Bytes on standard output before the command's own.")]
    umask: str
    charmap: str
    reads: Annotated[list[Place], Meta(description="The files it reads, in their order.")]
    path_changes: list[PathChange]


class Finding(Shape):
    """Something found, with its proof, its consequence and its fix."""

    key: Annotated[str, Meta(description="Which rule it was: command-missing, ...")]
    severity: Literal["bad", "warning", "note"]
    what: str
    evidence: str
    consequence: str
    fix: str
    safe_fix: Annotated[str, Meta(description="What --fix does; empty where only a person can fix it.")]


class Doctor(Shape, tag="doctor"):
    """What ``doctor`` found on a node."""

    node: Node
    kind: Kind
    reason: str
    hint: str
    seconds: Seconds
    entered: Annotated[str, Meta(description="The other way into a node with a broken shell.")] | None
    way: Way | None
    login_shell: str | None
    shells: list[Shell]
    findings: Annotated[list[Finding], Meta(description="The worst first.")]


class Fix(Shape, tag="fix"):
    """What ``doctor --fix`` did."""

    node: Node
    what: str
    undo: Annotated[str, Meta(description="The command which takes it back; empty where nothing was done.")]
    kind: Annotated[Kind, Meta(description="skipped: it was not offered, for this reason.")]
    reason: str


class Undone(Shape, tag="undone"):
    """What ``doctor --undo`` put back on a node."""

    node: Node
    restored: Annotated[list[str], Meta(description="Files which are as they were.")]
    left: Annotated[list[str], Meta(description="Those which were not put back, each with the reason.")]
    kind: Kind
    reason: str
