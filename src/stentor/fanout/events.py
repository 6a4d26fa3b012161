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


# Rare, and each named tuple costs every start a tenth of a millisecond: these are plain classes.
class Retry:
    """A node was not reached, and is tried again after a pause."""

    __slots__ = ("node", "of", "reason", "retry", "seconds")

    def __init__(self, node: str, reason: str, seconds: float, retry: int, of: int) -> None:
        self.node = node  # where
        self.reason = reason  # why it was not reached
        self.seconds = seconds  # the pause
        self.retry = retry  # which one this is, from 1
        self.of = of  # how many there are at most


class LoginWaits:
    """A login needs a person, who is asked when the other logins have ended."""

    __slots__ = ("node", "reason")

    def __init__(self, node: str, reason: str) -> None:
        self.node = node  # where
        self.reason = reason  # why ssh could not log in by itself


class Notice(NamedTuple):
    """Free text for people, which no program may interpret.

    ``node`` is empty when it concerns the whole operation.
    """

    node: str
    text: str


class LoggedIn(NamedTuple):
    """A login of this fan-out has come to its end, well or not; only with ``Settings.verbose``."""

    node: str  # where
    said: str  # what ``ssh -v`` wrote on the way


# What goes on beside the commands, for people; renderers show it as a line.
Progress = Retry | LoginWaits | Notice
Event = Started | Output | Finished | Progress | LoggedIn
