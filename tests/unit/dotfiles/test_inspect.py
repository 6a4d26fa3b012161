"""What is known of nodes before a change, and what it means."""

from __future__ import annotations

import pytest

from stentor.dotfiles.answer import Answer, Conflict, NodePlan
from stentor.dotfiles.inspect import Inspection
from stentor.dotfiles.request import ChangeRequest
from stentor.dotfiles.visit import Visit
from stentor.errors import Refused
from stentor.outcome import Outcome

REV = "1" * 40
ANSWER = Answer("plan", (), 0)


def inspection(**plans: NodePlan) -> Inspection:
    visits = {alias: Visit(Outcome(alias, "ok", 0), ANSWER) for alias in plans}
    visits["down"] = Visit(Outcome("down", "unreachable", reason="no answer"), None)
    assumed = {"down": NodePlan(changes=(" A .new",))}
    return Inspection(ChangeRequest("op", "token", rev=REV), visits, plans, assumed)


def test_nodes_are_sorted_into_changed_up_to_date_and_down() -> None:
    seen = inspection(new=NodePlan(changes=(" M .a",)), same=NodePlan(applied=REV), adopt=NodePlan())
    assert (seen.to_change, seen.up_to_date, seen.down) == (("new", "adopt"), ("same",), ("down",))
    assert {one.node: (one.kind, one.reason) for one in seen.outcomes} == {
        "down": ("unreachable", "no answer"),
        "same": ("ok", "up to date"),
    }


def test_a_rollback_changes_every_node_that_answered() -> None:
    seen = inspection(a=NodePlan(), b=NodePlan(tried="op x"))
    back = seen._replace(request=ChangeRequest("op", "token", to="op0"))
    assert (back.to_change, back.blockers) == (("a", "b"), {})


def test_a_blocker_on_one_node_stops_all() -> None:
    inspection(a=NodePlan()).refuse_blocked()
    conflict = NodePlan(conflicts=(Conflict("edited", ".a"),))
    seen = inspection(a=NodePlan(), b=conflict, c=NodePlan(tried="op no shell"))
    with pytest.raises(Refused) as refused:
        seen.refuse_blocked()
    assert "b: .a: changed on the node" in refused.value.message
    assert "c: this revision was reverted here before: no shell" in refused.value.message


def test_previews_say_which_nodes_were_not_asked() -> None:
    shown = inspection(a=NodePlan(changes=(" M .a",))).previews()
    assert (shown["a"].changes, shown["a"].assumed) == ((" M .a",), False)
    assert (shown["down"].changes, shown["down"].assumed) == ((" A .new",), True)
    unknown = inspection()._replace(assumed={}).previews()
    assert unknown["down"].unknown == "no answer"
