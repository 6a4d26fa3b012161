"""The options that commands share: the selector, whom to log in as, how many at once, how long."""

from __future__ import annotations

from contextlib import contextmanager, nullcontext

from stentor.cli.times import bytes_, count, patience, seconds
from stentor.errors import SelectorError, UsageError
from stentor.fanout.task import MOST_BYTES, Settings
from stentor.sh.quoting import quoted
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence
    from random import Random

    from stentor.api.fleet import Fleet, Selection
    from stentor.cli.dispatch import Parser
    from stentor.fleet.model import Node


_LIMITS = ("window", "connect_timeout", "timeout", "retries", "fail_fast", "user", "engine")


def add_nodes(parser: Parser, *, default: str = "all") -> None:
    """Add ``[SELECTOR ...]``, all nodes by default; :func:`expression` reads it."""
    parser.add_argument("selector", nargs="*", metavar="SELECTOR", help=f"which nodes (default: {default})")


def add_changed_nodes(parser: Parser) -> None:
    """Add ``[SELECTOR ...]`` of a command that changes nodes; :func:`named` reads it."""
    help_text = "which nodes; @all for all of them, none without a selector"
    parser.add_argument("selector", nargs="*", metavar="SELECTOR", help=help_text)


def add_selector(parser: Parser) -> None:
    """Add ``SELECTOR``, which has no default."""
    parser.add_argument("selector", metavar="SELECTOR", help="nodes: crtr, @gpu, @all!@pseudo")


def add_connect_timeout(parser: Any, *, note: str = "") -> None:
    """Add ``--connect-timeout``; the note is added to the default in the help."""
    help_text = f"for the login to a node; 0 for no limit (default: 5s{note})"
    parser.add_argument("-t", "--connect-timeout", type=patience, default=5.0, metavar="TIME", help=help_text)


def add_timeout(parser: Parser, default: float, what: str = "on each node") -> None:
    """Add ``--timeout`` with a default in seconds."""
    help_text = f"{what} (default: {default:g}s)"
    parser.add_argument("--timeout", type=seconds, default=default, metavar="TIME", help=help_text)


def add_max_output(parser: Any) -> None:
    """Add ``--max-output``, for commands that read what nodes say."""
    help_text = "output of one node; more is a failure (default: 8M)"
    parser.add_argument("--max-output", type=bytes_, default=MOST_BYTES, metavar="SIZE", help=help_text)


def add_delivery(parser: argparse.ArgumentParser) -> None:
    """Add ``--output`` and ``--check`` of a command that makes a document."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument("-o", "--output", metavar="FILE", help="write to this file in one step")
    group.add_argument("-c", "--check", metavar="FILE", help="compare; 1 if the file is stale")


def limits(arguments: argparse.Namespace) -> Settings:
    """Return the limits that the options ask for; those that a command lacks are the defaults."""
    found = vars(arguments)
    given = {name: found[name] for name in _LIMITS if name in found}
    return Settings(**given, most_bytes=found.get("max_output", MOST_BYTES))


def add_user(parser: Any) -> None:
    """Add ``--user``."""
    parser.add_argument("-l", "--user", metavar="NAME", help="log in as NAME")


def add_window(parser: Any) -> None:
    """Add ``--window``."""
    help_text = "nodes at once; 0 for no limit (default: 128)"
    parser.add_argument("-f", "--window", metavar="N", type=count, default=128, help=help_text)


def expression(arguments: argparse.Namespace) -> str:
    """Return the selector of these arguments; words are joined by commas, none at all are ``@all``.

    An empty word stays empty, and so an error: it is a variable that is not set.
    """
    return ",".join(arguments.selector) if arguments.selector else "@all"


class Named(NamedTuple):
    """For which nodes a change is."""

    words: str  # their selector
    origin: str = ""  # where it is from, to be shown with the question; empty where it was typed


def named(selector: Sequence[str], fleet: Fleet, command: str, *, asks: bool, note: str = "") -> Named:
    """Return for which nodes a change is.

    Without a selector it is for nobody: a pattern that a shell replaced by nothing must not become all
    nodes. The policy may name a default, which counts where a question shows it.

    Args:
        selector: its words; joined by commas.
        command: to be completed by a selector, for the hint.
        asks: whether a person is asked before anything is changed.
        note: more about what is not named.

    Raises:
        UsageError: no node is named.
    """
    if selector:
        return Named(",".join(selector))
    default = ",".join(fleet.data.policy.rollout.selector)
    if default and asks:
        return Named(default, f"rollout.selector in the policy is {default}")
    if default:
        raise UsageError(
            f"no node is named{note}; rollout.selector is used only if a question can show it",
            hint=f"{command} {quoted((default,))}",
        )
    raise UsageError(
        f"no node is named{note}",
        hint=f"for all nodes: {command} @all; rollout.selector in policy.yaml sets a default",
    )


@contextmanager
def nodes_first(fleet: Fleet | None, name: str, words: Sequence[str]) -> Iterator[None]:
    """Let the error of a selector say what to type where nodes stand among the words behind it.

    Args:
        name: the command, with its verb.
        words: the operands as they were typed.
    """
    try:
        yield
    except SelectorError as error:
        from stentor.cli import habits

        error.hint = habits.nodes_first(name, words, fleet.data.nodes if fleet else ()) or error.hint
        raise


def some(fleet: Fleet, words: str, *, before: tuple[str, Sequence[str]] | None = None) -> Selection:
    """Select nodes, at least one.

    Args:
        before: the command and its operands behind these words; where nodes stand among them, the hint says
            what to type.

    Raises:
        SelectorError: the words name nothing that exists, or no node.
    """
    with nodes_first(fleet, before[0], (words, *before[1])) if before else nullcontext():
        selection = fleet.select(words)
    if not selection.nodes:
        of_the_last = any(f"@{name}" in words for name in ("ok", "failed", "unreachable", "missing", "last"))
        hint = "what came of the last operation: stentor show" if of_the_last else ""
        raise SelectorError("no node is selected", where=words, hint=hint)
    return selection


def one(fleet: Fleet, words: str, hint: str = "") -> Node:
    """Select exactly one node.

    Raises:
        UsageError: the words name none, or several.
    """
    nodes = fleet.select(words).nodes
    if len(nodes) != 1:
        raise UsageError(f"'{words}' names {len(nodes)} nodes; name one", hint=hint)
    return nodes[0]


def pick(nodes: tuple[Node, ...], number: int, chance: Random) -> tuple[Node, ...]:
    """Return ``number`` of these nodes chosen at random, in their order; all if there are not more."""
    places = sorted(chance.sample(range(len(nodes)), min(number, len(nodes))))
    return tuple(nodes[place] for place in places)
