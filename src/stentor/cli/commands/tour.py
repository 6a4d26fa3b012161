"""``stentor tour``: ten steps over a practice fleet, each explained, shown and run."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.errors import Refused
from stentor.typed import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

    from stentor.lab import Lab

EXAMPLES = """
stentor tour             ten steps; Enter runs one, s skips it, q ends the tour
stentor tour --no-wait   all of them one after the other, without questions
"""


class Step(NamedTuple):
    """One step."""

    text: str  # what it shows
    commands: tuple[str, ...]  # lines of stentor's; ``{fleet}`` is the fleet directory
    after: str = ""  # what was to be seen


STEPS = (
    Step(
        "One YAML file lists the nodes. This practice fleet has five, each a real sshd on this machine. "
        "Two of them are down on purpose.",
        ("nodes",),
    ),
    Step(
        "How far can each node be reached, without logging in? Those expected to be down are no failure.",
        ("ping",),
    ),
    Step(
        "One command on all nodes at once. The same output is shown once.",
        ("run --gather @all 'uname -s'",),
        "A selector names nodes: crtr,drtr or @core or '@all!@pseudo'.",
    ),
    Step(
        "Now a fault: drtr refuses connections. The others are not held up, and the report says why.",
        ("lab break drtr refuse", "masters stop drtr", "run @core hostname"),
        "The worst outcome comes first. Exit code 4: a node was not reached.",
    ),
    Step(
        "The fault is taken away. Which node differs from the others?",
        ("lab heal drtr", "run --diff @all 'test $(hostname) = trtr && echo old || echo new'"),
    ),
    Step(
        "The guard reads a line before it is sent to several nodes. This one removes everything if the "
        "variable is empty. To its question, press Enter: then it is not sent.",
        ("run crtr,drtr 'rm -rf \"$DIR\"/*'",),
    ),
    Step(
        "A file for several nodes. Only what differs is sent, and a checksum proves that it arrived.",
        ("copy @core {fleet}/nodes.yaml notes.yaml", "copy --dry-run @core {fleet}/nodes.yaml notes.yaml"),
        "A second copy would send nothing.",
    ),
    Step(
        "A change in order: one node first (the canary), then the others. A gate must succeed after each "
        "wave. Here it fails on the canary, so the other node is left alone.",
        ("run --canary drtr --waves 1 --gate 'test ! -e broken' crtr,drtr 'touch broken'",),
        "Dotfiles go the same way, and a node reverts them by itself if a new login fails.",
    ),
    Step(
        "System, load, memory and disk of every node, in one table. Every command also has --json.",
        ("status",),
    ),
    Step(
        "Everything that was done is in the journal, with each node's outcome and output.",
        ("history", "show @last"),
        "stentor rerun ID --unfinished continues where something stopped.",
    ),
)
_END = """\
The tour is over. Next:
  eval "$(stentor lab up)"      a practice fleet to go on with
  stentor init                  a fleet file of your own
  stentor help all              every command
"""


def configure(parser: Parser) -> None:
    parser.add_argument("--no-wait", action="store_true", help="run every step without asking")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Start the fleet, walk through the steps, remove the fleet."""
    if not (arguments.no_wait or context.interactive()):
        raise Refused(
            "the tour asks before each step, and nobody can answer here", hint="stentor tour --no-wait"
        )
    import fcntl
    from pathlib import Path

    from stentor.journal import state_directory

    place = Path(state_directory(context.environ), "tour")
    place.mkdir(parents=True, exist_ok=True)
    with open(place / "lock", "a", encoding="utf-8") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("a tour goes on in another terminal", hint="end that one first, by q") from None
        _tour(place, context, wait=not arguments.no_wait)
    return 0


def _tour(place: Path, context: Context, *, wait: bool) -> None:
    from stentor.lab.directory import remove_tree

    context.stderr.write("starting a practice fleet, removed when the tour ends ...\n")
    lab = _fresh(f"{place}/lab", context)
    # Its journal is the tour's own, too.
    environ = {**context.environ, "STENTOR_FLEET": str(lab.fleet_dir), "XDG_STATE_HOME": f"{place}/state"}
    try:
        _walk(context, environ, wait=wait)
        _stop_masters(environ)
    finally:
        lab.down()
        remove_tree(place)


def _fresh(place: str, context: Context) -> Lab:
    """A new practice fleet; that of a tour which was killed is removed first."""
    from stentor import lab as labs

    if os.path.exists(f"{place}/lab.json"):
        labs.open_lab(place, context.environ).down()
    return labs.up(place, environ=context.environ)


def _walk(context: Context, environ: dict[str, str], *, wait: bool) -> None:
    from stentor.render.tour import TourView
    from stentor.sh.quoting import quote

    view = TourView(context.screen())
    for number, step in enumerate(STEPS, 1):
        lines = [line.format(fleet=quote(environ["STENTOR_FLEET"])) for line in step.commands]
        view.step(f"{number} of {len(STEPS)}", step.text, lines)
        answer = _answer(context) if wait else ""
        if answer == "q":
            return
        if answer == "s":
            continue
        _run(lines, environ, asks=wait)
        if step.after:
            view.text(step.after)
    view.end(_END)


def _answer(context: Context) -> str:
    while True:
        context.stderr.write("Enter runs it, s skips it, q ends the tour: ")
        context.stderr.flush()
        line = context.stdin.readline()
        if not line:  # Ctrl-D, which moves no cursor
            context.stderr.write("\n")
        answer = line.strip().lower()
        if not line or answer in ("", "s", "q"):
            return answer if line else "q"


def _run(lines: Sequence[str], environ: dict[str, str], *, asks: bool) -> None:
    """Run the commands of a step on this terminal; without ``asks`` nobody answers their questions."""
    import shlex

    from stentor import terminal

    for line in lines:
        words = shlex.join([sys.executable, "-m", "stentor", *shlex.split(line)])
        terminal.foreground(["sh", "-c", f"exec {words}" + ("" if asks else " </dev/null")], environ)


def _stop_masters(environ: dict[str, str]) -> None:
    from stentor.api.fleet import Fleet

    fleet = Fleet.open(environ["STENTOR_FLEET"], environ=environ)
    for master in fleet.masters():
        fleet.stop_master(master)
