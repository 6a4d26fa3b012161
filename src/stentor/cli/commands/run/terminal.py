"""``run --tty``: one node gets the terminal, by the user's own ssh."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NoReturn

from stentor import terminal
from stentor.api.fleet import Selection
from stentor.cli.context import Context
from stentor.errors import Refused, UsageError
from stentor.sh.quoting import quote_any


def only_one(selection: Selection, words: str) -> None:
    """See that a terminal is asked for on one node.

    Raises:
        UsageError: it is not one.
    """
    if len(selection.nodes) != 1:
        raise UsageError(
            f"--tty is for one node, and '{words}' names {len(selection.nodes)}",
            hint="stentor tmux shows many at once",
        )


def with_terminal(
    selection: Selection,
    command: str,
    environment: Mapping[str, str],
    user: str | None,
    connect_timeout: float,
    context: Context,
) -> NoReturn:
    """Become that ssh.

    Args:
        selection: one node.
        command: for its login shell.
        environment: variables to set before it.
        user: a login name in place of the fleet's.
        connect_timeout: seconds until a node that is down is given up.

    Raises:
        Refused: standard input is no terminal.
        ProgramMissing: ssh is not installed.
    """
    if not context.stdin.isatty():
        raise Refused("--tty needs a terminal, and standard input is none", hint="leave --tty out")
    if environment:
        sets = " ".join(quote_any(f"{name}={value}") for name, value in environment.items())
        command = f"env {sets} sh -c {quote_any(command)}"
    argv = selection.login(command, user=user, tty=True, connect_timeout=connect_timeout)
    context.stdout.flush()
    terminal.replace(argv, context.environ)
