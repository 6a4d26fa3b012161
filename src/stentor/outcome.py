"""What came of one node, and the report of all of them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stentor.errors import NodesFailed
from stentor.typed import NamedTuple

# Worst first: the order of every summary. What needs a human's judgement comes before what
# needs patience, and that before what was expected.
KINDS = (
    "host-key-changed",  # somebody in the middle, or a reinstalled node
    "shell-broken",  # logged in, but the login shell did not reach the command
    "lost",  # the connection ended in the middle
    "timed-out",  # the command ran longer than --timeout
    "signalled",  # the command was killed by a signal
    "failed",  # the command ended with a code other than 0
    "denied",  # the server did not let us in
    "host-key-unknown",  # never seen before, and nobody there to ask
    "no-banner",  # the port is open, but nothing speaks SSH there
    "refused",  # the node answers, its port is closed
    "unreachable",  # no answer in --connect-timeout
    "unresolved",  # no address for this name
    "cancelled",  # Ctrl-C, --fail-fast, a stopped wave
    "skipped",  # expected down, or left out on purpose
    "ok",
)
SEVERITY = {kind: rank for rank, kind in enumerate(KINDS)}

NOT_REACHED = frozenset(
    {"host-key-changed", "host-key-unknown", "denied", "no-banner", "refused", "unreachable", "unresolved"}
)


class Outcome(NamedTuple):
    """What came of one node.

    Attributes:
        node: the alias.
        kind: one of ``KINDS``.
        code: the command's exit code where there is one.
        reason: one line for people; empty when ok.
        hint: what to do next; a line, often a command; or empty.
        seconds: from the moment this node's turn came to its end.
        started: whether the command itself began on the node.
        remote: what became of the remote process when we ended it: "" | "ended by TERM" |
            "ended by KILL" | "may still run: …".
        attempts: how often it was tried (``--retries``).
    """

    node: str
    kind: str
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
    def reached(self) -> bool:
        """Whether we got as far as a session on the node."""
        return self.kind not in NOT_REACHED and self.kind not in ("skipped", "cancelled")


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
        """Outcomes of the nodes where we could not log in, whatever the rung."""
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


def exit_code(outcomes: Iterable[Outcome], *, largest: bool = False) -> int:
    """Return the process's exit code for these outcomes.

    Args:
        outcomes: of one fan-out.
        largest: clush's ``--max-rc`` contract: the largest exit code of any node, 254 for a
            timeout, 255 for a node that could not be reached or whose connection was lost.

    Returns:
        0 if all are ok (or skipped); without ``largest`` 1 if a command failed anywhere
        (failed, signalled, timed out, lost, shell broken), else 4 if a node was not reached,
        else 130 if something was cancelled.
    """
    code = 0
    kinds = set()
    for outcome in outcomes:
        kinds.add(outcome.kind)
        if outcome.code is not None:
            code = max(code, outcome.code)
        elif outcome.kind == "timed-out":
            code = max(code, 254)
        elif outcome.kind not in ("ok", "skipped", "cancelled"):
            code = max(code, 255)
    if largest and (code or "cancelled" not in kinds):
        return code
    if kinds & {"failed", "signalled", "timed-out", "lost", "shell-broken"}:
        return 1
    if kinds & NOT_REACHED:
        return 4
    return 130 if "cancelled" in kinds else 0
