"""From words to a command's handler, and from errors to messages: never a traceback for bad input.

A command's module has ``EXAMPLES`` (text), ``configure(parser)`` and ``handle(arguments, context) -> int``.
A command with verbs (``lab up``) adds sub-parsers by :func:`verbs`.
"""

from __future__ import annotations

import errno
import os
import sys

from stentor.cli import plain
from stentor.cli.context import Context
from stentor.cli.sigint import raise_on_termination, restore_sigint, restore_termination
from stentor.cli.table import COMMANDS
from stentor.errors import StentorError, of_path
from stentor.typed import TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from stentor.cli.parser import Parser, add_watch, verbs, watch_seconds

__all__ = [
    "CommandModule",
    "Parser",
    "add_watch",
    "broken",
    "dispatch",
    "lost",
    "parser_for",
    "verbs",
    "watch_seconds",
]

_TOO_MANY = (errno.EMFILE, errno.ENFILE)  # files are open


def __getattr__(name: str) -> Any:
    """Import the parser, and with it argparse, for the commands and words that need it."""
    if name not in __all__:
        raise AttributeError(name)
    from stentor.cli import parser

    return getattr(parser, name)


class CommandModule(Protocol):
    """What ``dispatch`` needs of a file in this folder."""

    EXAMPLES: str  # MORE_EXAMPLES, where there are some, are in the help of verbs only

    def configure(self, parser: Parser) -> None:
        """Add the command's arguments."""

    def handle(self, arguments: argparse.Namespace, context: Context) -> int:
        """Do it, and return the exit code."""


def command_module(name: str) -> CommandModule:
    """Import the command's module."""
    path = f"stentor.cli.commands.{name.replace('-', '_')}"
    __import__(path)  # importlib itself would have to be imported
    module: Any = sys.modules[path]
    return module  # type: ignore[no-any-return]


def parser_for(name: str) -> tuple[Parser, CommandModule]:
    """Import the command's module and build its parser."""
    from stentor.cli.parser import Parser

    module = command_module(name)
    parser = Parser(
        prog=f"stentor {name}",
        description=COMMANDS[name].summary,
        epilog=_examples(module.EXAMPLES.strip().splitlines()),
    )
    module.configure(parser)
    every = f"{module.EXAMPLES}\n{getattr(module, 'MORE_EXAMPLES', '')}".splitlines()
    for verb, one in parser.verbs().items():
        told = _examples([line for line in every if f"stentor {name} {verb} " in f"{line} "])
        one.epilog = f"{one.epilog}\n\n{told}" if one.epilog else told
    return parser, module


def _examples(lines: Sequence[str]) -> str:
    return "\n".join(["examples:", *(f"  {line}" for line in lines)])


def dispatch(name: str, words: Sequence[str], fleet_dir: str | None, context: Context | None = None) -> int:
    """Run one command; every ``StentorError`` becomes a message with its place and hint."""
    context = context or Context.from_process()
    try:
        module = command_module(name)
        arguments: Any = plain.read(module.configure, words)
        if arguments is None:
            arguments = parser_for(name)[0].parse(words)
        arguments.fleet = fleet_dir
        restore_sigint()
        raise_on_termination()
        code = module.handle(arguments, context)
        context.stdout.flush()
    except StentorError as error:
        hint = f"hint: {error.hint}\n" if error.hint else ""
        _complain(context, f"stentor: {error}\n{hint}")
        return error.exit_code
    except OSError as error:
        return lost(error, context)
    except ImportError as error:
        if os.strerror(errno.EMFILE) not in str(error):
            raise
        return lost(OSError(errno.EMFILE, os.strerror(errno.EMFILE)), context)
    except KeyboardInterrupt:
        _complain(context, "stentor: interrupted\n")
        return 130
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 0
    finally:
        restore_termination()
    return code


def lost(error: OSError, context: Context) -> int:
    """Say that the world failed (a full disk behind stdout, a file that vanished); return the exit code."""
    _nobody_reads(sys.stdout)
    if isinstance(error, BrokenPipeError):
        return 141  # the reader (head, less) has seen enough; that is no error of ours
    told = _told(error)
    if error.errno not in _TOO_MANY:  # nor can a module be read then
        from stentor.scratch import no_space

        told = no_space(error) or told
    hint = f"hint: {told.hint}\n" if told.hint else ""
    _complain(context, f"stentor: {told}\n{hint}")
    return told.exit_code


def broken(error: Exception, context: Context) -> int:
    """Say that stentor itself is at fault, with what is needed to fix it; return the exit code."""
    from traceback import format_exception

    hint = "this is a fault of stentor: report it with these lines, the command and 'stentor --version'"
    name = type(error).__name__
    told = f"stentor: internal error: {name}{f': {error}' if str(error) else ''}\nhint: {hint}\n"
    _complain(context, f"{''.join(format_exception(error))}{told}")
    return StentorError.exit_code


def _told(error: OSError) -> StentorError:
    place = f"{error.filename}: " if error.filename else ""
    if error.errno in _TOO_MANY:
        return StentorError(f"{place}{error.strerror}", hint="raise the limit: ulimit -n 1024")
    if error.filename:
        return of_path(error, "", str(error.filename))
    if error.errno == errno.ENOENT:
        try:
            os.getcwd()
        except OSError:
            return StentorError("the working directory is no longer there", hint="cd to another")
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF):
        place = "the output cannot be written: "
    return StentorError(f"{place}{error.strerror or error}")


def _complain(context: Context, text: str) -> None:
    try:
        if not text.replace("\n", "").isprintable():
            from stentor.render.style import printable

            text = "".join(f"{printable(line)}\n" for line in text.removesuffix("\n").split("\n"))
        if context.stderr.isatty():
            from stentor.render.wrap import message

            text = message(text, context.width())
        context.stderr.write(text)
        context.stderr.flush()
    except OSError:
        _nobody_reads(sys.stderr)  # nobody hears it; the exit code says it still


def _nobody_reads(stream: TextIO) -> None:
    """Put nothing in the place of a stream that takes no more, or Python fails once more at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return  # a test's stream, without a descriptor
