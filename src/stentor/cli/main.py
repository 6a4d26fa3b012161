"""The program: finds the command in a literal table, and imports only that one.

``stentor --version`` and ``stentor --help`` import no command at all; a test asserts
which modules each of them, and ``stentor run``, may load (``tests/unit/test_startup.py``).
"""

import gc
import os
import sys

from stentor import __version__

TYPE_CHECKING = False  # as in typing; that and __future__ are not imported before a command is known
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import NoReturn

# How many objects more than were freed, before the collector looks for circles among them. Python's own 700
# has it look some forty times while modules are imported, a twentieth of the start, and find nothing.
_COLLECT_AFTER = 50_000


GLOBAL_OPTIONS = """\
options:
  -f, --fleet DIR   the fleet directory (else $STENTOR_FLEET, else found upward from here)
  -h, --help        this help; 'stentor COMMAND --help' has examples
  -V, --version     the version
"""


def overview() -> str:
    """The short help: commands by section, one line each."""
    from stentor.cli.table import COMMANDS

    lines = ["usage: stentor [--fleet DIR] COMMAND ...", "", "One voice for a fleet of machines.", ""]
    longest = max(len(name) for name in COMMANDS)
    section = ""
    for name, command in COMMANDS.items():
        if command.section != section:
            if section:
                lines.append("")
            section = command.section
            lines.append(f"{section}:")
        lines.append(f"  {name:<{longest}}  {command.summary}")
    lines += [
        "",
        GLOBAL_OPTIONS.rstrip(),
        "",
        "start here: stentor lab up   (a practice fleet, nothing of yours is touched)",
    ]
    return "\n".join(lines) + "\n"


def program() -> "NoReturn":
    """Run stentor with the words of this process, and end the process."""
    code = main()
    if _nothing_left_to_do():
        os._exit(code)
    sys.exit(code)


def _nothing_left_to_do() -> bool:
    """Whether the process may end without Python taking down its modules, a twentieth of a short command.

    What Python would still do is to wait for threads, call what is registered at exit and flush the standard
    streams. There are no threads where ``threading`` was never imported, and nothing is registered where
    ``atexit`` was not; a profiler or debugger reports when the interpreter ends. Files are closed by those
    who opened them, and the journal is left open on purpose (:mod:`stentor.journal.file`).
    """
    if "threading" in sys.modules or "atexit" in sys.modules or sys.getprofile() or sys.gettrace():
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
    try:
        code = _open(list(sys.argv[1:] if argv is None else argv))
        sys.stdout.flush()
    except OSError as error:
        from stentor.cli.context import Context
        from stentor.cli.dispatch import lost

        return lost(error, Context.from_process())
    return code


def _open(words: list[str]) -> int:
    fleet_dir: str | None = None
    while words and words[0].startswith("-"):
        word = words.pop(0)
        if word in ("-V", "--version"):
            sys.stdout.write(f"stentor {__version__}\n")
            return 0
        if word in ("-h", "--help"):
            sys.stdout.write(overview())
            return 0
        if word in ("-f", "--fleet") and words:
            fleet_dir = words.pop(0)
        elif word.startswith("--fleet="):
            fleet_dir = word.removeprefix("--fleet=")
        else:
            sys.stderr.write(
                f"stentor: there is no option {word}\nhint: options of a command come after it; see --help\n"
            )
            return 2
    if not words:
        sys.stderr.write(overview())
        return 2
    name = words.pop(0)
    if name == "help":
        if not words:
            sys.stdout.write(overview())
            return 0
        name, words = words[0], ["--help"]
    from stentor.cli.table import COMMANDS

    if name not in COMMANDS:
        return _unknown(name)
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


def _open_closed() -> None:
    """Stand in for descriptors 0 to 2 which were closed before us (``>&-``).

    Otherwise the next file that is opened would take their place, and get what is printed.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            # The lowest number that is free, so it is this one.
            opened = os.open(os.devnull, os.O_RDWR)
            descriptor = opened if opened == number else os.dup2(opened, number)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    from stentor.cli.table import COMMANDS

    close = get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean 'stentor {close[0]}'?" if close else "see 'stentor --help'"
    sys.stderr.write(f"stentor: there is no command '{name}'\nhint: {hint}\n")
    return 2
