"""What a deploy acts on, and in which order."""

from __future__ import annotations

import pytest

from stentor.fleet.service import Service
from stentor.fleet.services import Services, Site
from stentor.rollout.plan import Plan, Wave
from stentor.services.parts import chosen, needed, phases, sites_of, with_needs


def service(
    name: str, *nodes: str, needs: tuple[str, ...] = (), kind: str = "systemd"
) -> tuple[str, Service]:
    return name, Service(name, kind, nodes, needs=needs)


def test_services_are_in_the_order_in_which_they_need_each_other() -> None:
    services = Services(
        services=dict(
            [service("a", "x", needs=("b",)), service("b", "x", needs=("c",)), service("c", "x", "y"),
             service("free", "x", kind="")]
        )
    )  # fmt: skip
    assert chosen(services, (), ("x", "y")) == {"x": ["c", "b", "a"], "y": ["c"]}
    assert chosen(services, ("a",), ("x", "y")) == {"x": ["a"]}
    assert chosen(services, (), ("y",)) == {"y": ["c"]}


def test_nodes_come_after_those_that_they_need() -> None:
    services = Services(
        services=dict(
            [service("web", "x", needs=("db",)), service("db", "y"), service("docker", "x", "y", "z")]
        )
    )
    assert phases(needed(services, (), ["x", "y", "z"])) == [["y", "z"], ["x"]]


def test_what_runs_everywhere_is_needed_of_the_own_node_only() -> None:
    services = Services(services=dict([service("docker", "x", "y"), service("a", "x", needs=("docker",))]))
    assert phases(needed(services, (), ["x", "y"])) == [["x", "y"]]


def test_nodes_that_need_each_other_are_changed_together() -> None:
    services = Services(
        services=dict([service("a", "x", needs=("b",)), service("b", "y", needs=("c",)), service("c", "x")])
    )
    assert phases(needed(services, (), ["x", "y"])) == [["x", "y"]]


def test_the_gateway_comes_after_its_backends() -> None:
    services = Services(
        (Site("w.lan", "standard", service="web"),),
        services=dict([service("web", "y")]),
        gateway_nodes=("x",),
    )
    assert phases(needed(services, (), ["x", "y"])) == [["y"], ["x"]]


def test_names_are_proved_whose_service_is_deployed_and_runs() -> None:
    sites = (
        Site("w.lan", "standard", service="web"),
        Site("o.lan", "standard", service="off"),
        Site("d.lan", "standard"),
        Site("a.lan", "standard", service="away"),
    )
    found = dict([service("web", "x"), service("off", "x"), service("away", "z")])
    found["off"] = found["off"]._replace(state="off")
    services = Services(sites, services=found)
    assert [site.fqdn for site in sites_of(services, (), ("x", "y"))] == ["w.lan", "d.lan"]
    assert [site.fqdn for site in sites_of(services, ("web",), ("x",))] == ["w.lan"]


@pytest.mark.parametrize(
    ("canary", "expected"),
    [
        (("x",), [("x", "y"), ("z",)]),
        (("y",), [("y",), ("x", "z")]),
        (("z",), [("z",), ("x", "y")]),
    ],
)
def test_what_a_wave_needs_comes_along(canary: tuple[str, ...], expected: list[tuple[str, ...]]) -> None:
    others = tuple(node for node in "xyz" if node not in canary)
    made = Plan((Wave("canary", "canary", canary, ""), Wave("wave", "wave 1 of 1", others, "")))
    found = with_needs(made, {"x": {"y"}, "y": set(), "z": set()})
    assert [wave.nodes for wave in found.waves] == expected
    assert found.reasons == (("y comes along in canary: x needs it",) if canary == ("x",) else ())
