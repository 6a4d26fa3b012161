"""What a line hands to another program, which goes on when the line's own processes are ended.

A process of the line is found by its session, by whose child it is or by the mark in its environment. None of
these has what another program starts on its behalf; nor what root starts in a session of its own, since the
programs that change the user clear the environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard.calls import Call, name_of
from stentor.guard.quick import plainly_harmless
from stentor.guard.reader import read
from stentor.guard.rules_code import literal, reads_commands
from stentor.guard.wrappers import DEPTH, inner
from stentor.typed import NamedTuple

_CONTAINERS = r"(container )?(run|start|restart|exec)|compose .*?\b(up|start|restart|run|exec)"
_WINDOWS = r".*?\b(new(-s\w*)?|new-?w\w*|split-?w\w*|respawn-?[pw]\w*|run(-shell)?|send(-keys)?|pipe-?p\w*)\b"
_TABLE = """
systemd-run       | (?!.*--scope|--(help|version))(?=.*--user\\b) | systemctl --user list-units 'run-*'
systemd-run       | (?!.*--scope|--(help|version))            | systemctl list-units 'run-*'
run0              |                                           | systemctl list-units 'run-*'
at                | (?!-[lrdcV])                              | atq
batch             |                                           | atq
crontab           | (?!.*-[lr]\\b)                            | crontab -l
scrontab          | (?!.*-[lr]\\b)                            | scrontab -l
docker            | {containers}                              | docker ps
podman            | {containers}                              | podman ps
nerdctl           | {containers}                              | nerdctl ps
docker-compose    | .*?\\b(up|start|restart|run|exec)         | docker ps
podman-compose    | .*?\\b(up|start|restart|run|exec)         | podman ps
tmux              | {windows}                                 | tmux list-panes -a
screen            | (?!.*-(ls|list|wipe)\\b)(?=.*-([dD]?m|X)) | screen -ls
launchctl         | (submit|bootstrap|load|kickstart|start)   | launchctl list
sbatch            |                                           | squeue
qsub              |                                           | qstat
bsub              |                                           | bjobs
"""
# What leaves the session; it is found all the same, unless another user's environment has no mark.
_LEAVES = frozenset(
    ["setsid", "nohup", "disown", "daemonize", "daemon", "dtach", "abduco", "start-stop-daemon"]
)
_USERS = frozenset(
    ["sudo", "doas", "su", "runuser", "pkexec", "gosu", "su-exec", "s6-setuidgid", "dzdo", "pfexec"]
)


class Detached(NamedTuple):
    """A program that may go on."""

    name: str  # of the program that started it
    look: str  # the command line which shows what it does


def _rows() -> dict[str, list[tuple[re.Pattern[str], str]]]:
    found: dict[str, list[tuple[re.Pattern[str], str]]] = {}
    for row in filter(None, _TABLE.splitlines()):
        # The words of a pattern hold bars themselves: name and look are the outermost cells.
        name, rest = row.split("|", 1)
        pattern, look = rest.rsplit("|", 1)
        filled = pattern.strip().format(containers=_CONTAINERS, windows=_WINDOWS)
        found.setdefault(name.strip(), []).append((re.compile(filled), look.strip()))
    return found


_ROWS = _rows()


def detached(text: str, *, stdin: str | None = None, by_sudo: bool = False) -> tuple[Detached, ...]:
    """Return what of a command line or script may go on after its processes were ended; each once.

    Args:
        text: for a POSIX shell or bash.
        stdin: what it will read, where that is known.
        by_sudo: all of it is run by sudo.
    """
    if not by_sudo and stdin is None and plainly_harmless(text):
        return ()
    return tuple(dict.fromkeys(_text(text, by_sudo, 0, stdin)))


def _text(text: str, another: bool, depth: int, stdin: str | None = None) -> Iterator[Detached]:
    for call in read(text).calls if depth <= DEPTH else ():
        if stdin is not None and call.stdin is None and not call.fed_by:
            call = call._replace(stdin=stdin)
        yield from _call(call, another, depth)


def _call(call: Call, another: bool, depth: int) -> Iterator[Detached]:
    if not call.words or depth > DEPTH:
        return
    name, rest = name_of(call.words), " ".join(call.words[1:])
    look = next((look for pattern, look in _ROWS.get(name, ()) if pattern.match(rest)), "")
    if look:
        yield Detached(name, look)
    elif another and name in _LEAVES:
        yield Detached(name, "ps -ef")
    another = another or name in _USERS
    if reads_commands(call) and (said := literal(call)) is not None:
        yield from _text(said, another, depth + 1)
    for item in inner(call):
        if item.words:
            yield from _call(call._replace(words=item.words), another, depth + 1)
        if item.text is not None:
            yield from _text(item.text, another, depth + 1)
