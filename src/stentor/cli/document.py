"""A document or a script that a command makes: written, shown, or compared with what was written before."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import Refused, UsageError, of_path
from stentor.opening import regular


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


_ALIKE = 60  # bytes


def deliver(
    arguments: argparse.Namespace,
    context: Context,
    text: str,
    *,
    command: str,
    comparable: Callable[[str], str] = str,
) -> int:
    """Write a document where the options say; return the exit code.

    Args:
        arguments: with what ``selector.add_delivery`` adds.
        command: what makes it, for hints: ``stentor report``.
        comparable: what of a document counts.

    Raises:
        UsageError: the file to compare with cannot be read.
        Refused: the file is something else.
    """
    output, check = arguments.output, arguments.check
    if check:
        return _compare(context, check, text, f"{command} -o {check}", comparable)
    if output:
        if _is_foreign(output, text.encode()):
            raise Refused(
                f"exists and was not written by '{command}'; not overwritten",
                where=output,
                hint="give another name, or remove that file",
            )
        write_output(output, text)
        context.stderr.write(f"{output} was written\n")
        return 0
    context.screen().out(text.encode())
    return 0


def _is_foreign(path: str, new: bytes) -> bool:
    """Whether something else is there: documents begin alike or name stentor, and an empty file is none."""
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb", opener=regular) as file:
            text = file.read()
    except OSError:
        return False  # what cannot be read is said when it is written
    return bool(text) and b"stentor" not in text and not text.startswith(new[:_ALIKE])


def _compare(context: Context, path: str, text: str, again: str, comparable: Callable[[str], str]) -> int:
    """Compare a file with this text, and show the difference."""
    import difflib

    try:
        with open(path, encoding="utf-8", newline="", opener=regular) as file:
            before = file.read()
    except FileNotFoundError:
        raise UsageError(f"no such file: {path}", hint=f"to write it: {again}") from None
    except OSError as error:
        raise of_path(error, "cannot be read", path) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"is no such document: {error}", where=path, hint=f"to write it: {again}") from None
    before, text = comparable(before), comparable(text)
    if before == text:
        return 0
    for line in difflib.unified_diff(before.splitlines(), text.splitlines(), path, "now", lineterm=""):
        context.stdout.write(f"{line}\n")
    context.stderr.write(f"stentor: {path} is stale\nhint: {again}\n")
    return 1
