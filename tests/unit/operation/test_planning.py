"""In which waves an operation goes: the caller's options over the policy."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.errors import Refused, UsageError
from stentor.fleet.model import Fleet, Node
from stentor.fleet.policy import Policy
from stentor.fleet.policy.sections import Rollout, RolloutPart
from stentor.fleet.policy.values import Share
from stentor.operation.planning import RolloutOptions, plan_for

NAMES = tuple("abcd")
NODES = {name: Node(name, "") for name in NAMES}


def planned(options: RolloutOptions = RolloutOptions(), rollout: Rollout | None = None, **more: Any) -> Any:  # noqa: B008
    policy = Policy() if rollout is None else Policy(rollout=rollout)
    fleet = Fleet("/f", NODES, {"all": NAMES}, policy=policy)

    def select(text: str) -> list[Node]:
        return [NODES[name] for name in text.split(",")]

    return plan_for(fleet, list(NODES.values()), options, select=select, **more)


def waves(plan: Any) -> list[tuple[str, ...]]:
    return [wave.nodes for wave in plan.waves]


def test_ordinary_run_goes_to_all_at_once() -> None:
    assert planned(run=True) is None


def test_options_ask_for_waves() -> None:
    plan = planned(RolloutOptions(canary="b", waves="2", last="d", pause="2m"), run=True)
    assert waves(plan) == [("b",), ("a", "c"), ("d",)]
    assert plan.pause == 120.0


def test_policy_asks_for_waves_of_a_run_only_where_it_says_so() -> None:
    assert planned(rollout=Rollout(canary=("a",)), run=True) is None
    assert waves(planned(rollout=Rollout(canary=("a",), run=True), run=True))[0] == ("a",)


def test_asking_for_waves_brings_the_rest_of_the_policy() -> None:
    plan = planned(RolloutOptions(waves="2"), Rollout(canary=("c",), gate="./ok"), run=True)
    assert waves(plan)[0] == ("c",)
    assert plan.gates == ("./ok",)


def test_change_that_can_lock_out_has_a_canary() -> None:
    plan = planned(can_lock_out=True)
    assert plan.waves[0].kind == "canary"


def test_options_replace_the_policy() -> None:
    rollout = Rollout(canary=("a",), gate="./old", unreachable="fail")
    plan = planned(
        RolloutOptions(gates=("./new",), max_failures="1", unreachable="ok", on_failure="revert"), rollout
    )
    assert (plan.gates, plan.max_failures) == (("./new",), 1)
    assert (plan.count_unreachable, plan.on_failure) == (False, "revert")


@pytest.mark.parametrize("option", ["canary", "last"])
def test_nodes_outside_the_selection_are_an_error(option: str) -> None:
    fleet = Fleet("/f", NODES, {"all": NAMES})
    options: dict[str, Any] = {option: "d"}
    with pytest.raises(UsageError, match=f"^--{option} d: not among the selected nodes"):
        plan_for(fleet, [NODES["a"]], RolloutOptions(**options), select=lambda _: [NODES["d"]])


@pytest.mark.parametrize("options", [{"waves": "x"}, {"max_failures": "many"}, {"pause": "soon"}])
def test_malformed_options_are_an_error(options: dict[str, Any]) -> None:
    (name,) = options
    with pytest.raises(UsageError, match=f"^--{name.replace('_', '-')}"):
        planned(RolloutOptions(**options))


def test_nodes_that_go_last_do_so_in_every_run_that_goes_in_waves() -> None:
    staged = {"one": RolloutPart(run=True, waves=(Share(1),))}
    plan = plan_for(
        Fleet(
            "/f",
            NODES,
            {"all": NAMES, "one": ("a",)},
            policy=Policy(rollout=Rollout(last=("b",), groups=staged)),
        ),
        list(NODES.values()),
        select=lambda _: [],
        run=True,
    )
    assert plan is not None
    assert waves(plan) == [("a",), ("c",), ("d",), ("b",)]


def test_run_without_waves_is_refused_by_a_limit_whoever_goes_last() -> None:
    with pytest.raises(Refused, match=r"rollout\.at_once allows 1"):
        planned(rollout=Rollout(last=("b",), at_once=1), run=True)


def test_ordinary_change_has_no_canary_and_one_wave() -> None:
    assert [wave.kind for wave in planned().waves] == ["wave"]


def test_unreachable_nodes_count_where_the_options_say_so() -> None:
    assert planned(RolloutOptions(unreachable="fail"), Rollout(unreachable="ok")).count_unreachable


def test_change_follows_the_policy_where_a_run_does_not() -> None:
    assert waves(planned(rollout=Rollout(canary=("c",))))[0] == ("c",)


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("--canary", RolloutOptions(canary="")),
        ("--waves", RolloutOptions(waves="")),
        ("--last", RolloutOptions(last="")),
        ("--gate", RolloutOptions(gates=("true", ""))),
    ],
)
def test_empty_options_are_an_error(name: str, options: RolloutOptions) -> None:
    with pytest.raises(UsageError, match=f"^{name}"):
        planned(options)


def test_nodes_that_can_be_named_are_named_and_of_many_the_first_eight() -> None:
    nodes = {f"n{number}": Node(f"n{number}", "") for number in range(9)}
    fleet = Fleet("/f", {**nodes, **NODES}, {"all": tuple(nodes)})
    with pytest.raises(UsageError, match="not among the selected nodes") as caught:
        plan_for(fleet, list(nodes.values()), RolloutOptions(canary="a"), select=lambda name: [NODES[name]])
    assert caught.value.hint == "name one of " + ", ".join(list(nodes)[:8])
