"""A document that a command makes: written, shown, or compared with a file that was written before."""

from __future__ import annotations

from collections.abc import Callable

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.errors import UsageError, of_path


def deliver(
    context: Context,
    text: str,
    *,
    output: str | None,
    check: str | None,
    command: str,
    comparable: Callable[[str], str] = str,
) -> int:
    """Write a document where the options say; return the exit code.

    Args:
        context: where to show it.
        text: the document.
        output: a file that it replaces in one step.
        check: a file that it is compared with; 1 if that is stale.
        command: what makes it, for hints: ``stentor report``.
        comparable: what of a document counts.

    Raises:
        UsageError: the file to compare with cannot be read.
    """
    if check:
        return _compare(context, check, text, f"{command} -o {check}", comparable)
    if output:
        write_output(output, text)
        context.stderr.write(f"{output} was written\n")
        return 0
    context.screen().out(text.encode())
    return 0


def _compare(context: Context, path: str, text: str, again: str, comparable: Callable[[str], str]) -> int:
    """Compare a file with this text, and show the difference."""
    import difflib

    try:
        with open(path, encoding="utf-8", newline="") as file:
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
