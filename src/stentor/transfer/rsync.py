"""rsync where it is faster, over our warm connections: one process a node, a few at once."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor.fanout.events import Event, Finished, Started
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.transfer import remote
from stentor.transfer.plan import Entry

AT_ONCE = 8  # each reads the whole file here
_LOOK = 0.02  # seconds

Login = Callable[[Node], Sequence[str]]


def words(entry: Entry, target: remote.Target, login: Sequence[str]) -> list[str]:
    """Return rsync's argument list. Pure.

    What has arrived of a broken transfer is kept and used by the next one (``--partial-dir``).

    Args:
        entry: the one file.
        target: where to.
        login: the ssh which logs in there, without a command; the destination is its last word.
    """
    *shell, host = login
    # rsync splits the shell's words at spaces, and knows quotes.
    quoted = " ".join(word if "'" in word else f"'{word}'" for word in shell)
    there = target.path.removeprefix("~/") if target.path.startswith("~/") else target.path
    options = ["--times", "--perms", "--protect-args", f"--partial-dir={remote.WORK}"]
    return ["rsync", *options, "-e", quoted, "--", os.path.abspath(entry.source), f"{host}:{there}"]


def send(
    pairs: Sequence[tuple[Node, Entry]],
    target: remote.Target,
    login: Login,
    environ: Mapping[str, str],
    stop: Callable[[], str],
) -> Iterator[Event]:
    """Send one file to each of these nodes.

    Args:
        pairs: nodes, and what they get.
        target: where to.
        login: see :func:`words`.
        environ: of the processes.
        stop: why to end, or empty; asked for all the time.
    """
    waiting = list(pairs)
    running: dict[subprocess.Popen[bytes], tuple[Node, float]] = {}
    try:
        while waiting or running:
            reason = stop()
            if reason:
                for process in running:
                    process.send_signal(signal.SIGTERM)
                yield from (
                    Finished(n.alias, Outcome(n.alias, "cancelled", reason=reason)) for n, _ in waiting
                )
                waiting = []
            while waiting and len(running) < AT_ONCE:
                node, entry = waiting.pop(0)
                process = subprocess.Popen(
                    words(entry, target, login(node)),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.PIPE,
                    env=dict(environ),
                    start_new_session=True,
                )
                running[process] = (node, time.monotonic())
                yield Started(node.alias)
            for process in [one for one in running if one.poll() is not None]:
                node, since = running.pop(process)
                yield Finished(node.alias, _outcome(process, node.alias, time.monotonic() - since, reason))
            time.sleep(_LOOK)
    finally:
        for process in running:
            process.kill()
            process.communicate()


def _outcome(process: subprocess.Popen[bytes], alias: str, seconds: float, stopped: str) -> Outcome:
    _, errors = process.communicate()
    code = process.returncode
    if not code:
        return Outcome(alias, "ok", 0, seconds=seconds, started=True)
    if stopped:
        return Outcome(alias, "cancelled", reason=stopped, seconds=seconds, started=True)
    said = errors.decode("utf-8", "replace").strip().splitlines()
    why = f"rsync ended with {code}" + (f": {said[0]}" if said else "")
    return Outcome(alias, "failed", reason=why, seconds=seconds, started=True)
