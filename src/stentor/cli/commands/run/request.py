"""What the nodes are asked to run, from the words and options; and what the journal keeps of it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence

from stentor.api.run import RunRequest, environment_of
from stentor.cli.context import Context
from stentor.cli.run_options import check_run_options, kept_words
from stentor.errors import UsageError
from stentor.fanout.given import Given
from stentor.typed import Any

_READABLE = 1024 * 1024  # bytes of a script that the guard reads and the journal keeps


def check(arguments: argparse.Namespace, words: Sequence[str]) -> None:
    """Refuse what does not go together, before anything is touched."""
    if not words and not arguments.script:
        raise UsageError("which command?", hint="stentor run SELECTOR COMMAND..., or --script FILE SELECTOR")
    if words and not arguments.script and not " ".join(words).strip():
        raise UsageError("the command is empty", hint="a variable that is not set?")
    dashed = arguments.words[:1] == ["--"]  # whoever writes `--` before it means a command like this
    if words and words[0].startswith("-") and not dashed and not arguments.script:
        raise UsageError(
            f"'{words[0]}' stands where the command begins",
            hint=f"options come before the selector: stentor run {words[0]} ... {arguments.selector} COMMAND",
        )
    check_run_options(arguments)
    if arguments.script and arguments.stdin:
        raise UsageError("--script comes to the nodes by standard input, so --stdin cannot be used with it")
    if arguments.tty and (arguments.sudo or arguments.env_secret):
        raise UsageError("--tty gives one node the terminal; sudo can ask there by itself")
    if arguments.tty and (arguments.script or arguments.stdin or arguments.view or arguments.output_dir):
        raise UsageError("--tty gives one node the terminal; nothing else is done with its output or input")
    if arguments.tty and arguments.timeout:
        raise UsageError(
            "--timeout ends commands which nobody watches, and --tty gives the terminal to you",
            hint="a limit on the node itself: timeout 10 COMMAND",
        )


def read_request(
    arguments: argparse.Namespace, words: Sequence[str], context: Context, given: Given
) -> RunRequest:
    """Read what is to be done; a standard input that can be read only once is spooled into ``given``.

    Raises:
        UsageError: a script or a variable is not there.
    """
    variables = environment_of(arguments.env, context.environ)
    command, stdin = _command(arguments, words, context, given)
    text = _text(stdin) if stdin else None
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


def _text(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(_READABLE).decode("utf-8", "replace")


def _command(
    arguments: argparse.Namespace, words: Sequence[str], context: Context, given: Given
) -> tuple[str, str | None]:
    """Return the command for the nodes' shells, and the path of its standard input."""
    if arguments.stdin:
        if context.stdin.isatty():
            context.stderr.write("stentor: reading what to send from the terminal; end it with Ctrl-D\n")
        return " ".join(words), given.spool(context.stdin.buffer)
    if not arguments.script:
        return " ".join(words), None
    from stentor.fanout import script

    path, name = arguments.script, os.path.basename(arguments.script)
    try:
        if path == "-":
            path, name = given.spool(context.stdin.buffer), "standard input"
        elif not os.path.isfile(path):
            with open(path, "rb") as pipe:  # <(...)
                path = given.spool(pipe)
        with open(path, "rb") as file:
            head = file.read(script.HEAD)
    except OSError as error:
        raise UsageError(f"cannot read the script: {error.strerror}", where=arguments.script) from None
    return script.command(head, words, name=name), path


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
    if len(text) < _READABLE:
        options["text"] = text
        options["arguments"] = list(typed)
    return " ".join(("--script", arguments.script, *typed)), options
