"""Operations and their nodes as the journal records them."""

from __future__ import annotations

from collections.abc import Mapping

from stentor.outcome import Kind, Outcome, set_of
from stentor.typed import Any, Literal, NamedTuple


class Operation(NamedTuple):
    """An operation that is about to begin."""

    kind: str  # the stentor command: ``run``, ``copy``, ``dotfiles apply``
    command: str  # what each node is asked to do, as one line or a script's text
    selector: str  # as it was typed
    nodes: tuple[str, ...]  # the aliases it selects, in order
    options: Mapping[str, Any] = {}  # other options by name, plain data; never a secret
    fleet: str = ""  # the fleet directory
    revision: str = ""  # the fleet directory's git revision, or empty
    secrets: tuple[str, ...] = ()  # values that must not be stored anywhere, in output either
    word: str = ""  # a value in the environment of its processes on nodes, by which they are found


class Kept(NamedTuple):
    """Output as it is kept: its beginning and its end, and how many bytes between them were cut."""

    data: bytes = b""
    cut_at: int = 0
    cut: int = 0

    def text(self) -> bytes:
        """Return the output, with a line in place of what was cut."""
        if not self.cut:
            return self.data
        mark = f"\n[... {self.cut} bytes were not kept ...]\n".encode()
        return self.data[: self.cut_at] + mark + self.data[self.cut_at :]


class NodeRecord(NamedTuple):
    """One node in one operation.

    It begins with the fields of :class:`stentor.outcome.Outcome`. ``kind`` is empty where no outcome was
    recorded: the operation still runs, or stentor was killed.
    """

    node: str
    kind: Kind | Literal[""] = ""
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

    @property
    def outcome(self) -> Outcome:
        """What came of the node; only where ``kind`` is not empty."""
        fields: tuple[Any, ...] = self[: len(Outcome._fields)]
        return Outcome(*fields)


class Record(NamedTuple):
    """One operation. Times are seconds since 1970.

    ``state`` is ``done``, ``running``, or ``interrupted``: it has no end, and its process is gone.
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


# These change no node and run no command of the user's: ``@failed`` and its like look past them.
LOOKING = ("facts", "needs", "trust", "wake")


def members(record: Record, which: str) -> tuple[str, ...]:
    """Return the nodes of a set.

    ``missing`` are the nodes that were not started, or whose result is unknown.

    Args:
        which: a name of ``stentor.outcome.SETS``.
    """
    return tuple(node.node for node in record.nodes if set_of(node.kind, started=node.started) == which)
