"""``stentor dotfiles``: its verbs and their options."""

from __future__ import annotations

import argparse

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.dispatch import verbs as add_verbs
from stentor.cli.guarding import add_guard
from stentor.cli.rollout_options import add_asking, add_waves
from stentor.cli.selector import add_changed_nodes, add_connect_timeout, add_max_output, add_nodes

EXAMPLES = """
stentor dotfiles status                     revision, drift and pending changes of every node
stentor dotfiles plan @gpu                  what would change, on which node; writes nothing
stentor dotfiles apply @all                 canary, waves, each proved by a new login
stentor dotfiles apply drtr --rev v3 --yes  one node, one revision, no question
stentor dotfiles push @all -m 'Shorter prompt'   inspect, commit, push, apply
stentor dotfiles rollback drtr              back to before the last change
stentor dotfiles adopt drtr .zshrc -m 'Edited there'   a node's own edit becomes a commit here
stentor dotfiles plan --json | jq -r 'select(.type == "planned").conflicts[].path'
"""

# In the help of each verb only.
MORE_EXAMPLES = """
stentor dotfiles sync                       on a node itself, where stentor is installed
stentor dotfiles confirm drtr               keep what waits there; no new login is tried
stentor dotfiles revert drtr                back at once, without waiting for the deadline
stentor dotfiles catch-up                   every node that missed a change, as far as it is up now
stentor dotfiles init drtr -n               what would be overwritten; the node keeps a snapshot of it
stentor dotfiles init drtr --prompt 'Email=me@example.org'
stentor dotfiles timer install @gpu         these pull, and prove each change by a new login
stentor dotfiles timer status @all          where it is installed
"""

VERBS = {
    "status": "show each node's revision, drift and pending changes",
    "plan": "what would change on each node; writes nothing",
    "apply": "bring nodes to a revision, each confirmed by a new login or reverted",
    "push": "commit, push and apply what was edited here",
    "sync": "bring this node alone to the branch's head",
    "rollback": "go back to before the last change, or an earlier one",
    "confirm": "keep a change that waits to be confirmed",
    "revert": "revert a change that waits to be confirmed",
    "catch-up": "bring nodes what they missed while they were down",
    "adopt": "commit a node's own edit of a file in your clone",
    "init": "set up dotfiles on a node that has none",
    "timer": "let nodes pull by themselves: install, remove, status",
}


def configure(parser: Parser) -> None:
    table = add_verbs(parser, VERBS)
    for verb, one in table.items():
        if verb == "timer":
            one.add_argument("action", choices=("install", "remove", "status"), help="what to do")
            add_guard(one)
        if verb in ("confirm", "revert", "init"):
            one.add_argument("selector", nargs="+", metavar="NODE", help="which nodes")
        elif verb == "adopt":
            one.add_argument("selector", nargs=1, metavar="NODE", help="which node")
            one.add_argument("file", metavar="FILE", help="a path below the node's home: .zshrc")
        elif verb in ("status", "plan"):
            add_nodes(one)
        elif verb != "sync":
            add_changed_nodes(one)
        one.add_argument("-j", "--json", action="store_true", help="JSON Lines")
        add_connect_timeout(one)
        add_max_output(one)
        if verb in ("status", "plan", "apply", "push", "sync", "init", "catch-up", "adopt"):
            one.add_argument("--source", metavar="DIR", help="your clone of the dotfiles")
        if verb in ("plan", "apply", "status", "init"):
            one.add_argument("-r", "--rev", metavar="REV", help="which revision (default: the branch's head)")
        if verb in ("plan", "apply", "push", "init", "catch-up", "sync"):
            one.add_argument(
                "--via", choices=("remote", "push"), help="nodes fetch it, or it is sent to them"
            )
    for verb in ("plan", "apply", "init"):
        if verb != "init":
            table[verb].add_argument(
                "--reinit", action="store_true", help="make chezmoi's config anew from its template"
            )
        table[verb].add_argument(
            *("--prompt", "--promptString", "--promptBool", "--promptInt", "--promptChoice"),
            dest="prompt",
            action="append",
            default=[],
            metavar="TEXT=ANSWER",
            help="answer this prompt of the config template",
        )
        table[verb].add_argument(
            "--exclude",
            action="append",
            choices=("externals",),
            default=[],
            help="leave these out: what chezmoi fetches from elsewhere",
        )
    for verb in ("apply", "push", "sync", "rollback", "init", "catch-up"):
        _changing(table[verb], forward=verb != "rollback")
    for verb in ("plan", "apply", "rollback", "init"):
        table[verb].add_argument(
            "--short", action="store_true", help="list the changes without the differences"
        )
    table["rollback"].add_argument("--to", metavar="OP|REV", help="undo down to this operation or revision")
    table["sync"].add_argument(
        "--show-diff", action="store_true", help="show the difference before the question"
    )
    _pushing(table["push"])
    add_asking(table["adopt"])
    _committing(table["adopt"])
    for verb in ("push", "sync"):
        table[verb].add_argument(
            "-f", "--force", action="store_true", help="accepted for old scripts; use --overwrite and --yes"
        )


def _committing(parser: Parser) -> None:
    parser.add_argument("-m", "--message", metavar="MSG", help="the commit's message")
    parser.add_argument(
        "--allow-secret", action="append", default=[], metavar="ID", help="allow this finding"
    )


def _changing(parser: Parser, *, forward: bool) -> None:
    add_asking(parser)
    add_guard(parser)
    if forward:
        parser.add_argument(
            "--on-failure",
            choices=("stop", "revert"),
            help="when a node fails: leave finished nodes as they are, or revert them too",
        )
        parser.add_argument("--again", action="store_true", help="apply a revision that was reverted before")
    add_waves(parser)
    parser.add_argument(
        "--overwrite",
        action="append",
        choices=("edited", "existing", "source"),
        default=[],
        help="overwrite this kind of conflict; the node keeps a snapshot",
    )


def _pushing(parser: Parser) -> None:
    _committing(parser)
    parser.add_argument("--nodes", metavar="A,B", help="the same as SELECTOR")
    parser.add_argument("--skip-git", action="store_true", help="only apply what is pushed already")
    parser.add_argument("--rebase", action="store_true", help="put your commits on top of what others pushed")


def handle(arguments: argparse.Namespace, context: Context) -> int:
    from stentor.cli.commands.dotfiles import push, verbs
    from stentor.cli.commands.dotfiles.session import Session

    if getattr(arguments, "force", False):
        context.stderr.write(
            "stentor: -f forces nothing: see --overwrite for conflicts, --yes for no question\n"
        )
    if getattr(arguments, "nodes", None) is not None:
        arguments.selector = [*arguments.selector, arguments.nodes]
    session = Session(arguments, context, "@self" if arguments.verb == "sync" else "")
    if arguments.verb == "push":
        return push.push(session)
    return int(getattr(verbs, arguments.verb.replace("-", "_"))(session))
