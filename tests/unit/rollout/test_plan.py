"""The planner: properties that hold for every fleet, and the sentences of docs/safety.md one by one."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import Refused, UsageError
from stentor.fleet.policy.sections import Rollout, RolloutPart
from stentor.fleet.policy.values import Share
from stentor.outcome import KINDS, NOT_REACHED, Outcome
from stentor.rollout.plan import Plan, Wave, judge, plan
from stentor.rollout.policy import Limit, Policy, policy_for

NAMES = [f"n{number}" for number in range(30)]
shares = st.builds(Share, st.integers(1, 100), st.booleans())
names = st.lists(st.sampled_from(NAMES), unique=True)
limits = st.lists(
    st.builds(
        Limit, st.integers(1, 10), st.one_of(st.none(), st.frozensets(st.sampled_from(NAMES))), st.just("x")
    ),
    max_size=3,
).map(tuple)
policies = st.builds(
    Policy,
    canary=st.lists(st.sampled_from(NAMES), unique=True, max_size=3).map(tuple),
    waves=st.lists(shares, min_size=1, max_size=4).map(tuple),
    last=st.lists(st.sampled_from(NAMES), unique=True, max_size=3).map(tuple),
    max_failures=st.builds(Share, st.integers(0, 100), st.booleans()),
    limits=limits,
)


@given(names, policies, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_every_node_has_its_turn_exactly_once(nodes: Any, policy: Any, down: Any, required: Any) -> None:
    made = plan(nodes, policy, expected_down=down, canary_required=required)
    assert sorted(made.nodes) == sorted(nodes)
    assert all(wave.nodes and wave.reason for wave in made.waves)


@given(names, policies, st.sets(st.sampled_from(NAMES)))
def test_no_wave_breaks_a_limit(nodes: Any, policy: Any, down: Any) -> None:
    for wave in plan(nodes, policy, expected_down=down).waves:
        for limit in policy.limits:
            touched = [node for node in wave.nodes if limit.nodes is None or node in limit.nodes]
            assert len(touched) <= limit.at_once


@given(names, policies, st.sets(st.sampled_from(NAMES)))
def test_the_canary_is_first_and_the_last_are_last(nodes: Any, policy: Any, down: Any) -> None:
    order = [wave.name.split()[0] for wave in plan(nodes, policy, expected_down=down).waves]
    assert order == sorted(order, key=["canary", "wave", "last"].index)
    made = plan(nodes, policy, expected_down=down)
    last = {node for wave in made.waves if wave.name == "last" for node in wave.nodes}
    canaries = {node for wave in made.waves if wave.name == "canary" for node in wave.nodes}
    assert last == (set(policy.last) & set(nodes)) - canaries
    assert not canaries & down


@given(names, policies, st.sets(st.sampled_from(NAMES)), st.booleans())
def test_a_reason_names_the_canary_that_goes_first(nodes: Any, policy: Any, down: Any, required: Any) -> None:
    made = plan(nodes, policy, expected_down=down, canary_required=required)
    first = [node for wave in made.waves if wave.kind == "canary" for node in wave.nodes]
    told = [reason for reason in made.reasons if reason.startswith("canary ")]
    assert [reason.partition(":")[0] for reason in told] == ([f"canary {', '.join(first)}"] if first else [])
    if first and not {*first} & {*policy.canary}:
        assert (required and not policy.canary) or f": {', '.join(policy.canary)} is " in told[0]


@given(names, policies)
def test_waves_keep_the_order_of_the_selection_and_their_size(nodes: Any, policy: Any) -> None:
    made = plan(nodes, policy)
    middle = [node for wave in made.waves if wave.name.startswith("wave") for node in wave.nodes]
    assert middle == [node for node in nodes if node in middle]
    sizes = [share.size(len(nodes)) for share in policy.waves]
    for index, wave in enumerate(wave for wave in made.waves if wave.name.startswith("wave")):
        assert len(wave.nodes) <= sizes[min(index, len(sizes) - 1)]


@given(names, policies, st.data())
def test_a_rollout_goes_on_only_within_its_limit(nodes: Any, policy: Any, data: Any) -> None:
    made = plan(nodes, policy)
    outcomes: dict[str, Outcome] = {}
    for index, wave in enumerate(made.waves):
        for node in wave.nodes:
            outcomes[node] = Outcome(node, data.draw(st.sampled_from(KINDS)))
        verdict = judge(made, index, outcomes)
        assert verdict.reason
        if not verdict.go_on:
            return
        tolerated = NOT_REACHED - {"host-key-changed"} if not made.count_unreachable else frozenset()
        bad = [o for o in outcomes.values() if o.kind not in {"ok", "skipped", "cancelled"} | tolerated]
        assert len(bad) <= made.max_failures
        if wave.name == "canary":
            assert any(outcomes[node].ok for node in wave.nodes)


def outcomes(**kinds: Any) -> Any:
    return {node: Outcome(node, kind) for node, kind in kinds.items()}


def test_the_cluster_of_the_seed() -> None:
    policy = Policy(canary=("drtr",), waves=(Share(25, True),), last=("crtr",))
    made = plan(["crtr", "prtr", "drtr", "trtr", "zrtr"], policy)
    assert [(wave.name, wave.nodes) for wave in made.waves] == [
        ("canary", ("drtr",)),
        ("wave 1 of 2", ("prtr", "trtr")),
        ("wave 2 of 2", ("zrtr",)),
        ("last", ("crtr",)),
    ]
    assert "canary drtr: from --canary or rollout.canary" in made.reasons
    assert "crtr goes last, one by one" in made.reasons


def test_a_canary_that_is_expected_down_is_replaced_and_that_is_said() -> None:
    made = plan(["a", "b", "c"], Policy(canary=("a",)), expected_down={"a"})
    assert made.waves[0].nodes == ("b",)
    assert any("a is expected down" in reason for reason in made.reasons)


def test_a_canary_outside_the_selection_is_replaced_and_that_is_said() -> None:
    made = plan(["b", "c"], Policy(canary=("a",)))
    assert made.waves[0] == Wave("canary", "canary", ("b",), made.waves[0].reason)
    assert any("a is not among" in reason for reason in made.reasons)


def test_no_canary_where_all_are_expected_down() -> None:
    made = plan(["a", "b"], Policy(), expected_down={"a", "b"}, canary_required=True)
    assert [wave.name for wave in made.waves] == ["wave 1 of 1"]
    assert made.reasons == ("no canary: every selected node is expected down",)


def test_too_many_at_once_is_refused_unless_said() -> None:
    policy = Policy(limits=(Limit(2, None, "rollout.at_once"),))
    with pytest.raises(Refused, match=r"3 nodes at once, and rollout\.at_once allows 2") as caught:
        plan(["a", "b", "c"], policy)
    assert "--at-once 3" in caught.value.hint
    with pytest.raises(Refused):
        plan(["a", "b", "c"], policy, at_once=2)
    assert len(plan(["a", "b", "c"], policy, at_once=3).waves) == 1


def test_a_group_limit_holds_within_a_larger_selection() -> None:
    policy = Policy(waves=(Share(4),), limits=(Limit(1, frozenset("ab"), "rollout.groups.gpu.at_once"),))
    made = plan(["a", "x", "b", "y"], policy)
    assert [wave.nodes for wave in made.waves] == [("a", "x"), ("b", "y")]
    assert made.waves[0].reason == "rollout.groups.gpu.at_once allows 1 at once"


def test_a_node_named_twice_is_an_error() -> None:
    with pytest.raises(UsageError):
        plan(["a", "a"], Policy())


def test_nodes_named_last_go_one_by_one_and_that_is_said() -> None:
    made = plan(["a", "b", "c"], Policy(last=("a", "b")))
    assert [(wave.kind, wave.name, wave.nodes) for wave in made.waves] == [
        ("wave", "wave 1 of 1", ("c",)),
        ("last", "last", ("a",)),
        ("last", "last", ("b",)),
    ]
    assert made.reasons == ("last, one by one: a, b",)


@pytest.mark.parametrize("policy", [Policy(canary=("a",)), Policy(last=("c",)), Policy(waves=(Share(9),))])
def test_limit_cuts_waves_where_any_were_asked_for(policy: Policy) -> None:
    policy = policy._replace(limits=(Limit(1, None, "rollout.at_once"), Limit(2, None, "second")))
    made = plan(["a", "b", "c"], policy)
    assert [wave.nodes for wave in made.waves] == [("a",), ("b",), ("c",)]
    assert made.reasons.count("rollout.at_once allows 1 at once") == 1
    assert "second allows 2 at once" not in made.reasons


def test_limit_of_nobody_still_lets_one_node_through() -> None:
    for limit in (Limit(0, None, "all"), Limit(0, frozenset("ab"), "group")):
        made = plan(["a", "b"], Policy(waves=(Share(2),), limits=(limit,)))
        assert [wave.nodes for wave in made.waves] == [("a",), ("b",)]


def test_limit_of_a_group_counts_only_its_nodes() -> None:
    policy = Policy(limits=(Limit(1, frozenset("ab"), "rollout.groups.gpu.at_once"),))
    assert len(plan(["a", "x", "y"], policy).waves) == 1
    with pytest.raises(Refused, match="2 nodes at once"):
        plan(["a", "b", "x"], policy)


@pytest.mark.parametrize("at_once", [0, None])
def test_without_a_number_said_the_limit_stays(at_once: int | None) -> None:
    with pytest.raises(Refused):
        plan(["a", "b"], Policy(limits=(Limit(1, None, "x"),)), at_once=at_once)
    assert plan(["a"], Policy(limits=(Limit(1, None, "x"),)), at_once=at_once).nodes == ("a",)


def test_smaller_number_said_does_not_lower_the_limit() -> None:
    assert len(plan(["a", "b"], Policy(limits=(Limit(2, None, "x"),)), at_once=1).waves) == 1


def test_reason_of_a_wave_is_its_size() -> None:
    def reasons(*sizes: Share) -> list[str]:
        return [wave.reason for wave in plan(["a", "b", "c", "d"], Policy(waves=sizes)).waves]

    assert reasons(Share(1), Share(2), Share(50, True)) == ["1 node", "2 nodes", "50% of 4 nodes"]
    assert reasons(Share(3)) == ["3 nodes", "3 nodes"]
    assert reasons() == ["all the rest"]


def test_size_of_the_last_wave_repeats() -> None:
    made = plan(["a", "b", "c", "d", "e"], Policy(waves=(Share(1), Share(2))))
    assert [wave.nodes for wave in made.waves] == [("a",), ("b", "c"), ("d", "e")]


def test_named_canary_that_is_expected_down_leaves_the_others() -> None:
    made = plan(["a", "b", "c"], Policy(canary=("a", "b")), expected_down={"a"})
    assert [(wave.kind, wave.nodes) for wave in made.waves] == [("canary", ("b",)), ("wave", ("a", "c"))]
    assert made.reasons == (
        "a: named as canary, but expected down",
        "canary b: from --canary or rollout.canary",
    )


def test_several_canaries_go_together() -> None:
    made = plan(["a", "b", "c"], Policy(canary=("a", "b")))
    assert [wave.nodes for wave in made.waves] == [("a", "b"), ("c",)]
    assert made.reasons == ("canary a, b: from --canary or rollout.canary",)


def test_required_canary_is_the_first_node_that_can_be() -> None:
    made = plan(["a", "b", "c", "d"], Policy(last=("b",)), expected_down={"a"}, canary_required=True)
    assert [(wave.kind, wave.nodes) for wave in made.waves] == [
        ("canary", ("c",)),
        ("wave", ("a", "d")),
        ("last", ("b",)),
    ]
    assert made.reasons == ("canary c: the first selected node, as none is named", "b goes last, one by one")


def test_node_that_goes_last_is_the_canary_where_no_other_is_up() -> None:
    made = plan(["a", "b"], Policy(last=("b",)), expected_down={"a"}, canary_required=True)
    assert [(wave.kind, wave.nodes) for wave in made.waves] == [("canary", ("b",)), ("wave", ("a",))]


def test_one_node_needs_no_canary() -> None:
    for policy, required in ((Policy(), True), (Policy(canary=("x",)), False)):
        made = plan(["a"], policy, canary_required=required)
        assert ([wave.kind for wave in made.waves], made.reasons) == (["wave"], ())


def test_plan_takes_the_terms_of_the_policy() -> None:
    policy = Policy(max_failures=Share(50, True), count_unreachable=False, gates=("g",), pause=3.0)
    made = plan(["a", "b", "c", "d"], policy)
    assert made[1:] == (2, False, ("g",), 3.0, (), "stop")
    assert Plan(()) == ((), 0, True, (), 0.0, (), "stop")


def three(max_failures: Any = 0, **more: Any) -> Any:
    return Plan(
        (Wave("canary", "canary", ("a",), ""), Wave("wave", "wave 1 of 1", ("b", "c"), "")),
        max_failures,
        **more,
    )


def test_a_failed_canary_stops_whatever_the_limit() -> None:
    assert judge(three(5), 0, outcomes(a="failed")) == (False, "the canary failed: a")


def test_an_unreachable_canary_counts_or_proves_nothing() -> None:
    assert not judge(three(5), 0, outcomes(a="unreachable")).go_on
    lenient = judge(three(5, count_unreachable=False), 0, outcomes(a="unreachable"))
    assert lenient == (False, "the canary proved nothing: a: unreachable")
    reasoned = {"a": Outcome("a", "unreachable", reason="no route to host")}
    lenient = judge(three(5, count_unreachable=False), 0, reasoned)
    assert lenient == (False, "the canary proved nothing: a: no route to host")


def test_unreachable_nodes_count_unless_said() -> None:
    seen = outcomes(a="ok", b="unreachable", c="ok")
    assert not judge(three(), 1, seen).go_on
    assert judge(three(count_unreachable=False), 1, seen).go_on
    assert judge(three(1), 1, seen).go_on


def test_a_changed_host_key_always_counts() -> None:
    assert not judge(three(count_unreachable=False), 1, outcomes(a="ok", b="host-key-changed", c="ok")).go_on


def test_a_skipped_node_is_no_failure() -> None:
    assert judge(three(), 1, outcomes(a="ok", b="skipped", c="ok")).go_on


def test_a_cancelled_wave_stops() -> None:
    assert judge(three(), 1, outcomes(a="ok", b="cancelled", c="ok")) == (False, "cancelled")


def test_verdict_names_the_failed_nodes_of_its_wave() -> None:
    both = outcomes(a="ok", b="failed", c="timed-out")
    assert judge(three(1), 1, both) == (False, "2 failed, limit is 1: b and 1 more")
    reasoned = {**both, "b": Outcome("b", "failed", reason="exit code 3"), "c": Outcome("c", "ok")}
    assert judge(three(), 1, reasoned) == (False, "1 failed, limit is 0: b")
    earlier = three()._replace(waves=tuple(Wave("wave", node, (node,), "") for node in "abc"))
    seen = outcomes(a="failed", b="failed", c="ok")
    assert judge(earlier, 2, seen) == (False, "2 failed, limit is 0: a, b")


def test_verdict_of_a_good_wave_counts_what_succeeded() -> None:
    assert judge(three(1), 1, outcomes(a="ok", b="ok", c="failed")) == (True, "wave 1 of 1: 1 ok")
    assert judge(three(1), 1, outcomes(a="ok", b="ok")) == (True, "wave 1 of 1: 1 ok")


def test_canary_of_several_nodes_is_proved_by_one_of_them() -> None:
    made = three()._replace(waves=(Wave("canary", "canary", ("a", "b"), ""),))
    assert judge(made, 0, outcomes(a="skipped", b="ok")).go_on
    unproved = judge(made, 0, outcomes(a="skipped", b="skipped"))
    assert unproved == (False, "the canary proved nothing: a: skipped")
    assert judge(made, 0, {}) == (False, "the canary proved nothing: a: no outcome")
    assert judge(made, 0, outcomes(b="failed")) == (False, "the canary failed: b")


def test_cancelled_node_of_an_earlier_wave_does_not_stop_this_one() -> None:
    assert judge(three(), 1, outcomes(a="cancelled", b="ok", c="ok")).go_on


GROUPS = {"all": ("a", "b", "c"), "gpu": ("a", "b"), "core": ("b", "c")}


def test_the_strictest_of_several_groups_holds() -> None:
    section = Rollout(
        groups={
            "gpu": RolloutPart(
                waves=(Share(50, True),),
                max_failures=Share(2),
                canary=("a",),
                unreachable="ok",
                pause=10.0,
            ),
            "core": RolloutPart(
                waves=(Share(1), Share(10, True)),
                max_failures=Share(1),
                gate="true",
                last=("c",),
                at_once=1,
            ),
        }
    )
    merged = policy_for(section, GROUPS, ["a", "b", "c"], run=False)
    assert merged.canary == ("a",)
    assert merged.waves == (Share(1), Share(10, True))
    assert merged.max_failures == Share(1)
    assert merged.gates == ("true",)
    assert merged.count_unreachable
    assert merged.pause == 10
    assert merged.limits == (Limit(1, frozenset("bc"), "rollout.groups.core.at_once"),)
    assert policy_for(section, GROUPS, ["a"], run=False).max_failures == Share(2)


def test_a_run_takes_only_the_limits_unless_the_policy_says_run() -> None:
    section = Rollout(
        canary=("a",),
        groups={
            "gpu": RolloutPart(waves=(Share(1),), run=True),
            "core": RolloutPart(at_once=1, waves=(Share(1),)),
        },
    )
    assert policy_for(section, GROUPS, ["c"], run=True) == Policy(
        limits=(Limit(1, frozenset("bc"), "rollout.groups.core.at_once"),)
    )
    assert policy_for(section, GROUPS, ["a"], run=True) == Policy(waves=(Share(1),), staged=True)


def test_sizes_round_up_and_limits_round_down() -> None:
    assert (Share(25, True).size(5), Share(25, True).limit(5)) == (2, 1)
    assert (Share(10, True).size(5), Share(10, True).limit(5)) == (1, 0)
