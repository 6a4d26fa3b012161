"""``stentor tmux``: panes over nodes, guarded synchronised input, every node's own sessions."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.fleet.policy.sections import LAYOUTS

EXAMPLES = """
stentor tmux open                       a pane for every core node, session 'cluster'
stentor tmux open @gpu --attach-remote  each pane in the node's own tmux, which outlives the connection
stentor tmux open @gpu --print          the tmux commands instead
stentor tmux window crtr --mosh         a window in this session
stentor tmux sync toggle                type once for all panes of this window, guarded
stentor tmux send @core 'uptime'        one line to every pane; the guard sees all of it
stentor tmux list --json                every tmux session of every node
stentor tmux log on --dir ~/logs        what the panes show, in a file a node
stentor tmux close gpu                  asks if something other than a shell runs
"""

# In the help of each verb only.
MORE_EXAMPLES = """
stentor tmux attach                     the fleet's session that is open here
stentor tmux attach drtr work           the session 'work' on drtr
stentor tmux capture @gpu               what these panes show, merged where it is the same
stentor tmux capture --all --json       with everything that scrolled away
stentor tmux guard                      what the key of 'stentor tmux sync' runs; not to be typed
"""

VERBS = {
    "open": "a pane for every node, in a new or an existing session",
    "window": "a window of this session with one node",
    "attach": "a node's own tmux session; without a node, the fleet session that is open here",
    "close": "end a session of this machine",
    "list": "every tmux session of every node",
    "sync": "type once for all panes of a window",
    "send": "type one line into the panes of nodes",
    "log": "write what panes show to a file a node",
    "capture": "the text that panes show, merged where it is the same",
}


def configure(parser: Parser) -> None:
    group = parser.add_subparsers(dest="verb", metavar="VERB", required=True, parser_class=Parser)
    table = {v: group.add_parser(v, help=summary, description=summary) for v, summary in VERBS.items()}
    table["guard"] = group.add_parser(
        "guard", description="run by the key bindings of sync"
    )  # not in the help
    for below in table.values():
        below.add_argument("-L", "--socket", metavar="NAME", help="tmux's socket, as for tmux -L")
    for verb in ("list", "sync", "capture"):
        table[verb].add_argument("-j", "--json", action="store_true", help="JSON Lines")
    _sessions(table)
    _panes(table)


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from importlib import import_module

    from stentor.tmux.server import Server

    home = "panes" if arguments.verb in ("sync", "send", "log", "capture", "guard") else "sessions"
    verb = getattr(import_module(f"stentor.cli.commands.tmux.{home}"), f"{arguments.verb}_")
    code: int = verb(arguments, context, Server(context.environ, arguments.socket))
    return code


def _sessions(table: dict[str, Parser]) -> None:
    remote = "each pane in the node's own tmux session of this name, so that programs outlive the connection"
    add = table["open"].add_argument
    add("selector", nargs="?", metavar="SELECTOR", help="which nodes (default: the policy's, else @core)")
    add("-s", "--session", metavar="NAME", help="default: 'cluster', or the group's name")
    add("-d", "--detach", action="store_true", help="do not attach or switch")
    layouts = f"{', '.join(LAYOUTS[:-1])} or {LAYOUTS[-1]}; default: the policy's for the group, else auto"
    add("-l", "--layout", choices=LAYOUTS, metavar="LAYOUT", help=layouts)
    add(
        "-r",
        "--attach-remote",
        nargs="?",
        const="",
        metavar="NAME",
        help=f"{remote}; default: that of the session here",
    )
    add("-p", "--print", action="store_true", dest="only_print", help="show the tmux commands instead")
    add = table["window"].add_argument
    add("node", metavar="NODE", help="alias or full name")
    add("-m", "--mosh", action="store_true", help="by mosh; by ssh where there is none")
    add("-r", "--attach-remote", nargs="?", const="main", metavar="NAME", help="in the node's own tmux")
    add = table["attach"].add_argument
    add("node", nargs="?", metavar="NODE", help="alias or full name")
    add("session", nargs="?", metavar="SESSION", help="default: the one used last")
    add = table["close"].add_argument
    add("session", nargs="?", metavar="SESSION", help="default: this one, or the only one")
    add("-y", "--yes", action="store_true", help="do not ask")
    table["list"].add_argument("selector", nargs="?", metavar="SELECTOR", help="default: @all")


def _panes(table: dict[str, Parser]) -> None:
    add = table["sync"].add_argument
    add("action", choices=["on", "off", "toggle", "status"])
    only = "all its windows (default: the current window; outside tmux, the only session)"
    add("session", nargs="?", metavar="SESSION", help=only)
    names = ("-x", "--exclude", "--except")
    add(*names, metavar="NODES", dest="leave_out", help="nodes that take no part, joined by commas")
    add = table["send"].add_argument
    add("target", metavar="SELECTOR|SESSION", help="whose panes: nodes, or a session", nargs="?")
    add("line", metavar="LINE", help="what to type; Enter is added")
    add("--yes-really", type=int, metavar="N", help="confirm a dangerous command on N nodes without asking")
    add = table["log"].add_argument
    add("action", choices=["on", "off"])
    add("session", nargs="?", metavar="SESSION", help="default: this one, or the only one")
    add("--dir", metavar="DIR", help="default: in the state directory, named by the session")
    add = table["capture"].add_argument
    add("target", nargs="?", metavar="SELECTOR|SESSION", help="default: this session, or the only one")
    add("-a", "--all", action="store_true", help="with the whole history")
    add = table["guard"].add_argument
    add("kind", choices=["line", "paste", "paste-send"], help=argparse.SUPPRESS)
    add("--key", default="Enter", help=argparse.SUPPRESS)
    add("--window", required=True, help=argparse.SUPPRESS)
