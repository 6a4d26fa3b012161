"""What is asked of a fan-out: a command for each node, and the limits it runs under."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from stentor.fleet.model import Node
from stentor.typed import NamedTuple


class Task(NamedTuple):
    """One command on one node.

    Attributes:
        node: where.
        command: for the node's login shell, as ``ssh node COMMAND`` would send it. It runs in a
            process group of its own which a timeout or Ctrl-C ends.
        stdin: path of a file to be read as standard input (each session opens it anew, any
            size), or None for nothing.
        environment: variables set before the command (POSIX shells, fish and csh alike).
        prepare: called with the descriptor of ``stdin`` before it is given away, to seek in it or to
            follow how far it has been read; not for the node which is this machine.
    """

    node: Node
    command: str
    stdin: str | None = None
    environment: Mapping[str, str] = {}
    prepare: Callable[[int], None] | None = None


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
        verbose: tell what ``ssh -v`` says of each login that is made on the way, as ``LoggedIn``. Not of
            those behind a jump host or a ProxyCommand, whose own words would be among it.
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


DEFAULTS = Settings()
