"""The guard before an operation: dangerous lines are confirmed before they are sent to several nodes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stentor.errors import Refused, UsageError
from stentor.guard import examine, examine_files
from stentor.guard.quick import plain_file, plain_files
from stentor.rollout.sent import Sent
from stentor.typed import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from stentor.fleet.model import Fleet
    from stentor.guard.calls import Finding


class Danger(NamedTuple):
    """What a person has to confirm."""

    nodes: tuple[str, ...]  # for which nodes, by alias
    findings: tuple[Finding, ...]  # what is dangerous in it; at least one


class Confirm(Protocol):
    """Asks whether something dangerous is meant."""

    def __call__(self, danger: Danger) -> bool:
        """Return whether it was confirmed.

        Raises:
            Refused: nobody is there to be asked.
        """


def guard_all(
    fleet: Fleet, nodes: Sequence[str], sent: Iterable[Sent], confirm: Confirm
) -> tuple[Finding, ...]:
    """Have all that is dangerous confirmed, by one question, before it is sent to several nodes.

    Args:
        nodes: for whom, by alias.
        sent: command lines, scripts and files.

    Returns:
        What was found, and confirmed.

    Raises:
        Refused: it was not confirmed.
    """
    if len(nodes) < 2:
        return ()
    found = tuple(dict.fromkeys(finding for one in sent for finding in _findings(fleet, nodes, one)))
    if found:
        confirmed(Danger(tuple(nodes), found), confirm)
    return found


def _findings(fleet: Fleet, nodes: Sequence[str], sent: Sent) -> list[Finding]:
    section = fleet.policy.guard
    found = examine(
        sent.line,
        stdin=sent.stdin,
        variables=sent.variables,
        section=section,
        groups=fleet.groups,
        nodes=nodes,
    )
    if sent.shown:
        found = tuple(finding._replace(command=sent.shown) for finding in found)
    if not sent.whole:
        from stentor.guard.calls import Finding

        found += (
            Finding("unreadable", sent.line.partition("\n")[0][:100], "it is longer than the guard reads"),
        )
    files = [] if plain_files(sent.files) else [path for path in sent.files if not plain_file(path)]
    if files:
        found += examine_files(files, section=section, groups=fleet.groups, nodes=nodes)
    return [finding for finding in found if finding.rule not in sent.meant]


def confirm_power(nodes: Sequence[str], what: str, confirm: Confirm) -> None:
    """Have something confirmed that cannot be taken back, where it is for several nodes.

    Raises:
        Refused: it was not confirmed.
    """
    if len(nodes) < 2:
        return
    from stentor.guard.calls import Finding

    confirmed(Danger(tuple(nodes), (Finding("power", what, ""),)), confirm)


def confirmed(danger: Danger, confirm: Confirm) -> None:
    """Ask.

    Raises:
        Refused: it was not confirmed.
    """
    if not confirm(danger):
        raise Refused("not confirmed; nothing was sent")


def said_in_advance(number: str | int) -> Confirm:
    """Return the answer of a caller who says how many nodes something dangerous is for.

    Args:
        number: of the nodes.
    """

    def confirm(danger: Danger) -> bool:
        if str(number).strip() != str(len(danger.nodes)):
            raise UsageError(
                f"{number} nodes were confirmed, but {len(danger.nodes)} are selected",
                hint=", ".join(danger.nodes[:12]),
            )
        return True

    return confirm


def refuse(danger: Danger) -> bool:
    """Refuse whatever is dangerous: the answer where nobody can be asked."""
    raise refusal(danger, f"to confirm without a question: --yes-really {len(danger.nodes)}")


def refusal(danger: Danger, hint: str) -> Refused:
    """Return the error for what is dangerous, and what to do instead."""
    count, first = len(danger.nodes), danger.findings[0]
    more = f" (and {len(danger.findings) - 1} more)" if len(danger.findings) > 1 else ""
    what = f"dangerous on {count} nodes: {first.command}: {first.reason or first.rule}{more}"
    return Refused(what, hint=hint)
