"""``python -m bench``: one table of ratios, all from one run."""

from __future__ import annotations

import argparse
import compileall
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial

from bench import (
    doctor,
    dotfiles,
    exports,
    facts,
    files,
    former,
    gateways,
    masters,
    measure,
    namespace,
    peers,
    playbooks,
    report,
    sections,
    tmux,
    web,
)
from bench.hosts import Hosts
from bench.measure import say
from bench.table import Row

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="about a minute: fewer hosts, fewer turns")
    parser.add_argument("--only", metavar="WORD", help="only the sections whose name holds this word")
    parser.add_argument("--no-peers", action="store_true", help="stentor alone; nothing is installed")
    parser.add_argument("--rounds", type=int, help="turns of each comparison (default: 5, with --quick 3)")
    parser.add_argument(
        "--window", type=int, default=128, help="nodes at once, for every tool (default: 128)"
    )
    parser.add_argument(
        "--minutes", type=float, default=18, help="begin no section after so many (default: 18)"
    )
    parser.add_argument(
        "--write", metavar="PAGE", help="put the result into this page, as docs/performance.md has it"
    )
    return parser.parse_args()


def plan(world: sections.World, quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    """The sections in their order, by name. What takes long and is about one feature comes last."""
    sizes = [5, 50] if quick else [5, 50, 250, 1000]
    table: dict[str, Callable[[], Iterator[Row]]] = {"start-up": lambda: sections.start_up(world)}
    table["practice"] = lambda: sections.practice(world)
    for size in sizes[:2]:
        table[f"cold {size}"] = partial(sections.cold, world, size)
    for size in sizes:
        table[f"warm {size}"] = partial(sections.warm, world, size)
    table["former"] = lambda: former.warm(world, 5)
    table["bare loop"] = lambda: sections.bare_loop(world, min(250, sizes[-1]))
    table["ping"] = lambda: sections.ping(world, 250 if quick else 1000)
    table["ansible"] = lambda: sections.ansible(world, 5 if quick else 50)
    table["copy files"] = lambda: files.copies(world, 20, files.LARGE, files.SMALL)
    if not quick:
        table["copy many"] = lambda: files.copies(world, 3, files.MANY, files.SAME)
        table["copy huge"] = lambda: files.copies(world, 20, files.HUGE)
    table["fetch"] = lambda: files.fetches(world, 20, files.LARGE, files.SMALL)
    table["gateways"] = lambda: gateways.gateways(world, 12 if quick else 48)
    table["facts"] = lambda: facts.facts(world, 5 if quick else 50)
    table["playbooks"] = lambda: playbooks.playbooks(world, 5 if quick else 20)
    table["output"] = lambda: sections.much_output(world, 50 if quick else 1000)
    table["memory"] = lambda: sections.memory(world, (10_000, 3), (1000, 1_000_000))
    table["tmux"] = lambda: tmux.sessions(world, 12)
    table["export"] = lambda: exports.exports(world, 1000)
    table["export live"] = lambda: exports.live_groups(world, 10_000)
    table["doctor"] = lambda: doctor.doctor(world, 10 if quick else 50)
    if dotfiles.CHEZMOI:
        table["dotfiles plan"] = lambda: dotfiles.plan(world, 5 if quick else 10)
        table["dotfiles apply"] = lambda: dotfiles.apply(world, 5 if quick else 10)
    table["serve pages"] = lambda: web.pages(world, 200, 20, idle=50)
    if dotfiles.CHEZMOI:
        table["serve deliveries"] = lambda: web.deliveries(world, 5)
    return table


def main() -> int:
    """Measure, and print the table."""
    chosen = options()
    absent = dict.fromkeys((*peers.PACKAGES, *peers.PROGRAMS, former.NAME), "not asked for")
    if not chosen.no_peers:
        absent = peers.install()  # before there is no way out of the namespace
        if why := former.install(ROOT):
            absent[former.NAME] = why
    # As pip has its peers: under PYTHONDONTWRITEBYTECODE each start would compile stentor anew.
    compileall.compile_dir(os.path.join(ROOT, "src", "stentor"), quiet=2)
    namespace.enter()
    folder = tempfile.mkdtemp(prefix="sb-", dir="/tmp")
    say(f"working in {folder}")
    for name in ("run", "home"):
        os.mkdir(f"{folder}/{name}", 0o700)
    os.environ.update(
        HOME=f"{folder}/home",
        XDG_RUNTIME_DIR=f"{folder}/run",
        XDG_CACHE_HOME=f"{folder}/home/.cache",
        XDG_CONFIG_HOME=f"{folder}/home/.config",
        XDG_STATE_HOME=f"{folder}/home/.local/state",
        NO_COLOR="1",
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))  # so that what runs here is ended
    result = report.Report(absent, chosen.window)
    try:
        with Hosts(folder) as hosts:
            rounds = chosen.rounds or (3 if chosen.quick else 5)
            world = sections.World(hosts, folder, chosen.window, rounds, absent)
            wanted = {
                name: section
                for name, section in plan(world, chosen.quick).items()
                if not chosen.only or chosen.only in name
            }
            try:
                measured(result, wanted, chosen.minutes * 60, folder)
            finally:
                for part in ("run", "c", "a", "p"):
                    masters.end(f"{folder}/{part}")
        text = result.text()  # pip, which is asked for versions, has programs write into HOME
    finally:
        masters.end_all(folder)
        shutil.rmtree(folder, ignore_errors=True)
    sys.stdout.write(text)
    if chosen.write:
        report.write(chosen.write, text)
    return 1 if result.failed else 0


def measured(
    result: report.Report, wanted: dict[str, Callable[[], Iterator[Row]]], seconds: float, folder: str
) -> None:
    """Measure section by section into the report, and begin none after so many seconds."""
    began = time.monotonic()
    for name, section in wanted.items():
        start = time.monotonic()
        if start - began > seconds:
            result.left_out.append(name)
            continue
        say(f"[{start - began:4.0f} s] {name}")
        measure.commands.clear()
        try:
            for row in section():
                result.rows.append(row._replace(section=name))
        except Exception as error:  # one section that breaks must not hide the others
            result.failed[name] = str(error)
            say(f"{name} failed: {error}")
        result.timed(name, time.monotonic() - start, folder)


if __name__ == "__main__":
    sys.exit(main())
