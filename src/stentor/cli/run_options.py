"""The options of a run, the same for ``stentor run`` and for the lines of ``stentor shell``."""

from __future__ import annotations

from stentor.api.fleet import Selection
from stentor.api.run import RunRequest
from stentor.cli.context import Context
from stentor.cli.guarding import add_guard
from stentor.cli.plain import Action
from stentor.cli.rollout_options import GROUP, add_rollout, terms_of
from stentor.cli.run_display import RunView, run_and_show, screen_for
from stentor.cli.secrets import Secrecy, add_secrets
from stentor.cli.selector import add_connect_timeout, add_user, add_window, pick
from stentor.cli.times import count, limit, positive
from stentor.errors import SelectorError, UsageError
from stentor.fleet.policy.sections import ENGINES
from stentor.render.views import ViewRequest
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import argparse

    from stentor.cli.dispatch import Parser


def add_run_options(parser: Parser, *, prompt: bool = False) -> None:
    """Add the options.

    Args:
        prompt: for lines of a prompt, which have no standard input of their own.
    """
    _what(parser.add_argument_group("what is run"), prompt=prompt)
    _shown(parser.add_argument_group("how it is shown (docs/run.md)"))
    _limits(parser.add_argument_group("limits and results"))
    add_rollout(parser.add_argument_group(GROUP))


def _what(group: Any, *, prompt: bool) -> None:
    if not prompt:
        group.add_argument("-s", "--script", metavar="FILE", help="send this script; - is standard input")
        group.add_argument("-i", "--stdin", action="store_true", help="send our standard input to each node")
    group.add_argument(
        "-e",
        "--env",
        metavar="NAME[=VALUE]",
        action="append",
        default=[],
        help="set a variable there; without =VALUE as it is here",
    )
    add_user(group)
    group.add_argument(
        "-x",
        "--exclude",
        metavar="SELECTOR",
        action="append",
        default=[],
        help="leave these nodes out; may be given again",
    )
    if not prompt:
        group.add_argument(
            "--hostfile",
            "--machinefile",
            metavar="FILE",
            action="append",
            default=[],
            help="nodes from this file in place of SELECTOR; several a line, # begins a comment",
        )
    group.add_argument("--pick", metavar="N", type=positive, help="only N of the nodes, chosen at random")
    if not prompt:
        group.add_argument("--tty", action="store_true", help="with a terminal; one node only, by ssh -t")
    group.add_argument(
        "--dry-run", action="store_true", help="only list the nodes that would be reached, and how"
    )
    add_guard(group)
    add_secrets(group)


def _shown(group: Any) -> None:
    for letters, view, text in (
        (("-b", "--gather"), "gather", "merge identical output at the end"),
        (("--stream",), "stream", "live lines, each behind its node's name"),
        (
            ("-L", "--in-order"),
            "in-order",
            "all lines of a node, then those of the next; -bL: merge line by line",
        ),
        (("--diff",), "diff", "how the others differ from the most common output"),
        (("-j", "--json"), "json", "events as JSON Lines"),
    ):
        group.add_argument(*letters, dest="view", action=_View, nargs=0, const=view, help=text)
    group.add_argument(
        "--mask", action="store_true", help="compare without host names, addresses, times and process numbers"
    )
    group.add_argument("-B", "--merge-stderr", action="store_true", help="take stderr as stdout")
    group.add_argument("-N", "--no-labels", action="store_true", help="no names of nodes")
    group.add_argument(
        "--raw", action="store_true", help="what nodes write as it is, control sequences for the terminal too"
    )
    group.add_argument("-o", "--output-dir", metavar="DIR", help="also write DIR/NODE.out and DIR/NODE.err")
    group.add_argument("-q", "--quiet", action="store_true", help="the nodes' output and nothing else")
    group.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="(default: auto)")


class _View(Action):
    """Chooses a view; only ``-b`` and ``-L`` go together, as with clush."""

    def __call__(
        self, parser: argparse.ArgumentParser, found: argparse.Namespace, _: object, option: str | None = None
    ) -> None:
        before = found.view
        if before in (None, self.const):
            found.view = self.const
        elif {before, self.const} <= {"gather", "in-order", "live-lines"}:
            found.view = "live-lines"
        else:
            parser.error(f"{option} and another view ({before}) at once")


def _limits(group: Any) -> None:
    add_window(group)
    add_connect_timeout(group)
    group.add_argument(
        "-u", "--timeout", metavar="TIME", type=limit, help="for the command: 10, 1.5s, 2m (default: 0, none)"
    )
    group.add_argument(
        "-r", "--retries", metavar="N", type=count, default=0, help="more tries to reach a node (default: 0)"
    )
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default="",
        help="how nodes behind gateways are reached (default: the fleet's)",
    )
    group.add_argument("--fail-fast", action="store_true", help="stop everywhere at the first failure")
    group.add_argument(
        "-S",
        "--max-rc",
        action="store_true",
        help="exit with the largest exit code of all nodes, as clush does",
    )


def check_run_options(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together."""
    if _is_ssh_option(arguments.output_dir or ""):
        raise UsageError(
            f"-o names a directory here, and '{arguments.output_dir}' looks like an option of ssh",
            hint="ssh's options belong into ssh_config; a directory of this name is written with ./",
        )
    if arguments.mask and arguments.view not in (None, "gather", "diff"):
        raise UsageError("--mask is for comparing", hint="use it with --gather or --diff")


def _is_ssh_option(text: str) -> bool:
    """Whether this is ``-p 22``, ``Port=22`` or ``StrictHostKeyChecking no``."""
    name, sign, _ = text.replace("=", " ").partition(" ")
    return text.startswith("-") or bool(sign and name.isalpha())


def kept_words(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return what the journal keeps of these options, besides the terms, to run the same again."""
    found = {name: getattr(arguments, name) for name in ("env", "env_secret", "sudo")}
    return {name: value for name, value in found.items() if value}


def narrowed(selection: Selection, arguments: argparse.Namespace) -> Selection:
    """Return the nodes that ``--exclude`` and ``--pick`` leave."""
    fleet, nodes = selection.fleet, selection.nodes
    if arguments.exclude:
        without = {node.alias for words in arguments.exclude for node in fleet.nodes(words)}
        nodes = tuple(node for node in nodes if node.alias not in without)
        if not nodes:
            raise SelectorError("no node is selected", where=arguments.selector)
    if arguments.pick:
        from random import SystemRandom

        nodes = pick(nodes, arguments.pick, SystemRandom())
    return Selection(fleet, nodes, selection.selector)


def run_selected(
    selection: Selection, wanted: RunRequest, arguments: argparse.Namespace, context: Context
) -> int:
    """Carry a run out and show it, or with ``--dry-run`` say what it would do; return the exit code."""
    view = RunView(
        ViewRequest(arguments.view or "", not arguments.no_labels, arguments.mask, arguments.merge_stderr),
        output_dir=arguments.output_dir or "",
        quiet=arguments.quiet,
        largest=arguments.max_rc,
    )
    screen = screen_for(context, arguments.color)
    screen.raw = arguments.raw
    terms = terms_of(arguments, context, selection.fleet.groups, screen)
    if arguments.dry_run:
        from stentor.cli.run_preview import preview_run

        return preview_run(selection, wanted.command, terms, view, screen)
    secrecy = Secrecy(arguments.env_secret, arguments.sudo)
    return run_and_show(selection, wanted, terms, view, context, screen, secrecy)
