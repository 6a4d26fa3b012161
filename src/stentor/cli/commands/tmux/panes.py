"""``stentor tmux`` sync, send, log, capture, and the guard behind the keys."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.cli.commands.tmux.common import fleet_if_any, session_panes, target_panes
from stentor.cli.context import Context
from stentor.cli.selector import nodes_first
from stentor.errors import Refused, UsageError

if TYPE_CHECKING:
    from stentor.tmux.server import Server


def sync_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Turn synchronised input on or off, or show its state."""
    from stentor.tmux import opening, syncing

    found = syncing.windows(server, arguments.session)
    states = [syncing.status(panes) for panes in found]
    action = arguments.action
    if action == "toggle":
        action = "off" if any(state.on for state in states) else "on"
    if action == "on":
        fleet, policy = fleet_if_any(arguments, context)
        guard = syncing.guard_program(fleet.data.root if fleet else None, server.socket)
        leave_out = [name for name in (arguments.leave_out or "").split(",") if name]
        with opening.locked(server):
            states = [syncing.turn_on(server, panes, policy, leave_out, guard) for panes in found]
    elif action == "off":
        with opening.locked(server):
            for panes in found:
                syncing.turn_off(server, panes)
        states = [state._replace(on=False) for state in states]
    if arguments.json:
        from stentor.render.json_fleet import TmuxSync, Window
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), TmuxSync())
        lines.write(*(Window.of(state) for state in states))
        return 0
    for state in states:
        out = context.stdout if action == "status" else context.stderr
        text = f"{state.session}:{state.window}: sync is {'on' if state.on else 'off'}"
        if state.on:
            text += f" for {len(state.included)}: {' '.join(state.included)}"
            text += f"; left out: {' '.join(state.left_out)}" if state.left_out else ""
        out.write(text + "\n")
    return 0


def send_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Type a line into panes."""
    from stentor.tmux import guarding, recording

    if not arguments.line.strip():
        raise UsageError("the line is empty")
    if arguments.target is None:
        raise UsageError(
            "no panes are named", hint="stentor tmux send SESSION|SELECTOR LINE, for example @all"
        )
    fleet, _ = fleet_if_any(arguments, context)
    with nodes_first(fleet, "tmux send", (arguments.target, arguments.line)):
        wanted, missing = target_panes(server, fleet, arguments.target)
    panes = [pane for pane in wanted if pane.state in ("up", "mosh", "") and not pane.dead]
    unsent = {alias: alias for alias in missing}
    unsent |= {pane.node: f"{pane.node} ({pane.state})" for pane in wanted if pane not in panes}
    known = fleet.data.nodes if fleet else {}
    expected = [alias for alias in unsent if alias in known and known[alias].expected_down]
    away = [shown for alias, shown in unsent.items() if alias not in expected]
    nodes = [pane.node or pane.pane_id for pane in panes]
    if panes:
        reasons = [
            reason for _, reason in guarding.judge_for(fleet.data if fleet else None, nodes)(arguments.line)
        ]
        rows = arguments.line.rstrip("\n").count("\n") + 1
        if rows > 1:
            reasons.insert(0, f"{rows} lines at once")
        if reasons:
            _confirm(context, reasons, nodes, arguments.yes_really)
        server.run(recording.typing(panes, arguments.line.rstrip("\n")))
    context.stderr.write(f"sent to {len(nodes)}: {' '.join(nodes)}\n" if nodes else "sent to no pane\n")
    if away:
        context.stderr.write(f"not connected, not sent: {' '.join(away)}\n")
    if expected:
        context.stderr.write(f"expected down, not sent: {' '.join(expected)}\n")
    return 4 if away or not (nodes or expected) else 0


def _confirm(context: Context, reasons: Sequence[str], nodes: Sequence[str], given: int | None) -> None:
    count = len(nodes)
    for reason in reasons:
        context.stderr.write(f"dangerous: {reason}\n")
    if given == count:
        return
    if given is not None or not context.interactive():
        raise Refused(
            f"dangerous on {count} nodes: {' '.join(nodes)}",
            hint=f"to confirm without a question: --yes-really {count}",
        )
    if context.answer(f"{count} nodes: {' '.join(nodes)}. Type {count} to send it: ") != str(count):
        raise Refused("not sent")


def log_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Write what panes show to files, or stop."""
    from stentor.tmux import recording

    panes = session_panes(server, arguments.session)
    if arguments.action == "off":
        recording.log_off(server, panes)
        return 0
    directory = os.path.abspath(arguments.dir or recording.log_directory(context.environ, panes[0].session))
    for path in recording.log_on(server, panes, directory):
        context.stdout.write(path + "\n")
    return 0


def capture_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """What panes show."""
    from stentor.tmux import recording

    fleet, _ = fleet_if_any(arguments, context)
    panes, missing = target_panes(server, fleet, arguments.target)
    texts = recording.texts(server, panes, history=arguments.all)
    names = recording.file_names(panes)
    if arguments.json:
        from stentor.render.json_fleet import Pane, TmuxCapture
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), TmuxCapture())
        for pane, text in zip(panes, texts, strict=True):
            lines.write(Pane(pane.node, pane.pane_id, pane.state, text))
    else:
        from stentor.render.tmux import show_panes

        show_panes(context.screen(), dict(zip(names, texts, strict=True)), fleet.groups if fleet else {})
    if missing:
        context.stderr.write(f"no pane: {' '.join(missing)}\n")
    return 4 if missing else 0


def guard_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Allow a key or a paste, or set the question."""
    from stentor.sh.quoting import quoted
    from stentor.tmux import guarding, syncing

    if arguments.kind == "paste-send":
        guarding.send_paste(server, arguments.window)
        return 0
    fleet, _ = fleet_if_any(arguments, context)
    data = fleet.data if fleet else None
    if arguments.kind == "line":
        return 0 if guarding.look_at_line(server, data, arguments.window, arguments.key) else 1
    program = syncing.guard_program(data.root if data else None, server.socket)
    again = quoted([*program, "paste-send", "--window", arguments.window])
    return 0 if guarding.look_at_paste(server, data, arguments.window, again) else 1
