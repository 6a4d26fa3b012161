"""Events to results: each node's outcome together with what it wrote, or whatever is read from that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from stentor.errors import StentorError
from stentor.fanout.events import Event, Finished, Output
from stentor.fanout.spool import Piece, Spool
from stentor.outcome import Kind, Outcome, not_seen, unexpected
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TypeVar

    from stentor.fleet.model import Node

    T = TypeVar("T")


class Result:
    """What came of one node, with its output.

    Attributes:
        outcome: kind, exit code, reason, hint, seconds.
    """

    __slots__ = ("_stderr", "_stdout", "outcome")

    def __init__(self, outcome: Outcome, stdout: Piece | None, stderr: Piece | None) -> None:
        self.outcome = outcome
        self._stdout = stdout
        self._stderr = stderr

    def __repr__(self) -> str:
        return f"Result({self.node}: {self.kind})"

    @property
    def node(self) -> str:
        """The node's alias."""
        return self.outcome.node

    @property
    def kind(self) -> Kind:
        """How it ended."""
        return self.outcome.kind

    @property
    def code(self) -> int | None:
        """The command's exit code where there is one."""
        return self.outcome.code

    @property
    def ok(self) -> bool:
        """Whether the command ran and ended with 0."""
        return self.outcome.ok

    @property
    def stdout(self) -> bytes:
        """All that the command wrote to its standard output."""
        return self._stdout.read() if self._stdout else b""

    @property
    def stderr(self) -> bytes:
        """All that the command wrote to its standard error."""
        return self._stderr.read() if self._stderr else b""

    @property
    def text(self) -> str:
        """Standard output as text; what is no UTF-8 is replaced. The last newline is left out."""
        return self.stdout.decode("utf-8", "replace").removesuffix("\n")

    def read(self, parse: Callable[[bytes], T], otherwise: T) -> tuple[Outcome, T]:
        """Return the outcome, and what ``parse`` makes of standard output; see :func:`parsed`.

        Args:
            parse: reads what the node said; not called if the node failed.
            otherwise: stands for the answer of a node that failed, or said something that cannot be read.
        """
        if not self.ok:
            return self.outcome, otherwise
        said = self.stdout
        return parsed(
            lambda: (self.outcome, parse(said)), (), lambda outcome: (outcome, otherwise), self.outcome, said
        )

    def piece(self, stream: str) -> Piece | None:
        """The bytes of ``stdout`` or ``stderr``, readable a part at a time; None if it stayed silent."""
        return self._stdout if stream == "stdout" else self._stderr


class Collector:
    """Takes events and keeps output until its node has finished.

    Args:
        spool: where output is kept; a new one by default.
    """

    __slots__ = ("_stderr", "_stdout", "spool")

    def __init__(self, spool: Spool | None = None) -> None:
        self.spool = spool or Spool()
        self._stdout: dict[str, Piece] = {}
        self._stderr: dict[str, Piece] = {}

    def add(self, event: object) -> Result | None:
        """Take one event; return the node's result when it was its last."""
        if isinstance(event, Output):
            pieces = self._stdout if event.stream == "stdout" else self._stderr
            piece = pieces.get(event.node)
            if piece is None:
                piece = pieces[event.node] = self.spool.piece()
            piece.append(event.data)
        elif isinstance(event, Finished):
            node = event.node
            return Result(event.outcome, self._stdout.pop(node, None), self._stderr.pop(node, None))
        return None

    def held(self) -> Iterator[tuple[str, str, Piece]]:
        """Output of nodes which have not finished: node, stream, bytes."""
        for stream, pieces in (("stdout", self._stdout), ("stderr", self._stderr)):
            for node, piece in pieces.items():
                yield node, stream, piece


def collect(events: Iterable[Event]) -> Iterator[Result]:
    """Yield a result for each node as it finishes."""
    collector = Collector()
    for event in events:
        result = collector.add(event)
        if result is not None:
            yield result


def collect_in_order(
    events: Iterable[Event], nodes: Iterable[Node], *, keeping: bool = False
) -> list[Result]:
    """Return the results of all nodes, in the order of ``nodes``.

    Args:
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.
    """
    found: dict[str, Result] = {}
    with kept(keeping):
        for result in collect(events):
            found[result.node] = result
    return [found.get(node.alias) or Result(not_seen(node.alias), None, None) for node in nodes]


@contextmanager
def kept(keeping: bool) -> Iterator[None]:
    """End the block at Ctrl-C, where what it has seen until then is kept; else raise it as it came."""
    try:
        yield
    except KeyboardInterrupt:
        if not keeping:
            raise


def parsed(
    read: Callable[..., T],
    answer: tuple[Any, ...],
    failed: Callable[[Outcome], T],
    outcome: Outcome,
    said: bytes,
) -> T:
    """Return ``read(*answer)``; an answer that cannot be read is that node's failure.

    Errors of stentor's own (:class:`StentorError`) are raised.

    Args:
        read: parses what the node said.
        answer: its arguments.
        failed: what stands for a node with this outcome.
        said: what the node said, for the reason.
    """
    try:
        return read(*answer)
    except StentorError:
        raise
    except Exception as error:
        from stentor.ssh.banner import shown

        if outcome.ok:
            reason = unexpected(error, shown(said))
            outcome = outcome._replace(kind="failed", code=None, reason=reason, hint="")
        return failed(outcome)
