"""The guard's question on the command line: the number of nodes is typed, or said by ``--yes-really``."""

from __future__ import annotations

from stentor.cli.context import Context
from stentor.errors import Refused
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.operation.guarding import Confirm, Danger


def add_guard(group: Any) -> None:
    """Add the option by which scripts answer the guard."""
    group.add_argument(
        "--yes-really",
        metavar="N",
        help="confirm a dangerous command on N nodes without asking",
    )


def confirm_by(context: Context, yes_really: str | None, groups: Any) -> Confirm:
    """Return what asks the user of this command line.

    Args:
        yes_really: the number of nodes, as a script says it.
        groups: of the fleet, to name sets of nodes by.
    """
    from stentor.operation.guarding import refuse, said_in_advance

    if yes_really is not None:
        return said_in_advance(yes_really)
    if not context.interactive():
        return refuse

    def confirm(danger: Danger) -> bool:
        return _typed(danger, context, groups)

    return confirm


def _typed(danger: Danger, context: Context, groups: Any) -> bool:
    from stentor.render.operation import danger_text

    count = len(danger.nodes)
    answer = context.answer(danger_text(danger, groups))
    if answer and answer != str(count):
        raise Refused(f"not sent: {count} was expected")
    return bool(answer)
