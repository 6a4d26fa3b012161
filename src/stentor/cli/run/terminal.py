"""``run --tty``: one node gets the terminal, by the user's own ssh."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping

from stentor import api
from stentor.cli.context import Context
from stentor.errors import ProgramMissing, Refused, UsageError
from stentor.fanout.script import quote


def with_terminal(
    selection: api.Selection,
    command: str,
    environment: Mapping[str, str],
    arguments: argparse.Namespace,
    context: Context,
) -> int:
    """Become that ssh.

    Raises:
        UsageError: it is not one node.
        Refused: there is no terminal to give.
    """
    if len(selection.nodes) != 1:
        raise UsageError(
            f"--tty is for one node, and '{arguments.selector}' names {len(selection.nodes)}",
            hint="stentor tmux shows many at once",
        )
    if not context.stdin.isatty():
        raise Refused("--tty needs a terminal, and standard input is none", hint="leave --tty out")
    if environment:
        sets = " ".join(quote(f"{name}={value}") for name, value in environment.items())
        command = f"env {sets} sh -c {quote(command)}"
    argv = selection.login(command, user=arguments.user, tty=True)
    context.stdout.flush()
    try:
        os.execvpe(argv[0], argv, dict(context.environ))
    except OSError as error:
        raise ProgramMissing(f"{argv[0]} could not be started: {error.strerror}") from None
