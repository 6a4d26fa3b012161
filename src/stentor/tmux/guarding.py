"""Run at Enter in synchronised panes: read the line, check it, send it or ask."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence

from stentor.fleet.model import Fleet
from stentor.guard import examine
from stentor.tmux import line, sync
from stentor.tmux.command import Command
from stentor.tmux.line import Seen
from stentor.tmux.server import Server
from stentor.tmux.state import PaneState
from stentor.tmux.syncing import called

BUFFER = sync.PASTE_TABLE
# A line that follows another within so many seconds is from a paste; or within twice the time that this
# program took to begin: on a busy machine tmux comes to the next line as late.
PASTE_GAP = 0.15
_LATE = 2.0
SETTLED = 0.03
PATIENCE = 0.6
UNREADABLE = "unreadable"

Judge = Callable[[str], list[tuple[str, str]]]


def judge_for(fleet: Fleet | None, nodes: Sequence[str]) -> Judge:
    """The guard with the fleet's own rules."""
    section = fleet.policy.guard if fleet else None
    groups = fleet.groups if fleet else {}

    def judge(text: str) -> list[tuple[str, str]]:
        return [(f.rule, f.reason) for f in examine(text, section=section, groups=groups, nodes=nodes)]

    return judge


def look_at_line(server: Server, fleet: Fleet | None, window_id: str, key: str) -> bool:
    """Whether the key may be sent; if not, ``@stentor_ask`` holds the question."""
    began = process_start()
    gap = max(PASTE_GAP, _LATE * (time.time() - began))
    panes = reached(server, window_id)
    if not panes:
        return False  # sync has just ended; the question says so
    seen = settled(server, panes)
    nodes = [called(pane) for pane in panes]
    reason = line.danger(seen, judge_for(fleet, nodes), UNREADABLE)
    if not reason:
        last = server.ask("#{@stentor_passed}", window_id)
        soon = last and began - float(last) < gap
        if soon and not all(line.empty(one) for one in seen):
            reason = "several lines at once; as from a paste"
    if reason:
        ask(server, window_id, reason, nodes, sync.send(key))
        return False
    server.run([("set-option", "-w", "-t", window_id, "@stentor_passed", f"{time.time():.3f}")])
    return True


def look_at_paste(server: Server, fleet: Fleet | None, window_id: str, again: str) -> bool:
    """Called at the end of a paste: send one line, ask about several.

    Args:
        window_id: where it was pasted.
        again: the shell command which sends the paste, once the question is answered.

    Returns:
        False if ``@stentor_ask`` is to be asked.
    """
    panes = reached(server, window_id)
    nodes = [called(pane) for pane in panes]
    text = server.output(["show-buffer", "-b", BUFFER])[1:]
    if server.ask("#{@stentor_odd}", window_id):
        note = "not pasted: it has characters beyond ASCII. Use: stentor tmux send"
        server.run([("delete-buffer", "-b", BUFFER), ("display-message", "-d", "4000", note)])
        return True
    lines = [row for row in text.split("\n") if row.strip()]
    if "\n" not in text:
        send_paste(server, window_id)
        return True
    found = judge_for(fleet, nodes)(text)
    what = f"a paste of {len(lines)} line{'s' if len(lines) != 1 else ''}"
    reason = f"{what}; {found[0][1]}" if found else what
    ask(server, window_id, reason, nodes, [("run-shell", again)])
    return False


def send_paste(server: Server, window_id: str) -> None:
    """Put the collected paste into every pane in sync; ``paste-buffer`` itself reaches only one."""
    text = server.output(["show-buffer", "-b", BUFFER])[1:]
    commands: list[Command] = []
    if text:
        commands.append(("set-buffer", "-b", BUFFER, text))
        commands += [
            ("paste-buffer", "-b", BUFFER, "-t", pane.pane_id) for pane in reached(server, window_id)
        ]
    server.run([*commands, ("delete-buffer", "-b", BUFFER)])


def ask(server: Server, window_id: str, reason: str, nodes: Sequence[str], answer: Sequence[Command]) -> None:
    """Set the question for the key's binding."""
    text = sync.question(reason, len(nodes), " ".join(nodes), answer)
    server.run([("set-option", "-w", "-t", window_id, "@stentor_ask", text)])


def reached(server: Server, window_id: str) -> list[PaneState]:
    """The panes which a key goes to: of a zoomed window only the visible one."""
    panes = [pane for pane in server.panes() if pane.window_id == window_id and pane.synced]
    panes = list({pane.pane_id: pane for pane in panes}.values())  # a window linked twice is listed twice
    if server.ask("#{window_zoomed_flag}", window_id) == "1":
        active = server.ask("#{pane_id}", window_id)
        return [pane for pane in panes if pane.pane_id == active]
    return panes


def settled(server: Server, panes: Sequence[PaneState]) -> list[Seen]:
    """What the panes show when it stops changing, after ``PATIENCE`` seconds at the latest."""
    deadline = time.monotonic() + PATIENCE
    seen = look(server, panes)
    while time.monotonic() < deadline:
        time.sleep(SETTLED)
        again = look(server, panes)
        if again == seen:
            break
        seen = again
    return seen


def look(server: Server, panes: Sequence[PaneState]) -> list[Seen]:
    """The line of each pane's cursor, wrapped rows joined."""
    where = [("display-message", "-p", "-t", pane.pane_id, "#{cursor_x} #{cursor_y}") for pane in panes]
    cursors = [[int(word) for word in text.split()] for text in server.run(where).splitlines()]
    mark = "=stentor-mark="
    commands: list[Command] = []
    for pane, (_, row) in zip(panes, cursors, strict=True):
        for first, last in ((str(row - 12), str(row)), (str(row), "-"), (str(row), str(row))):
            commands.append(("capture-pane", "-p", "-J", "-t", pane.pane_id, "-S", first, "-E", last))
            commands.append(("display-message", "-p", mark))
    parts = server.run(commands).split(mark + "\n")
    seen: list[Seen] = []
    for number, (pane, (column, _)) in enumerate(zip(panes, cursors, strict=True)):
        up_to, onward, row_alone = (part.split("\n") for part in parts[3 * number : 3 * number + 3])
        rows = [*up_to[:-1]] or [""]
        alone = row_alone[0] if row_alone else ""
        rest = onward[0][len(alone) :] if onward else ""
        start = len(rows[-1]) - len(alone)
        seen.append(Seen(called(pane), tuple(rows[:-1]), rows[-1] + rest, start + column))
    return seen


def process_start() -> float:
    """When this process began, in seconds since the epoch; now, where the system does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", encoding="ascii", errors="replace") as stat:
            ticks = int(stat.read().rpartition(")")[2].split()[19])
        with open("/proc/uptime", encoding="ascii") as uptime:
            age = float(uptime.read().split()[0]) - ticks / os.sysconf("SC_CLK_TCK")
        return time.time() - age
    return time.time()
