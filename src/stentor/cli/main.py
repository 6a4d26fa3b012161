"""The door: finds the command in a literal table, and imports only that one.

``stentor --version`` and ``stentor --help`` import no command at all; a test asserts
which modules each of them, and ``stentor run``, may load (``tests/unit/test_startup.py``).
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import NamedTuple

from stentor import __version__

# How many objects more than were freed, before the collector looks for circles among them. Python's own 700
# has it look some forty times while modules are imported, a twentieth of the start, and find nothing.
_COLLECT_AFTER = 50_000


class Command(NamedTuple):
    """A line of the table: in which section the command is listed, and what it does."""

    section: str
    summary: str


# The module of a command is stentor.cli.<name, with - as _>. In the order of `stentor --help`.
COMMANDS: dict[str, Command] = {
    "run": Command("every day", "run a command or script on many nodes"),
    "ping": Command("every day", "how far each node can be reached, without logging in"),
    "status": Command("every day", "one table of what every node is and how it fares"),
    "doctor": Command("every day", "why a command is not found, and all else that is wrong with a node"),
    "ssh": Command("every day", "log in to one node over the warm connection"),
    "copy": Command("every day", "files to many nodes, only what they lack, each whole or not at all"),
    "fetch": Command("every day", "a file or directory of many nodes, a folder each"),
    "shell": Command("every day", "a prompt for many nodes: history, completion, gathered output"),
    "top": Command("every day", "the fleet as it lives, on one screen"),
    "dotfiles": Command("every day", "dotfiles rolled out like a release, taken back like a mistake"),
    "tmux": Command("every day", "panes over nodes, guarded synchronised input, every node's sessions"),
    "wake": Command("on and off", "wake nodes by Wake-on-LAN"),
    "reboot": Command("on and off", "reboot nodes one after the other, each proved to be back"),
    "shutdown": Command("on and off", "shut nodes down, the gateway last"),
    "history": Command("what was done", "the operations of the journal"),
    "show": Command("what was done", "one operation: who, when, each node's outcome and output"),
    "rerun": Command("what was done", "an operation again, or only where it failed or never came"),
    "diff": Command("what was done", "two operations, node by node"),
    "nodes": Command("the fleet", "list nodes, or one of them in detail"),
    "node": Command("the fleet", "add, edit or retire a node, keeping comments and order"),
    "migrate": Command("the fleet", "the phases of a migration: who is where, what must hold, who is done"),
    "facts": Command("the fleet", "hardware, system, tools and versions of every node, also of those down"),
    "needs": Command("the fleet", "which node lacks which command, package, mount or service"),
    "report": Command("the fleet", "the state of the fleet as a document, fit to be committed"),
    "trust": Command("the fleet", "host keys: who is who it says it is, pinned in the fleet"),
    "check": Command("the fleet", "every fault of the fleet files, with its place"),
    "init": Command("the fleet", "write a fleet file, from nothing or from another tool's files"),
    "schema": Command("the fleet", "the JSON Schema of the fleet files, for editors"),
    "export": Command("the fleet", "the fleet as other tools' files"),
    "masters": Command("behind it", "list or stop the warm connections"),
    "reap": Command("behind it", "end what killed operations left on their nodes"),
    "lab": Command("behind it", "a practice fleet of real sshds on this machine"),
    "shell-init": Command("behind it", "the old commands' names as functions of bash, zsh or fish"),
    "completion": Command("behind it", "completion for bash, zsh or fish"),
}

GLOBAL_OPTIONS = """\
options:
  -f, --fleet DIR   the fleet directory (else $STENTOR_FLEET, else found upward from here)
  -h, --help        this help; 'stentor COMMAND --help' has examples
  -V, --version     the version
"""


def overview() -> str:
    """The short help: commands by section, one line each."""
    lines = ["usage: stentor [--fleet DIR] COMMAND ...", "", "One voice for a fleet of machines.", ""]
    width = max(len(name) for name in COMMANDS)
    section = ""
    for name, command in COMMANDS.items():
        if command.section != section:
            if section:
                lines.append("")
            section = command.section
            lines.append(f"{section}:")
        lines.append(f"  {name:<{width}}  {command.summary}")
    lines += [
        "",
        GLOBAL_OPTIONS.rstrip(),
        "",
        "start here: stentor lab up   (a practice fleet, nothing of yours is touched)",
    ]
    return "\n".join(lines) + "\n"


def main(argv: Sequence[str] | None = None) -> int:
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
    if name not in COMMANDS:
        return _unknown(name)
    import signal

    # Until there is something to interrupt, Ctrl-C ends us without a word: while modules are imported,
    # Python would show where it was, or lose it. ``dispatch`` sets it back before the command begins.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    from stentor.cli.dispatch import dispatch, heed_interrupts

    try:
        return dispatch(name, words, fleet_dir)
    finally:
        heed_interrupts()


def _open_closed() -> None:
    """Stand in for descriptors 0 to 2 which were closed before us (``>&-``).

    Otherwise the next file that is opened would take their place, and get what is printed.
    """
    import os

    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is None:
            # The lowest number that is free, so it is this one.
            opened = os.open(os.devnull, os.O_RDWR)
            descriptor = opened if opened == number else os.dup2(opened, number)
            setattr(sys, name, os.fdopen(descriptor, mode))


def _unknown(name: str) -> int:
    from difflib import get_close_matches

    close = get_close_matches(name, COMMANDS, n=1)
    hint = f"did you mean 'stentor {close[0]}'?" if close else "see 'stentor --help'"
    sys.stderr.write(f"stentor: there is no command '{name}'\nhint: {hint}\n")
    return 2
