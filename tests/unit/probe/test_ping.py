from __future__ import annotations

from stentor.fleet.model import Node
from stentor.outcome import Outcome, exit_code
from stentor.probe.ping import Ping, changes, judge, of_login, ping
from stentor.probe.places import PROXY, Place
from stentor.ssh.endpoint import Level
from stentor.ssh.reach import Reached

NODE = Node("prtr", "projector", ("10.0.0.2",))
DOWN = NODE._replace(state="down")
PLACE = Place(("10.0.0.2",), 22)


def seen(level: Level, reason: str = "") -> Reached:
    banner = "SSH-2.0-OpenSSH_9.2p1" if level == "up" else ""
    return Reached("0", level, "10.0.0.2", 0.25, banner, reason)


def test_up() -> None:
    found = judge(NODE, PLACE, seen("up"))
    assert (found.outcome.kind, found.state, found.detail) == ("ok", "up", "OpenSSH_9.2p1")


def test_refused_and_its_exit_code() -> None:
    found = judge(NODE, PLACE, seen("refused", "connection refused"))
    assert found.outcome == Outcome("prtr", "refused", reason="connection refused", seconds=0.25)
    assert exit_code([found.outcome]) == 4


def test_expected_down() -> None:
    found = judge(DOWN, PLACE, seen("unreachable", "no answer in 1 s"))
    assert (found.outcome.kind, found.level) == ("skipped", "unreachable")
    assert found.detail == "expected down: no answer in 1 s"
    assert exit_code([found.outcome]) == 0


def test_expected_down_and_up_all_the_same() -> None:
    assert judge(DOWN, PLACE, seen("up")).detail == "expected down; OpenSSH_9.2p1"


def test_behind_a_jump_host() -> None:
    found = judge(NODE, PLACE._replace(behind="crtr"), seen("up"))
    assert (found.state, found.outcome.kind) == ("behind crtr: up", "ok")
    found = judge(NODE, PLACE._replace(behind="crtr"), seen("refused", "connection refused"))
    assert (found.state, found.outcome.kind) == ("behind crtr: refused", "refused")


def test_nodes_which_cannot_be_knocked_at() -> None:
    nodes = [NODE, NODE._replace(alias="here")]
    places = {"prtr": Place((), 22, PROXY), "here": PLACE}
    found = {p.outcome.node: p for p in ping(nodes, places, connect_timeout=1, local="here")}
    assert found["here"].detail == "this machine"
    assert found["prtr"].outcome.kind == "skipped"
    assert found["prtr"].detail == "behind a ProxyCommand: only a login can tell"


def test_login() -> None:
    up = of_login(NODE, Outcome("prtr", "ok", 0, seconds=0.3))
    denied = of_login(NODE, Outcome("prtr", "denied", reason="Permission denied", hint="ssh-copy-id prtr"))
    assert (up.state, up.detail) == ("up", "a shell answered")
    assert (denied.state, denied.detail, denied.outcome.hint) == (
        "denied",
        "Permission denied",
        "ssh-copy-id prtr",
    )


def test_changes() -> None:
    def at(level: Level, reason: str = "") -> Ping:
        return judge(NODE, PLACE, seen(level, reason))

    assert changes({}, [at("up")]) == ["prtr: up (OpenSSH_9.2p1)"]
    assert changes({"prtr": at("up")}, [at("up")]) == []
    assert changes({"prtr": at("up")}, [at("refused", "connection refused")]) == [
        "prtr: up -> refused (connection refused)"
    ]
    assert changes({"prtr": at("refused", "a")}, [at("refused", "b")]) == []
