"""The program: finds the command in a literal table, and imports only that one.

``stentor --version`` and ``stentor --help`` import no command at all; a test asserts
which modules each of them, and ``stentor run``, may load (``tests/unit/test_startup.py``).
"""

import gc
import io
import os
import sys

from stentor import __version__

TYPE_CHECKING = False  # as in typing; that and __future__ are not imported before a command is known
if TYPE_CHECKING:
    import signal
    from collections.abc import Sequence
    from typing import NoReturn

    from _typeshed import ReadableBuffer, WriteableBuffer
else:
    import _signal as signal  # signal itself makes enumerations of it, which costs a millisecond

# How many objects more than were freed, before the collector looks for circles among them. Python's own 700
# has it look some forty times while modules are imported, a twentieth of the start, and find nothing.
_COLLECT_AFTER = 50_000


def program() -> "NoReturn":
    """Run stentor with the words of this process, and end the process."""
    # Who starts us may ignore it, and we would with it: then nobody hears how a program of ours ended.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _own_streams()
    code = main()
    if _nothing_left_to_do():
        os._exit(code)
    if journal := sys.modules.get("stentor.journal"):
        journal.end_with_left()
    sys.exit(code)


class _Waiting(io.FileIO):
    """A standard stream that another program may have set not to wait (``O_NONBLOCK``): here it waits."""

    def write(self, data: "ReadableBuffer", /) -> int:
        while (written := super().write(data)) is None:
            _wait(self, writing=True)
        return written

    def readinto(self, into: "WriteableBuffer", /) -> int:
        while (count := super().readinto(into)) is None:
            _wait(self, writing=False)
        return count


def _wait(stream: io.FileIO, *, writing: bool) -> None:
    from select import POLLIN, POLLOUT, poll

    ready = poll()
    ready.register(stream.fileno(), POLLOUT if writing else POLLIN)
    ready.poll()


class _Messages(_Waiting):
    """Standard error: what cannot be written (a full disk) is lost, and with it nothing else."""

    def write(self, data: "ReadableBuffer", /) -> int:
        try:
            return super().write(data)
        except BrokenPipeError:  # the reader has gone (2>&1 | head): no reason to go on
            raise
        except OSError:
            return memoryview(data).nbytes


class _Results(_Waiting):
    """Standard output without a buffer: all of it is written, or it is an error."""

    def write(self, data: "ReadableBuffer", /) -> int:
        rest = memoryview(data).cast("B")
        while rest:  # cut short by a signal, or by a reader that ends
            rest = rest[super().write(rest) :]
        return memoryview(data).nbytes


def _own_streams() -> None:
    """Have the standard streams wait, and output be whole with PYTHONUNBUFFERED; error fails for no one."""
    given, out, err = sys.stdin, sys.stdout, sys.stderr
    if given is not None:
        reader = io.BufferedReader(_Waiting(0, "r", closefd=False))
        sys.stdin = io.TextIOWrapper(reader, given.encoding, given.errors)
    if out is not None and isinstance(out.buffer, io.RawIOBase):
        raw = _Results(1, "w", closefd=False)
        sys.stdout = io.TextIOWrapper(raw, out.encoding, out.errors, write_through=True)
    elif out is not None:
        writer = io.BufferedWriter(_Waiting(1, "w", closefd=False))
        by_line = bool(out.line_buffering)
        sys.stdout = io.TextIOWrapper(writer, out.encoding, out.errors, line_buffering=by_line)
    if err is not None:
        buffer = io.BufferedWriter(_Messages(2, "w", closefd=False))
        sys.stderr = io.TextIOWrapper(buffer, err.encoding, err.errors, line_buffering=True)


def _nothing_left_to_do() -> bool:
    """Whether the process may end without Python taking down its modules, a twentieth of a short command.

    What Python would still do is to wait for threads, call what is registered at exit and flush the standard
    streams. There are no threads where ``threading`` was never imported, and nothing is registered where
    ``atexit`` was not; a profiler or debugger reports when the interpreter ends. Files are closed by those
    who opened them, and the journal is left open on purpose (:mod:`stentor.journal.file`).
    """
    if "threading" in sys.modules or "atexit" in sys.modules or sys.getprofile() or sys.gettrace():
        return False
    # From Python 3.12 on they may be told of events in another way; there are six places for such tools.
    monitoring = getattr(sys, "monitoring", None)
    if monitoring is not None and any(map(monitoring.get_tool, range(6))):
        return False
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except (OSError, ValueError):
        return False
    return True


def main(argv: "Sequence[str] | None" = None) -> int:
    """Run stentor.

    Args:
        argv: the words after the program's name; the process's own by default.

    Returns:
        The exit code; see ``docs/exit-codes.md``.
    """
    gc.set_threshold(_COLLECT_AFTER)
    if None in (sys.stdin, sys.stdout, sys.stderr):
        _open_closed()
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test's own may have none
            stream.reconfigure(errors="backslashreplace")  # a name that the stream cannot write is no error
    try:
        code = _open(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except OSError as error:
        from stentor.cli.context import Context
        from stentor.cli.dispatch import lost

        return lost(error, Context.from_process())
    except Exception as error:
        from stentor.cli.context import Context
        from stentor.cli.dispatch import broken

        return broken(error, Context.from_process())
    return code


def _open(words: list[str]) -> int:
    fleet_dir: str | None = None
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("-V", "--version"):
            sys.stdout.write(f"stentor {__version__}\n")
            return 0
        if word in ("-h", "--help"):
            _show_help([])
            return 0
        if word in ("-f", "--fleet") and words:
            fleet_dir = words.pop(0)
        elif word.startswith("--fleet="):
            fleet_dir = word.removeprefix("--fleet=")
        else:
            return _no_option([word, *words])
    if not words:
        from stentor.cli.help import overview, show

        show(overview(), sys.stderr)
        return 2
    name = words.pop(0)
    if name == "help":
        if _show_help(words):
            return 0
        name, words = words[0], [*_verbs_of(words), "--help"]
    from stentor.cli.table import COMMANDS

    if name not in COMMANDS:
        return _unknown(name, more=bool(words) and words[-1] != "--help")
    from stentor.cli.sigint import restore_sigint, terminate_on_sigint

    terminate_on_sigint()
    try:
        if name == "completion" and words == ["--words"]:  # at a keystroke, so without the parser
            from stentor.cli.words import fleet_words

            sys.stdout.write(fleet_words(fleet_dir, os.environ, os.getcwd()))
            return 0
        from stentor.cli.dispatch import dispatch

        return dispatch(name, words, fleet_dir)
    finally:
        restore_sigint()


def _show_help(words: list[str]) -> bool:
    """Print what ``stentor help WORDS`` has, and return whether there is such; a command has its own help."""
    from stentor.cli.help import of, show

    text = of(words)
    if text is None:
        return False
    show(text, sys.stdout)
    return True


def _open_closed() -> None:
    """Stand in for descriptors 0 to 2 which were closed before us (``>&-``).

    Otherwise the next file that is opened would take their place, and get what is printed. Results that
    nobody gets are an error when they are written, as with other programs; messages are not.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            # The lowest number that is free, so it is this one.
            opened = os.open(os.devnull, os.O_RDONLY if name == "stdout" else os.O_RDWR)
            descriptor = opened if opened == number else os.dup2(opened, number)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _no_option(words: list[str]) -> int:
    from stentor.cli import habits
    from stentor.fleet.suggest import closest

    hint = "options of a command come after it: stentor run -b @all COMMAND"
    if close := closest(words[0], ("--version", "--help", "--fleet")):
        hint = f"did you mean '{close}'?"
    elif known := habits.before_command(words):
        hint = f"the command comes first: {known}"
    elif known := habits.option("stentor", *_split(words), ()):
        hint = known
    sys.stderr.write(f"stentor: there is no option {words[0]}\nhint: {hint}\n")
    return 2


def _split(words: list[str]) -> tuple[str, str]:
    option, _, value = words[0].partition("=")
    return option, value or next(iter(words[1:]), "")


def _verbs_of(words: list[str]) -> list[str]:
    """The verbs among ``help COMMAND WORDS``; what else stands there has no help of its own."""
    if len(words) == 1:
        return []
    from stentor.cli.commands.completion import table

    known = table()
    while len(words) > 1 and " ".join(words) not in known:
        words = words[:-1]
    return words[1:]


def _unknown(name: str, *, more: bool) -> int:
    from difflib import get_close_matches

    from stentor.cli import habits
    from stentor.cli.table import COMMANDS
    from stentor.cli.topics import TOPICS

    close = get_close_matches(name, [*COMMANDS, *TOPICS], n=1, cutoff=0.8 if more else 0.6)
    topic = "help " if close and close[0] in TOPICS else ""
    known = habits.command(name)
    hint = f"did you mean 'stentor {topic}{close[0]}'?" if close else "see 'stentor help all'"
    if known:
        hint = f"here it is: {known}" if known.startswith("stentor ") else known
    elif not name[:1].isalpha() or (more and not close):  # a selector, as clush and ansible take it
        hint = f"if it names nodes: stentor run {name} COMMAND...; {hint}"
    sys.stderr.write(f"stentor: there is no command '{name}'\nhint: {hint}\n")
    return 2
