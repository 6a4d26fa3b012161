"""What a fan-out says while it goes on: the only language between the engine and its users."""

from __future__ import annotations

from stentor.outcome import Outcome
from stentor.typed import NamedTuple


class Started(NamedTuple):
    """The command runs on this node now; ``pid`` is its process group there, 0 if not known."""

    node: str
    pid: int = 0


class Output(NamedTuple):
    """Bytes as they came; not lines: a chunk may end anywhere, even inside a character."""

    node: str
    stream: str  # "stdout" or "stderr"
    data: bytes


class Finished(NamedTuple):
    """This node is done; nothing more comes from it."""

    node: str
    outcome: Outcome


class Notice(NamedTuple):
    """Something worth knowing which is no outcome: a retry, a login that waits, a remote process being ended.

    ``node`` is empty when it concerns the whole operation.
    """

    node: str
    text: str


class LoggedIn(NamedTuple):
    """A login of this fan-out has come to its end, well or not: only where ``Settings.verbose`` asks for it.

    Attributes:
        node: where.
        said: what ``ssh -v`` wrote on the way.
    """

    node: str
    said: str


Event = Started | Output | Finished | Notice | LoggedIn
