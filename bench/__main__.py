"""``python -m bench``: one table of ratios, all from one run."""

from __future__ import annotations

import argparse
import compileall
import os
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial

from bench import doctor, dotfiles, exports, files, masters, namespace, peers, playbooks, sections, tmux, web
from bench.hosts import Hosts
from bench.measure import say
from bench.table import Row, markdown

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
    return parser.parse_args()


def plan(world: sections.World, quick: bool) -> dict[str, Callable[[], Iterator[Row]]]:
    """The sections in their order, by name."""
    sizes = [5, 50] if quick else [5, 50, 250, 1000]
    largest = sizes[-1]
    table: dict[str, Callable[[], Iterator[Row]]] = {"start-up": lambda: sections.start_up(world)}
    table["practice"] = lambda: sections.practice(world)
    for size in sizes:
        table[f"warm {size}"] = partial(sections.warm, world, size)
    table["bare loop"] = lambda: sections.bare_loop(world, min(250, largest))
    table["ping"] = lambda: sections.ping(world, 250 if quick else 1000)
    table["ansible"] = lambda: sections.ansible(world, 5 if quick else 50)
    table["tmux"] = lambda: tmux.sessions(world, 12)
    table["copy files"] = lambda: files.copies(world, 20, files.LARGE, files.SMALL)
    if not quick:
        table["copy huge"] = lambda: files.copies(world, 20, files.HUGE)
        table["copy many"] = lambda: files.copies(world, 3, files.MANY, files.SAME)
    table["fetch"] = lambda: files.fetches(world, 20, files.LARGE, files.SMALL)
    if dotfiles.CHEZMOI:
        table["dotfiles plan"] = lambda: dotfiles.plan(world, 5 if quick else 20)
        table["dotfiles apply"] = lambda: dotfiles.apply(world, 5 if quick else 20)
    table["playbooks"] = lambda: playbooks.playbooks(world, 5 if quick else 20)
    table["doctor"] = lambda: doctor.doctor(world, 10 if quick else 50)
    table["serve page"] = lambda: web.page(world, 200)
    table["serve pages"] = lambda: web.pages(world, 200, 30 if quick else 60)
    table["serve idle"] = lambda: web.idle(world, 50, 65 if quick else 180)
    if dotfiles.CHEZMOI:
        table["serve deliveries"] = lambda: web.deliveries(world, 5)
    table["export"] = lambda: exports.exports(world, 1000)
    table["export live"] = lambda: exports.live_groups(world, 10_000)
    table["output"] = lambda: sections.much_output(world, 50 if quick else 1000)
    table["memory"] = lambda: sections.memory(world, (10_000, 3), (1000, 1_000_000))
    table["cold"] = lambda: sections.cold(world, 5 if quick else 50)
    return table


def main() -> int:
    """Measure, and print the table."""
    chosen = options()
    absent = dict.fromkeys((*peers.PACKAGES, "pdsh", "fping"), "not asked for")
    if not chosen.no_peers:
        absent = peers.install()  # before there is no way out of the namespace
    # As pip has its peers: under PYTHONDONTWRITEBYTECODE each start would compile stentor anew.
    compileall.compile_dir(os.path.join(ROOT, "src", "stentor"), quiet=2)
    namespace.enter()
    folder = tempfile.mkdtemp(prefix="sb-", dir="/tmp")
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
    started = time.monotonic()
    rows: list[Row] = []
    failed = False
    taken: dict[str, float] = {}
    try:
        with Hosts(folder) as hosts:
            world = sections.World(
                hosts, folder, chosen.window, chosen.rounds or (3 if chosen.quick else 5), absent
            )
            for name, section in plan(world, chosen.quick).items():
                if chosen.only and chosen.only not in name:
                    continue
                begun = time.monotonic()
                say(f"[{begun - started:4.0f} s] {name}")
                try:
                    rows += section()
                except Exception as error:  # one section that breaks must not hide the others
                    failed = True
                    say(f"{name} failed: {error}")
                taken[name] = time.monotonic() - begun
            for part in ("run", "c", "a", "p"):
                masters.end(f"{folder}/{part}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    seconds = time.monotonic() - started
    sys.stdout.write(
        f"{markdown(rows)}\nPython {platform.python_version()}, {os.cpu_count()} cores, "
        f"window {chosen.window}, servers on this machine, medians of turns; {seconds:.0f} s in all.\n"
    )
    parts = ", ".join(f"{name} {took:.0f} s" for name, took in taken.items())
    sys.stdout.write(f"Load at the end {os.getloadavg()[0]:.1f}. Each part took: {parts}.\n")
    if not chosen.no_peers:
        sys.stdout.write(f"Compared with: {peers.versions()}.\n")
    for name, reason in absent.items():
        sys.stdout.write(f"Not compared: {name}: {reason}\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
