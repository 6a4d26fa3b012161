"""A script for the user's shell, on stdout or into a file: ``shell-init`` and ``completion``."""

from __future__ import annotations

import argparse

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser


def add_output(parser: Parser) -> None:
    """Add ``--output``."""
    help_text = "write to this file, and make its folder if there is none (default: stdout)"
    parser.add_argument("-o", "--output", metavar="FILE", help=help_text)


def write_script(arguments: argparse.Namespace, context: Context, text: str) -> int:
    """Write the script where it is wanted; return the exit code.

    Raises:
        StentorError: it cannot be written.
    """
    if arguments.output:
        write_output(arguments.output, text, folder=True)
        context.stderr.write(f"{arguments.output} was written\n")
    else:
        context.stdout.write(text)
    return 0
