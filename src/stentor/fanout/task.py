"""What is asked of a fan-out: a command for each node, and the limits it runs under."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.fleet.model import Node
from stentor.typed import NamedTuple

MOST_BYTES = 8_000_000
"""Of an answer: the largest of a good node, facts of a large machine, has a few hundred thousand."""


class Stream:
    """A stream that can be read once (:mod:`stentor.fanout.feed`)."""

    __slots__ = ("descriptor", "head", "spool")

    def __init__(self, descriptor: int, spool: Callable[[], str], head: bytes = b"") -> None:
        self.descriptor = descriptor  # of a pipe, a socket or a terminal
        self.head = head  # what each node gets before it
        # Reads all of it into a file, for those who must open it several times; returns the path.
        self.spool = spool


class Paced:
    """A part of a file, which a node gets as fast as it reads it (:mod:`stentor.fanout.pour`)."""

    __slots__ = ("descriptor", "given", "size", "start", "word")

    def __init__(self, descriptor: int, start: int, size: int, word: bytes) -> None:
        # Of the file, open for reading as long as the fan-out runs; its position is not used.
        self.descriptor = descriptor
        self.start = start  # where the part begins
        self.size = size  # how many bytes it has; fewer, where the file ends before
        # With which a line begins that the command says on its stdout when it begins to read; ``wide`` behind
        # it where it has room for 1 MB.
        self.word = word
        self.given = 0  # how many bytes the node has been given


class Task(NamedTuple):
    """One command on one node."""

    node: Node  # where
    # For the node's login shell, as ``ssh node COMMAND`` would send it. It runs in a process group of its own
    # which a timeout or Ctrl-C ends.
    command: str
    # Path of a file to be read as standard input (each session opens it anew, any size); a stream, of which
    # all tasks of a fan-out take part; a part of a file at the node's pace; or None for nothing.
    stdin: str | Stream | Paced | None = None
    environment: Mapping[str, str] = {}  # variables set before the command (POSIX shells, fish and csh alike)

    @property
    def path(self) -> str | None:
        """The path of standard input, as an engine gets it: whatever else it was has become one then."""
        return self.stdin if isinstance(self.stdin, str) else None


class Settings(NamedTuple):
    """The limits of one fan-out. All times in seconds.

    Attributes:
        window: how many nodes at once; 0 for as many as file descriptors allow.
        connect_timeout: until a session is open; all nodes that are down cost this once in all.
        timeout: of the command on each node; None for none.
        retries: how often a node that was not reached is tried again.
        fail_fast: stop at the first outcome that is not ok.
        grace: between TERM and KILL of a remote process group.
        user: login name in place of the fleet's.
        shell_timeout: until the login shell has come to the command; None for as long as the command has.
        most_bytes: what a node may write, on both streams together; 0 for any amount. One that writes more is
            ended, and has failed. Whoever keeps what nodes write has such a limit.
        verbose: tell what ``ssh -v`` says of each login that is made on the way, as ``LoggedIn``. Not of
            those behind a jump host or a ProxyCommand, whose own words would be among it.
        engine: how nodes behind gateways are reached, in place of what the fleet says: ``auto``, ``openssh``
            or ``clustershell``; empty for the fleet's.
        bulk: nodes send files: much comes on stdout.
    """

    window: int = 128
    connect_timeout: float = 5.0
    timeout: float | None = None
    retries: int = 0
    fail_fast: bool = False
    grace: float = 2.0
    user: str | None = None
    shell_timeout: float | None = None
    verbose: bool = False
    most_bytes: int = MOST_BYTES
    engine: str = ""
    bulk: bool = False


DEFAULTS = Settings()
STREAMED = DEFAULTS._replace(most_bytes=0)
"""For what is passed on as it comes."""
