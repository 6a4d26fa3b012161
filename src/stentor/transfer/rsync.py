"""rsync where it is faster, over our warm connections: one process a node, a few at once."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from stentor import programs
from stentor.fanout.events import Event, Finished, Started
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.transfer import remote
from stentor.transfer.plan import Entry

AT_ONCE = 8  # each reads the whole file here
_LOOK = 0.02  # seconds

Login = Callable[[Node], Sequence[str]]


def words(entry: Entry, target: remote.Target, login: Sequence[str]) -> list[str]:
    """Return rsync's argument list.

    What has arrived of a broken transfer is kept and used by the next one (``--partial-dir``).

    Args:
        entry: the one file.
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
        login: see :func:`words`.
        environ: of the processes.
        stop: why to end, or empty; asked for all the time.
    """
    waiting = list(pairs)
    running: dict[programs.Running, tuple[Node, float, bytearray]] = {}
    try:
        while waiting or running:
            reason = stop()
            if reason:
                for process in running:
                    process.terminate()
                yield from (
                    Finished(n.alias, Outcome(n.alias, "cancelled", reason=reason)) for n, _ in waiting
                )
                waiting = []
            while waiting and len(running) < AT_ONCE:
                node, entry = waiting.pop(0)
                argv = words(entry, target, login(node))
                process = programs.Running(argv, environ, stderr=programs.PIPE)
                running[process] = node, time.monotonic(), bytearray()
                yield Started(node.alias)
            for process, (node, since, said) in list(running.items()):
                code = process.wait()
                while data := programs.read(process.stderr, 0):
                    said += data
                if code is not None:
                    process.close()
                    del running[process]
                    seconds = time.monotonic() - since
                    yield Finished(node.alias, _outcome(node.alias, code, said, seconds, reason))
            time.sleep(_LOOK)
    finally:
        for process in running:
            process.close()


def _outcome(alias: str, code: int, stderr: bytearray, seconds: float, stopped: str) -> Outcome:
    if not code:
        return Outcome(alias, "ok", 0, seconds=seconds, started=True)
    if stopped:
        return Outcome(alias, "cancelled", reason=stopped, seconds=seconds, started=True)
    said = stderr.decode("utf-8", "replace").strip().splitlines()
    why = f"rsync ended with {code}" + (f": {said[0]}" if said else "")
    return Outcome(alias, "failed", reason=why, seconds=seconds, started=True)
