"""Which services and nodes the words of a command name."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.api.fleet import Fleet
from stentor.api.operations import terms_of
from stentor.api.services import (
    Wanted,
    away,
    away_from_rollback,
    change_of,
    control_operation,
    deploy_operation,
    items,
    read,
    rollback_operation,
)
from stentor.errors import FleetError, SelectorError, UsageError
from stentor.outcome import Outcome
from stentor.services.change import WINDOW
from stentor.services.rollback import RollbackChange
from stentor.testing import FakeNodes, Reply

NODES = "nodes:\n  crtr: {address: 10.0.0.1}\n  prtr: {address: 10.0.0.2}\n"
SERVICES = """
services:
  docker: {node: "crtr,prtr", type: systemd}
  chat: {node: crtr, type: docker, image: "a:1", dependencies: [db]}
  db: {node: prtr, type: docker, image: "b:1", env_file: "secret:db.env"}
  old: {node: prtr}
"""


def fleet(place: Path, services: str = SERVICES) -> Fleet:
    (place / "nodes.yaml").write_text(NODES)
    if services:
        (place / "services.yaml").write_text(services)
    return Fleet.open(str(place), environ={"HOME": str(place), "XDG_STATE_HOME": str(place / "state")})


def test_words_are_services_or_selectors(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    services = read(opened)

    def named(*words: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        wanted = Wanted(opened, services, words)
        return wanted.names, wanted.nodes

    assert named() == ((), ("crtr", "prtr"))
    assert named("chat") == (("chat",), ("crtr",))
    assert named("docker") == (("docker",), ("crtr", "prtr"))
    assert named("docker", "prtr") == (("docker",), ("prtr",))
    assert named("@all") == ((), ("crtr", "prtr"))
    assert [one.name for one in Wanted(opened, services, ["prtr"]).of("prtr")] == ["docker", "db", "old"]


def test_services_of_retired_nodes_are_wanted_only_with_the_nodes_name(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    (tmp_path / "nodes.yaml").write_text(NODES.replace("10.0.0.2", "10.0.0.2, state: retired"))
    opened = Fleet.open(str(tmp_path), environ={"HOME": str(tmp_path)})
    services = read(opened)
    assert Wanted(opened, services).nodes == ("crtr",)
    assert Wanted(opened, services, ["docker"]).nodes == ("crtr",)
    assert Wanted(opened, services, ["db", "prtr"]).nodes == ("prtr",)
    with pytest.raises(UsageError, match="'db' is on prtr, which is retired") as raised:
        Wanted(opened, services, ["db"])
    assert raised.value.hint == "name the node, too: db prtr"


def test_a_word_that_is_neither_is_answered_with_what_was_meant(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    with pytest.raises(UsageError, match="'chta' is neither a service nor a node") as raised:
        Wanted(opened, read(opened), ["chta"])
    assert raised.value.hint == "did you mean 'chat'?"
    with pytest.raises(SelectorError, match="group 'nope'"):
        Wanted(opened, read(opened), ["@nope"])


def test_without_services_it_is_said_where_they_are_written(tmp_path: Path) -> None:
    with pytest.raises(FleetError, match="there are no services") as raised:
        read(fleet(tmp_path, ""))
    assert raised.value.where == str(tmp_path / "services.yaml")


def test_a_secret_that_is_missing_stops_a_deploy_and_not_a_look(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    wanted = Wanted(opened, read(opened))
    assert {alias: [one.name for one in made] for alias, made in items(wanted, lenient=True).items()} == {
        "crtr": ["docker", "chat"],
        "prtr": ["docker"],
    }
    with pytest.raises(FleetError, match=r"there is no secret 'db\.env'"):
        items(wanted)


def test_nodes_are_changed_in_the_order_of_their_needs(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/db.env").write_text("A=1\n")
    change = change_of(Wanted(opened, read(opened)))
    assert change.nodes == ("prtr", "crtr")
    assert change.ordered
    assert not change_of(Wanted(opened, read(opened), ["docker", "prtr"])).ordered


def test_a_selection_has_the_services_of_its_nodes(tmp_path: Path) -> None:
    said = {
        "status": "unit Id=docker.service\nunit ActiveState=active\nunit SubState=running\nunit ",
        "look": "seen 1",
    }

    def answer(alias: str, command: str) -> Reply:
        verb = next((verb for verb in ("status", "look") if f" {verb}" in command), "")
        return Reply(f"stentor-services 1 {verb}\n{said.get(verb, '')}\nend 0\n".encode())

    opened = Fleet.open(fleet(tmp_path).data.root, environ=fleet(tmp_path).environ, engine=FakeNodes(answer))
    chosen = opened.select("prtr").services
    found = chosen.status("docker")
    assert [(one.name, one.state) for one in found["prtr"].services] == [("docker", "active (running)")]
    assert [*found] == ["prtr"]
    assert chosen.plan("docker")["prtr"].changes == ()
    assert len(chosen.deploy("docker")) == 0
    with pytest.raises(UsageError, match="there is no service 'dokcer'") as raised:
        chosen.restart("dokcer")
    assert raised.value.hint == "did you mean 'docker'?"


def test_waves_take_along_what_they_need(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    wanted = Wanted(opened, read(opened), ["docker", "chat", "old"])
    change = change_of(wanted)
    made = deploy_operation(wanted, change, change.nodes, terms_of(canary="crtr"))
    assert made.plan is not None
    assert [wave.nodes for wave in made.plan.waves] == [("crtr",), ("prtr",)]
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/db.env").write_text("A=1\n")
    wanted = Wanted(opened, read(opened))
    change = change_of(wanted)
    made = deploy_operation(wanted, change, change.nodes, terms_of(canary="crtr"))
    assert made.plan is not None
    assert [wave.nodes for wave in made.plan.waves] == [("crtr", "prtr")]
    assert made.plan.reasons[-1] == "prtr comes along in canary: crtr needs it"


def test_the_command_for_the_rest_of_a_deploy_has_its_options(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    wanted = Wanted(opened, read(opened), ["docker"])
    for window, said in [(60, "--deadline 60s --waves 1 docker prtr"), (WINDOW, "--waves 1 docker prtr")]:
        change = change_of(wanted, window=window)
        made = deploy_operation(wanted, change, change.nodes, terms_of(waves=1), words="docker")
        assert made.request.rest(["prtr"], 1) == f"stentor services deploy {said}"


def test_what_finishes_an_operation_names_the_nodes_that_are_left(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    wanted = Wanted(opened, read(opened), ["docker", "@all"])
    change = change_of(wanted, window=60)
    deploy = deploy_operation(wanted, change, ["crtr", "prtr"], words="docker @all")
    assert deploy.request.rest(["prtr"], 7) == "stentor services deploy --deadline 60s docker prtr"
    restart = control_operation(wanted, "restart", words="docker @all")
    assert restart.request.rest(["prtr"], 7) == "stentor services restart docker prtr"
    back = rollback_operation(opened, RollbackChange("20250101T000000-1"), ["crtr", "prtr"])
    assert back.request.rest(["prtr"], 7) == "stentor services rollback --to 20250101T000000-1 prtr"


def test_nodes_that_were_down_are_told_of_with_the_next_step(tmp_path: Path) -> None:
    opened = fleet(tmp_path)
    wanted = Wanted(opened, read(opened), ["docker"])
    change = change_of(wanted)
    change.looked = {
        "crtr": Outcome("crtr", "unreachable", reason="no answer in 5 s"),
        "prtr": Outcome("prtr", "denied", reason="permission denied", hint="add the key"),
    }
    assert [one.hint for one in away(wanted, change)] == [
        "when back: stentor services deploy docker crtr",
        "add the key",
    ]
    # A webhook's deploy names nodes that are down among those that are to be changed.
    request = deploy_operation(wanted, change, ["crtr", "prtr"]).request
    assert request.nodes == ("crtr", "prtr")
    back = RollbackChange()
    back.looked = {"crtr": Outcome("crtr", "skipped", reason="expected down")}
    assert [one.hint for one in away_from_rollback(back)] == ["when back: stentor services rollback crtr"]
