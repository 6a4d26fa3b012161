"""What came of one node, the report of all of them, and the kinds of outcomes with their sets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stentor.errors import NodesFailed
from stentor.typed import Literal, NamedTuple, get_args

# Worst first: the order of every summary. What a person must judge comes before what passes by
# waiting, and that before what was expected.
Kind = Literal[
    "host-key-changed",  # a reinstalled node, or an attack
    "shell-broken",  # logged in, but the login shell did not reach the command
    "lost",  # the connection ended in the middle
    "timed-out",  # the command ran longer than --timeout
    "signalled",  # the command was killed by a signal
    "failed",  # the command ended with a code other than 0
    "denied",  # the server did not let us in
    "host-key-unknown",  # never seen before, and no terminal to ask at
    "no-banner",  # the port is open, but nothing speaks SSH there
    "refused",  # the node answers, its port is closed
    "unreachable",  # no answer in --connect-timeout
    "unresolved",  # no address for this name
    "cancelled",  # Ctrl-C, --fail-fast, a stopped wave
    "skipped",  # expected down, or left out on purpose
    "ok",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
SEVERITY: dict[str, int] = {kind: rank for rank, kind in enumerate(KINDS)}

# There was no login.
NOT_REACHED: frozenset[str] = frozenset(
    {"host-key-changed", "host-key-unknown", "denied", "no-banner", "refused", "unreachable", "unresolved"}
)
# There was a login, and the command did not succeed.
FAILED: frozenset[str] = frozenset({"failed", "signalled", "timed-out", "lost", "shell-broken"})
# Neither: the node was left out, or the operation ended before it.
LEFT_OUT: frozenset[str] = frozenset({"skipped", "cancelled"})
# What a person calls a set of nodes of an operation (``@failed``); no outcome is the kind "".
SETS: dict[str, frozenset[str]] = {
    "ok": frozenset({"ok"}),
    "failed": FAILED,
    "unreachable": NOT_REACHED,
    "missing": frozenset({"", "cancelled"}),
}


def set_of(kind: str, *, started: bool) -> str:
    """Return the set a node belongs to: a name of ``SETS``, or ``skipped``.

    Args:
        kind: the outcome's kind; empty where no outcome is known.
        started: whether the command began on the node: cancelled before that, it is missing; after, failed.
    """
    if not kind or (kind == "cancelled" and not started):
        return "missing"
    if kind in NOT_REACHED:
        return "unreachable"
    return kind if kind in ("ok", "skipped") else "failed"


class Outcome(NamedTuple):
    """What came of one node.

    Attributes:
        node: the alias.
        kind: how it ended.
        code: the command's exit code where there is one.
        reason: one line for people; empty when ok.
        hint: what to do next; a line, often a command; or empty.
        seconds: from the node's start to its end.
        started: whether the command itself began on the node.
        remote: what became of the remote process where stentor stopped it: "" | "ended by TERM" |
            "ended by KILL" | "may still run: …".
        attempts: how often it was tried (``--retries``).
    """

    node: str
    kind: Kind
    code: int | None = None
    reason: str = ""
    hint: str = ""
    seconds: float = 0.0
    started: bool = False
    remote: str = ""
    attempts: int = 1

    @property
    def ok(self) -> bool:
        """Whether the command ran and ended with 0."""
        return self.kind == "ok"

    @property
    def words(self) -> str:
        """Kind and reason, each once: ``unreachable: no answer in 2 s``."""
        prefix = f"{self.kind}: "
        return (prefix + self.reason.removeprefix(prefix)).removesuffix(": ")

    @property
    def reached(self) -> bool:
        """Whether there was a session on the node."""
        return self.kind == "ok" or self.kind in FAILED


def unexpected(error: Exception, said: str = "") -> str:
    """Return the reason of an outcome where handling the node raised an exception.

    Args:
        said: what the node said, cut to what fits a line.
    """
    what = f"unexpected answer: {type(error).__name__}: {error}".rstrip(": ")
    return f'{what} (it said "{said}")' if said else what


class Report:
    """All outcomes of one fan-out, in the order in which the nodes were selected."""

    def __init__(self, outcomes: Iterable[Outcome]) -> None:
        self.outcomes: tuple[Outcome, ...] = tuple(outcomes)

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)

    def __len__(self) -> int:
        return len(self.outcomes)

    @property
    def ok(self) -> tuple[Outcome, ...]:
        """Outcomes of the nodes where the command succeeded."""
        return tuple(o for o in self.outcomes if o.ok)

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """Outcomes of the nodes that were reached and did not succeed."""
        return tuple(o for o in self.outcomes if o.reached and not o.ok)

    @property
    def unreachable(self) -> tuple[Outcome, ...]:
        """Outcomes of the nodes where no login succeeded, whatever their reachability level."""
        return tuple(o for o in self.outcomes if o.kind in NOT_REACHED)

    def worst_first(self) -> list[Outcome]:
        """All outcomes, the worst kind first, else in the selection's order."""
        return sorted(self.outcomes, key=lambda o: SEVERITY[o.kind])

    def raise_on_error(self) -> None:
        """Do nothing if every node is ok or was skipped.

        Raises:
            NodesFailed: otherwise, naming the first few.
        """
        bad = [o for o in self.worst_first() if not o.ok and o.kind != "skipped"]
        if bad:
            shown = ", ".join(f"{o.node}: {o.reason or o.kind}" for o in bad[:5])
            more = f" and {len(bad) - 5} more" if len(bad) > 5 else ""
            raise NodesFailed(f"{len(bad)} of {len(self)} nodes: {shown}{more}")


def not_seen(node: str) -> Outcome:
    """Return the outcome of a node that was still waited for at Ctrl-C, where one only looked."""
    return Outcome(node, "cancelled", reason="not seen: interrupted")


def exit_code(outcomes: Iterable[Outcome], *, largest: bool = False) -> int:
    """Return the process's exit code for these outcomes.

    Args:
        largest: clush's ``--maxrc`` contract: the largest exit code of any node, 255 for a timeout, and for
            a node that could not be reached or whose connection was lost.

    Returns:
        0 if all are ok (or skipped); without ``largest`` 1 if a command failed anywhere
        (failed, signalled, timed out, lost, shell broken), else 4 if a node was not reached,
        else 130 if something was cancelled.
    """
    code = 0
    kinds: set[str] = set()
    for outcome in outcomes:
        kinds.add(outcome.kind)
        if outcome.code is not None:
            code = max(code, outcome.code)
        elif outcome.kind != "ok" and outcome.kind not in LEFT_OUT:
            code = max(code, 255)
    if largest and (code or "cancelled" not in kinds):
        return code
    if kinds & FAILED:
        return 1
    if kinds & NOT_REACHED:
        return 4
    return 130 if "cancelled" in kinds else 0
