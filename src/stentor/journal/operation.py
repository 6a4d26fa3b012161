"""What is written down of an operation, as plain values. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.typed import Any, NamedTuple

# Two bits of what the policy's ``journal:`` section says; its other values are these.
MAX_SIZE = 64 * 1024  # bytes of output kept of a node, stdout and stderr together
KEEP = "1000"  # operations, or days ("90d")


class Operation(NamedTuple):
    """What is about to be done.

    Attributes:
        kind: the stentor command: ``run``, ``copy``, ``dotfiles apply``.
        command: what each node is asked to do, as one line or a script's text.
        selector: as it was typed.
        nodes: the aliases it means, in order.
        options: other options by name, plain data; never a secret.
        fleet: the fleet directory.
        revision: the fleet directory's git revision, or empty.
        secrets: values which must not be stored wherever they turn up, in output too.
        word: what its processes on nodes carry in their environment.
    """

    kind: str
    command: str
    selector: str
    nodes: tuple[str, ...]
    options: Mapping[str, Any] = {}
    fleet: str = ""
    revision: str = ""
    secrets: tuple[str, ...] = ()
    word: str = ""


class Kept(NamedTuple):
    """Output as it is kept: the beginning and the end, and how much between them is not there."""

    data: bytes = b""
    cut_at: int = 0
    cut: int = 0

    def text(self) -> bytes:
        """The output, with a line in the place of what was cut."""
        if not self.cut:
            return self.data
        mark = f"\n[... {self.cut} bytes were not kept ...]\n".encode()
        return self.data[: self.cut_at] + mark + self.data[self.cut_at :]


class NodeRecord(NamedTuple):
    """What the journal knows of one node in one operation.

    ``kind`` is that of :mod:`stentor.outcome`, or empty where no outcome was written:
    the operation still runs, or stentor was killed.
    """

    node: str
    kind: str = ""
    code: int | None = None
    reason: str = ""
    hint: str = ""
    seconds: float = 0.0
    started: bool = False
    remote: str = ""
    attempts: int = 1
    at: float = 0.0
    stdout: Kept = Kept()
    stderr: Kept = Kept()
    pid: int = 0


class Record(NamedTuple):
    """One operation as the journal has it. Times are seconds since 1970.

    ``state`` is ``done``, ``running``, or ``interrupted``: begun, never ended, and the process
    that did it is gone.
    """

    id: int
    kind: str
    command: str
    selector: str
    options: Mapping[str, Any]
    fleet: str
    revision: str
    user: str
    host: str
    origin: str
    directory: str
    began: float
    ended: float | None
    exit_code: int | None
    state: str
    note: str
    word: str = ""
    process: str = ""
    nodes: tuple[NodeRecord, ...] = ()


SETS = ("ok", "failed", "unreachable", "missing")


def members(record: Record, which: str, not_reached: frozenset[str]) -> tuple[str, ...]:
    """Return the nodes of one of ``SETS``.

    ``missing`` are the nodes whose turn never came, or whose outcome nobody lived to see.

    Args:
        record: the operation.
        which: one of ``SETS``.
        not_reached: the kinds which mean that there was no login.
    """
    return tuple(node.node for node in record.nodes if _set_of(node, not_reached) == which)


def _set_of(node: NodeRecord, not_reached: frozenset[str]) -> str:
    if not node.kind or (node.kind == "cancelled" and not node.started):
        return "missing"
    if node.kind in not_reached:
        return "unreachable"
    if node.kind in ("ok", "skipped"):
        return node.kind
    return "failed"
