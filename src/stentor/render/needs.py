"""What ``stentor needs`` says, to people and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from stentor.api.facts import NodeNeeds
    from stentor.render.json_fields import Shape
    from stentor.render.screen import Screen

_STYLES = {"yes": "good", "no": "bad", "unknown": "warning"}
_SIGNS = {"yes": "has", "no": "lacks", "unknown": "cannot say:"}


def show_needs(screen: Screen, found: Sequence[NodeNeeds], *, everything: bool = False) -> None:
    """Print what nodes lack, a line each.

    Args:
        everything: also what is there.
    """
    from stentor.render.style import paint

    for one in found:
        shown = {need: said for need, said in one.answers.items() if everything or said != "yes"}
        if one.answers and not shown:
            screen.print(f"{one.outcome.node}: has all {len(one.answers)}")
        for need, said in shown.items():
            sign = paint(_SIGNS[said], _STYLES[said], screen.colour_out)
            screen.print(f"{one.outcome.node}: {sign} {need.text}")


def say_outcomes(screen: Screen, found: Sequence[NodeNeeds]) -> None:
    """Say which nodes did not answer, and why."""
    from stentor.outcome import Report
    from stentor.render.summary import say_hints

    report = Report(one.outcome for one in found)
    for outcome in report:
        if not outcome.ok:
            screen.say(f"{outcome.node}: {outcome.words}")
    say_hints(screen, report)


def needs_record(one: NodeNeeds) -> Shape:
    """Return one node's record."""
    from stentor.render.json_probe import Need, Needs

    has, lacks, unknown = (
        [Need.of(need, category=need.kind) for need in one.which(answer)]
        for answer in ("yes", "no", "unknown")
    )
    return Needs.of(one.outcome, has=has, lacks=lacks, unknown=unknown)
