"""The strictest of several settings, one by one."""

from __future__ import annotations

from typing import Any

from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy as FleetPolicy
from stentor.fleet.policy.sections import Rollout, RolloutPart
from stentor.fleet.policy.values import Share
from stentor.rollout.policy import Limit, Policy, policy_for, policy_of

GROUPS = {"one": ("a", "b"), "two": ("b", "c")}


def merged(one: dict[str, Any], two: dict[str, Any], *, run: bool = False, **fleet: Any) -> Policy:
    section = Rollout(groups={"one": RolloutPart(**one), "two": RolloutPart(**two)}, **fleet)
    return policy_for(section, GROUPS, ["b"], run=run)


def test_limit_of_the_whole_fleet_is_named_by_its_setting() -> None:
    policy = policy_for(Rollout(at_once=3), {}, ["a"], run=False)
    assert policy == Policy(limits=(Limit(3, None, "rollout.at_once"),))


def test_settings_of_the_fleet_come_before_those_of_groups() -> None:
    policy = merged({"canary": ("a",)}, {"canary": ("c", "a"), "last": ("b",)}, canary=("b",), last=("z",))
    assert (policy.canary, policy.last) == (("b", "a", "c"), ("z", "b"))


def test_nodes_named_by_two_groups_are_named_once() -> None:
    policy = merged(
        {"canary": ("a",), "last": ("c",), "gate": "true"}, {"canary": ("a",), "last": ("c",), "gate": "true"}
    )
    assert (policy.canary, policy.last, policy.gates) == (("a",), ("c",), ("true",))


def test_unreachable_nodes_are_tolerated_only_where_every_group_says_so() -> None:
    assert not merged({"unreachable": "ok"}, {"unreachable": "ok"}).count_unreachable
    assert merged({"unreachable": "ok"}, {"pause": 1.0}).count_unreachable
    assert merged({"pause": 1.0}, {"unreachable": "ok"}).count_unreachable


def test_group_that_only_limits_leaves_the_rest_to_the_other() -> None:
    limit = (Limit(1, frozenset("bc"), "rollout.groups.two.at_once"),)
    lenient = {"max_failures": Share(2), "unreachable": "ok"}
    assert merged(lenient, {"at_once": 1}) == Policy(
        max_failures=Share(2), count_unreachable=False, limits=limit
    )


def test_waves_of_one_group_hold_where_the_other_has_none() -> None:
    assert merged({"waves": (Share(2),)}, {"pause": 1.0}).waves == (Share(2),)
    assert merged({"pause": 1.0}, {"waves": (Share(2),)}).waves == (Share(2),)


def test_waves_whose_largest_is_smaller_hold() -> None:
    large, small = (Share(1), Share(50, True)), (Share(10), Share(9))
    assert merged({"waves": large}, {"waves": small}).waves == small
    assert merged({"waves": small}, {"waves": large}).waves == small


def test_percentage_of_a_wave_is_compared_as_one_of_a_hundred_nodes() -> None:
    percent, number = (Share(1, True),), (Share(1),)
    assert merged({"waves": percent}, {"waves": number}).waves == percent
    assert merged({"waves": number}, {"waves": percent}).waves == number


def test_fewer_failures_hold_and_a_percentage_counts_as_fewer() -> None:
    assert merged({"max_failures": Share(1)}, {"max_failures": Share(1, True)}).max_failures == Share(1, True)
    assert merged({"max_failures": Share(1, True)}, {"max_failures": Share(2)}).max_failures == Share(1, True)


def test_longer_pause_holds() -> None:
    assert merged({"pause": 2.0}, {"pause": 3.0}).pause == 3.0


def test_run_is_staged_where_any_group_says_so() -> None:
    assert merged({"run": True, "pause": 1.0}, {"pause": 1.0}).staged
    assert merged({"pause": 1.0}, {"run": True, "pause": 1.0}).staged
    assert merged({"run": True}, {"gate": "x"}, run=True) == Policy(staged=True)


def test_policy_is_that_of_the_fleets_files() -> None:
    section = Rollout(groups={"two": RolloutPart(at_once=1)})
    fleet = Fleet("/f", {"b": Node("b", "")}, GROUPS, policy=FleetPolicy(rollout=section))
    assert policy_of(fleet, ["b"], run=False) == policy_for(section, GROUPS, ["b"], run=False)
    assert policy_of(fleet, ["b"], run=False).limits
