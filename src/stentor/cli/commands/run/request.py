"""What the nodes are asked to run, from the words and options; and what the journal keeps of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Collection, Sequence

from stentor.api.run import RunRequest, environment_of
from stentor.cli.commands.run.elsewhere import instead, misplaced
from stentor.cli.context import Context
from stentor.cli.run_options import check_run_options, kept_words
from stentor.errors import UsageError
from stentor.fanout.given import READABLE, Given, readable
from stentor.typed import IO, TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from stentor.fanout.task import Stream

_DANGEROUS = "rm -rf /\n"  # for the guard alone: a command that runs its input makes it find this


def check(
    arguments: argparse.Namespace, words: Sequence[str], nodes: Callable[[], Collection[str]] = tuple
) -> None:
    """Refuse what does not go together, before anything is touched.

    Args:
        nodes: returns the names of all nodes; asked only for a hint.
    """
    if not words and not arguments.script:
        hint = "stentor run SELECTOR COMMAND..., or --script FILE SELECTOR"
        raise UsageError("no command is given", hint=hint)
    if words and not arguments.script and not " ".join(words).strip():
        raise UsageError("the command is empty", hint="a variable that is not set?")
    dashed = arguments.words[:1] == ["--"]  # whoever writes `--` before it means a command like this
    if words and words[0].startswith("-") and not dashed and not arguments.script:
        hint = misplaced(words, arguments.selector, nodes)
        raise UsageError(f"'{words[0]}' stands where the command begins", hint=hint)
    check_run_options(arguments)
    if arguments.script and arguments.stdin:
        raise UsageError("--script comes to the nodes by standard input, so --stdin cannot be used with it")
    if arguments.tty and (arguments.sudo or arguments.env_secret):
        raise UsageError("--tty gives one node the terminal; sudo can ask there by itself")
    if arguments.tty and (arguments.script or arguments.stdin or arguments.view or arguments.output_dir):
        raise UsageError("--tty cannot be combined with --script, --stdin, --output-dir or a view")
    if arguments.tty and arguments.timeout:
        raise UsageError(
            "--tty cannot be combined with --timeout",
            hint="a limit on the node itself: timeout 10 COMMAND",
        )


def unread_input(arguments: argparse.Namespace, context: Context) -> str:
    """Return a line that says so where something waits on our standard input and goes to no node."""
    if arguments.stdin or arguments.script == "-" or context.stdin.isatty() or not _waits(context.stdin):
        return ""
    return "stentor: standard input is not read; --stdin sends it to the nodes\n"


def _waits(stream: IO[str]) -> bool:
    """Whether a pipe or a file has bytes which nobody has read."""
    try:
        number = stream.fileno()
        status = os.fstat(number)
        if stat.S_ISREG(status.st_mode):
            return status.st_size > os.lseek(number, 0, os.SEEK_CUR)
    except (OSError, ValueError):  # there is none, or it is no file
        return False
    if not stat.S_ISFIFO(status.st_mode):
        return False  # of a socket or a device nobody knows who holds it (a daemon's, cron's)
    from select import POLLIN, poll

    look = poll()
    look.register(number, POLLIN)
    return any(events & POLLIN for _, events in look.poll(0))


def read_request(
    arguments: argparse.Namespace, words: Sequence[str], context: Context, given: Given
) -> RunRequest:
    """Read what is to be done; a standard input that can be read only once is spooled into ``given``.

    Raises:
        UsageError: a script or a variable is not there.
    """
    variables = environment_of(arguments.env, context.environ)
    command, stdin = _command(arguments, words, context, given)
    text = readable(stdin)
    title, options = _for_the_journal(command, words, text, arguments)
    return RunRequest(
        command,
        stdin,
        variables,
        text,
        is_script=bool(arguments.script),
        title=title,
        options=options,
    )


def _command(
    arguments: argparse.Namespace, words: Sequence[str], context: Context, given: Given
) -> tuple[str, str | Stream | None]:
    """Return the command for the nodes' shells, and its standard input: a path, or a stream."""
    if arguments.stdin:
        if context.stdin.isatty():
            context.stderr.write("stentor: reading what to send from the terminal; end it with Ctrl-D\n")
        command, source = " ".join(words), context.stdin.buffer
        if _flows(source) and not _is_program(command):
            from stentor.fanout.task import Stream

            return command, Stream(source.fileno(), lambda: given.spool(source))
        return command, given.spool(source)
    if not arguments.script:
        return " ".join(words), None
    from stentor.fanout import script
    from stentor.opening import open_stream

    path, name = arguments.script, os.path.basename(arguments.script)
    try:
        if path == "-":
            path, name = given.spool(context.stdin.buffer), "standard input"
        elif not os.path.isfile(path):
            with open_stream(path) as pipe:  # <(...)
                path = given.spool(pipe)
        with open(path, "rb") as file:
            head = file.read(script.HEAD)
    except OSError as error:
        hint = instead("-s", "") if isinstance(error, FileNotFoundError) else ""
        raise UsageError(f"cannot read the script: {error.strerror}", where=path, hint=hint) from None
    return script.command(head, words, name=name), path


def _flows(source: IO[bytes]) -> bool:
    """Whether it is a pipe, a socket or a terminal: what can be read only once, and waited for."""
    try:
        mode = os.fstat(source.fileno()).st_mode
    except (OSError, ValueError):
        return False  # a test's own
    waits = stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or source.isatty()
    return waits and os.path.exists("/proc/self/fd")


def _is_program(command: str) -> bool:
    """Whether a command runs what it reads: then the guard must see all of it before anything is sent."""
    from stentor.guard import examine

    return examine(command, stdin=_DANGEROUS) != examine(command, stdin="")


def _for_the_journal(
    command: str, typed: Sequence[str], text: str | None, arguments: argparse.Namespace
) -> tuple[str, dict[str, Any]]:
    """Return what was done, and what is needed to do it again besides the terms."""
    options = kept_words(arguments)
    if arguments.stdin:
        options["stdin"] = True
    if not arguments.script:
        return command, options
    text = text or ""
    options["script"] = arguments.script
    if len(text) < READABLE:
        options["text"] = text
        options["arguments"] = list(typed)
    return " ".join(("--script", arguments.script, *typed)), options
