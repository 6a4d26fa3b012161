"""Whether a change may go ahead, and which plans are the same."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stentor.dotfiles.answer import CONFIG_OUTDATED, Conflict, NodePlan
from stentor.dotfiles.facts import assumed_json, facts
from stentor.dotfiles.plan import blocker, group, is_empty, preview
from stentor.fleet.model import Fleet, Node

CONFLICT = NodePlan(conflicts=(Conflict("edited", ".a"), Conflict("existing", ".b")))
TRIED = NodePlan(tried="op9 the login shell hangs")


def why(plan: NodePlan, **options: Any) -> str:
    found = blocker(plan, **options)
    return found.why if found else ""


def test_a_plan_without_conflicts_has_no_blocker() -> None:
    assert blocker(NodePlan()) is None


def test_a_change_that_waits_is_a_blocker() -> None:
    found = blocker(NodePlan(pending="op rev armed 5"))
    assert found is not None
    assert found.why == "op waits to be confirmed"
    assert "'stentor dotfiles confirm NODE'" in found.next_step


def test_a_conflict_is_a_blocker_unless_its_kind_is_overwritten() -> None:
    assert why(CONFLICT) == ".a and 1 more: changed on the node since chezmoi wrote it"
    assert why(CONFLICT, overwrite=["edited"]) == ".b: existed before chezmoi managed it"
    assert why(CONFLICT, overwrite=["edited", "existing"]) == ""
    found = blocker(CONFLICT)
    assert found is not None
    assert "--overwrite edited" in found.next_step


def test_a_revision_that_was_reverted_before_is_a_blocker_without_again() -> None:
    assert why(TRIED) == "this revision was reverted here before: the login shell hangs"
    assert why(TRIED, again=True) == ""
    found = blocker(TRIED)
    assert found is not None
    assert "--again" in found.next_step


def test_reason_of_a_revert_is_told_without_its_operation_where_there_is_one() -> None:
    assert why(TRIED) == "this revision was reverted here before: the login shell hangs"
    assert why(NodePlan(tried="op9")) == "this revision was reverted here before: op9"


def test_a_preview_has_the_blocker() -> None:
    shown = preview("a", CONFLICT._replace(changes=(" M .a",), diff=("-1",)), blocker(CONFLICT))
    assert (shown.changes, shown.diff, shown.assumed) == ((" M .a",), ("-1",), False)
    assert shown.blocker.startswith(".a and 1 more")
    assert preview("b", NodePlan(), assumed=True).assumed


def test_nodes_with_the_same_plan_are_grouped() -> None:
    same = NodePlan(changes=(" M .zshrc",), applied="1")
    groups = group(
        {
            "a": NodePlan(),
            "b": same,
            "c": same._replace(applied="2"),
            "d": NodePlan(changes=(" M .x",), conflicts=(Conflict("edited", ".x"),)),
        }
    )
    assert [one.nodes for one in groups] == [("d",), ("b", "c"), ("a",)]
    assert is_empty(groups[-1].plan)


# Only what is varied here: st.builds(NodePlan) would first look up the types of all fields.
PLANS = st.sampled_from(
    [
        NodePlan(changes=changes, applied=applied)
        for changes in ((), (" M .a",), (" A .b",), (" M .a", " A .b"))
        for applied in ("", "1")
    ]
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), PLANS))
def test_every_node_is_in_one_group(plans: Mapping[str, NodePlan]) -> None:
    groups = group(plans)
    assert sorted(name for one in groups for name in one.nodes) == sorted(plans)
    for one in groups:
        for name in one.nodes:
            assert plans[name].changes == one.plan.changes


def test_groups_with_conflicts_come_first_then_the_largest() -> None:
    one, two = NodePlan(changes=(" M .a",)), NodePlan(changes=(" M .b",))
    groups = group({"a": one, "b": two, "c": two, "d": NodePlan(warnings=("slow",))})
    assert [one.nodes for one in groups] == [("b", "c"), ("a",), ("d",)]
    assert groups[0].plan.applied == groups[0].plan.chezmoi == ""
    assert not is_empty(groups[-1].plan)


def test_uncommitted_changes_in_the_nodes_clone_are_a_blocker() -> None:
    assert why(NodePlan(conflicts=(Conflict("source", "x"),))) == "x: only in the node's clone"
    assert why(NodePlan(conflicts=(Conflict("odd", "x"),))) == "x: odd"


def test_preview_without_a_blocker_has_none() -> None:
    shown = preview("b", NodePlan(externals=(".vim",)))
    assert (shown.changes, shown.blocker, shown.next_step) == (("   .vim (external)",), "", "")


def test_facts() -> None:
    node = Node("drtr", "director", role="gpu", arch="x86_64", user="me", variables={"n": 1})
    fleet = Fleet("/f", {"drtr": node}, {"all": ("drtr",), "gpu": ("drtr",), "core": ()})
    data = facts(fleet, node)["stentor"]
    assert data["groups"] == ["all", "gpu"]
    assert data["variables"] == {"n": 1}
    assert data["facts"] == {}
    known: dict[str, dict[str, Any]] = {
        "drtr": {"os": "debian13", "complete": True},
        "crtr": {"os": "debian12"},
    }
    assert facts(fleet, node, known)["stentor"]["facts"] == {"os": "debian13"}
    assert json.loads(assumed_json(fleet, node, known))["stentor"]["facts"] == {"os": "debian13"}
    machine = json.loads(assumed_json(fleet, node))["chezmoi"]
    assert machine == {"hostname": "director", "fqdnHostname": "director", "arch": "amd64", "username": "me"}


def test_a_node_without_dotfiles_is_set_up_rather_than_overwritten() -> None:
    fresh = NodePlan(conflicts=(Conflict("existing", ".b"),))
    refused = blocker(fresh)
    assert refused
    assert refused.next_step.startswith("set the node up with 'stentor dotfiles init'")
    known = blocker(fresh._replace(applied="a" * 40))
    assert known
    assert known.next_step.startswith("revert the edit on the node")


def test_stentors_own_state_is_not_overwritten_whatever_the_user_allows() -> None:
    plan = NodePlan(
        conflicts=(Conflict("edited", ".a"), Conflict("protected", ".own"), Conflict("protected", ".b"))
    )
    found = blocker(plan, overwrite=["edited", "protected"], again=True)
    assert found is not None
    assert found.why == ".own: stentor's own state, by which changes are reverted"
    assert ".chezmoiignore" in found.next_step


def test_an_outdated_configuration_alone_is_no_change() -> None:
    assert is_empty(NodePlan(warnings=(CONFIG_OUTDATED,)))
    assert not is_empty(NodePlan(warnings=(CONFIG_OUTDATED, "slow")))
