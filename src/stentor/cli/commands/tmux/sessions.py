"""``stentor tmux`` open, window, attach, close, list."""

from __future__ import annotations

import argparse
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from stentor import terminal
from stentor.cli.commands.tmux.common import open_fleet, session_panes, terminal_size
from stentor.cli.context import Context
from stentor.cli.selector import one, some
from stentor.errors import Refused, UsageError

if TYPE_CHECKING:
    from stentor.tmux.server import Server


def open_(arguments: argparse.Namespace, context: Context, server: Server) -> int:  # noqa: RET503 - show
    """Open a session, or add missing nodes to it, and show it."""
    from stentor.tmux import opening, plan
    from stentor.tmux.command import shell

    fleet, policy = open_fleet(arguments, context)
    default = ",".join(policy.selector) or ("@core" if "core" in fleet.data.groups else "@all")
    selector = default if arguments.selector is None else arguments.selector
    nodes = some(fleet, selector).nodes
    session = arguments.session or plan.session_name(arguments.selector, default, policy.session)
    groups = [selector.removeprefix("@"), session]
    if arguments.attach_remote and arguments.attach_remote[0] in "@%":
        hint = f"stentor tmux open {arguments.attach_remote} --attach-remote"
        raise UsageError("--attach-remote took the nodes for the name of a session", hint=hint)
    remote = session if arguments.attach_remote == "" else arguments.attach_remote
    for name in filter(None, (session, remote)):
        plan.checked_name(name)
    request = opening.SessionRequest(
        session,
        nodes,
        arguments.layout or opening.layout_for(policy, groups),
        remote,
    )
    size = opening.size_of(server, *terminal_size(context))
    if arguments.only_print:
        opened = opening.decide(fleet.data, fleet.local, request, server.panes(), policy, size)
        context.stdout.write(shell(server.program, opened.commands) if opened.commands else "")
        return 0
    opened = opening.open_session(server, fleet.data, fleet.local, request, policy, size)
    if opened.exists and opened.added:
        context.stderr.write(f"session {session} exists; added {' '.join(opened.added)}\n")
    exits = "" if opened.exists else server.ask(f"#{{{plan.EXIT_UNATTACHED}}}")
    if arguments.detach:
        if not opened.exists:
            context.stderr.write(f"session {session}: {' '.join(opened.added)}\n")
        if exits == "1":
            context.stderr.write(
                "stentor: exit-unattached is off in this tmux server now, or the session would end\n"
            )
        return 0
    if not server.inside() and not (context.stdin.isatty() and context.stdout.isatty()):
        raise Refused(f"session {session} is open, but there is no terminal to attach", hint="add --detach")
    after = [] if opened.exists else plan.as_configured(session, exits)
    server.show(server.ask("#{session_id}", f"={session}:"), after)


def window_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Open a window in this session."""
    import shutil

    from stentor.tmux import opening, plan

    fleet, _ = open_fleet(arguments, context)
    node = one(fleet, arguments.node, "for many: stentor tmux open")
    here = server.here()
    if here is None:
        raise UsageError(
            "not inside tmux", hint=f"outside: stentor ssh {node.alias}, or stentor tmux open {node.alias}"
        )
    mosh = arguments.mosh and node.alias != fleet.local
    if mosh and not shutil.which("mosh", path=context.environ.get("PATH")):
        context.stderr.write("mosh is not installed here: going by ssh\n")
        mosh = False
    pane = opening.pane_of(fleet.data, fleet.local, node, arguments.attach_remote, mosh=mosh)
    server.run(plan.window(node.alias, [pane], "auto", ("-t", f"{here[0]}:")))
    return 0


def attach_(arguments: argparse.Namespace, context: Context, server: Server) -> int:  # noqa: RET503 - exec
    """Attach to a node's own tmux session."""
    from stentor import sh
    from stentor.sh.quoting import quote

    if arguments.node is None:
        return _attach_here(server)
    fleet, _ = open_fleet(arguments, context)
    node = one(fleet, arguments.node, "for many: stentor tmux open")
    if node.alias == fleet.local:
        sessions = {pane.session: pane.session_id for pane in server.panes()}
        wanted = arguments.session or next(iter(sessions), None)
        if wanted not in sessions:
            raise UsageError(
                f"no tmux session '{wanted or 'at all'}' here",
                hint=f"sessions: {', '.join(sessions) or 'none'}",
            )
        server.show(sessions[wanted])
    name = quote(arguments.session or "")
    target = f" -t ={name}" if arguments.session else ""
    script = (
        f"tmux has-session{target} 2>/dev/null && exec tmux attach-session{target}; "
        f'echo "{node.alias} has no such tmux session; it has: '
        '$(tmux list-sessions -F "#{session_name}" 2>/dev/null | tr "\\n" " ")" >&2; exit 4'
    )
    argv = fleet.select(node.alias).login(sh.command(script))
    context.stdout.flush()
    terminal.replace(argv, context.environ)


def _attach_here(server: Server) -> NoReturn:
    """Attach to cluster, else gpu, else any session of nodes, as tmux-attach-cluster did."""
    sessions: dict[str, str] = {pane.session: pane.session_id for pane in server.panes() if pane.node}
    for name in ("cluster", "gpu", *sessions):
        if name in sessions:
            server.show(sessions[name])
    raise UsageError(
        "no fleet session is open",
        hint="stentor tmux open (tmux-cluster), or stentor tmux open @gpu (tmux-gpu)",
    )


def close_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """End a session; ask if programs run in it."""
    from stentor.fanout.collect import collect
    from stentor.fanout.task import Settings
    from stentor.tmux import state

    panes = session_panes(server, arguments.session)
    session = panes[0].session
    work = state.local_work(panes)
    blind: list[str] = []
    aliases = [
        pane.node for pane in panes if pane.node and pane.state == "up" and pane.command in ("ssh", "sh")
    ]
    if aliases and not arguments.yes:
        fleet, _ = open_fleet(arguments, context)
        known = [
            alias for alias in dict.fromkeys(aliases) if alias in fleet.data.nodes and alias != fleet.local
        ]
        if known:
            settings = Settings(timeout=5, connect_timeout=3)
            events = fleet.select(",".join(known)).stream(state.remote_question(), settings, guard=False)
            nothing: list[str] = []
            for result in collect(events):
                outcome, found = result.read(partial(state.remote_work, result.node), nothing)
                work += found
                if not outcome.ok:
                    blind.append(f"{result.node}: cannot check ({outcome.reason or outcome.kind})")
    if (work or blind) and not arguments.yes:
        for text in work + blind:
            context.stderr.write(f"  {text}\n")
        what = f"close session {session} ({len(panes)} panes)"
        if not context.interactive():
            raise Refused(f"will not {what}: programs are running", hint="add --yes")
        if not context.agreed(f"{what[0].upper()}{what[1:]}?"):
            return 130
    server.run([("kill-session", "-t", panes[0].session_id)])
    return 0


def list_(arguments: argparse.Namespace, context: Context, server: Server) -> int:
    """Ask every node, and say what is open here."""
    import time

    from stentor.cli.waiting import waiting
    from stentor.fanout.collect import collect_in_order
    from stentor.fanout.task import Settings
    from stentor.outcome import Report, exit_code
    from stentor.render.summary import say_interrupted
    from stentor.render.tmux import session_records, show_sessions
    from stentor.tmux import listing

    fleet, _ = open_fleet(arguments, context)
    words = "@all" if arguments.selector is None else arguments.selector
    selection, lines = fleet.select(words), None
    if arguments.json:
        from stentor.render.json_fleet import TmuxSessions
        from stentor.render.json_lines import JsonLines

        lines = JsonLines(context.screen(), TmuxSessions(), clock=time.monotonic)
    events = selection.stream(listing.command(), Settings(timeout=10), guard=False)
    with waiting(context.screen(), context, len(selection.nodes)):
        results = [*collect_in_order(events, selection.nodes, keeping=True)]
    found = [result.read(listing.parse, None) for result in results]
    report = Report(outcome for outcome, _ in found)
    if lines:
        lines.write(*session_records(found))
        lines.end(report)
    else:
        show_sessions(context.screen(), found, report)
        for session, nodes in server.sessions_of_nodes().items():
            context.stderr.write(f"open here: session {session}: {' '.join(nodes)}\n")
        if missing := [outcome.node for outcome in report if outcome.kind == "cancelled"]:
            say_interrupted(context.screen(), missing, fleet.groups)
    return exit_code(report)
