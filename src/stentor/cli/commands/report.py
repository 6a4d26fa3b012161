"""``stentor report``: the state of the fleet as a document that can be committed."""

from __future__ import annotations

import argparse

from stentor.atomic_write import write_output
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.times import count
from stentor.errors import StentorError, UsageError

EXAMPLES = """
stentor report                        as Markdown, from the fleet file and the journal
stentor report -o STATUS.md           into a file, to be committed
stentor report --check STATUS.md      fails if the file is stale, and shows the difference
stentor report --format html -o fleet.html   one self-contained page, with a map
stentor facts && stentor needs && stentor report -o STATUS.md   after collecting again
"""


def configure(parser: Parser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--format", choices=["md", "html"], help="default: by the file's ending, else md (Markdown)"
    )
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-o", "--output", metavar="FILE", help="write to this file in one step")
    group.add_argument("-c", "--check", metavar="FILE", help="compare; 1 if the file is stale")
    parser.add_argument(
        "--operations",
        type=count,
        default=10,
        metavar="N",
        help="number of operations (default: 10; 0: none)",
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Write or compare the report; no node is contacted."""
    from stentor.api.fleet import Fleet

    path: str | None = arguments.output or arguments.check
    ending = (path or "").rpartition(".")[2].lower()
    form = arguments.format or ("html" if ending in ("html", "htm") else "md")
    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    text = fleet.report(form, operations=arguments.operations)
    if arguments.check:
        return _compare(context, arguments.check, text)
    if arguments.output:
        write_output(arguments.output, text)
        context.stderr.write(f"{arguments.output} was written\n")
        return 0
    context.screen().out(text.encode())
    return 0


def _compare(context: Context, path: str, text: str) -> int:
    """Compare a file with this text, and show the difference."""
    import difflib

    try:
        with open(path, encoding="utf-8", newline="") as file:
            before = file.read()
    except FileNotFoundError:
        raise UsageError(f"no such file: {path}", hint=f"to write it: stentor report -o {path}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise StentorError(f"cannot be read: {error}", where=path) from None
    if before == text:
        return 0
    lines = difflib.unified_diff(before.splitlines(), text.splitlines(), path, "now", lineterm="")
    for line in lines:
        context.stdout.write(f"{line}\n")
    context.stderr.write(f"stentor: {path} is stale\nhint: stentor report -o {path}\n")
    return 1
