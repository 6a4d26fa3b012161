from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.probe.places import PROXY, Place, places, run_programs


def fleet(*nodes: Node, root: str = "/nowhere") -> Fleet:
    return Fleet(root, {node.alias: node for node in nodes}, {"all": tuple(n.alias for n in nodes)})


class Ssh:
    """Answers as ``ssh -G -v`` does, and counts its questions."""

    def __init__(self, files: Sequence[str] = (), **hosts: str) -> None:
        self.files = files
        self.hosts = hosts
        self.asked: list[str] = []

    def __call__(self, argvs: Sequence[Sequence[str]]) -> list[str]:
        return [self.one(list(argv)) for argv in argvs]

    def one(self, argv: list[str]) -> str:
        host = argv[-1]
        self.asked.append(host)
        settings = {"hostname": host, "port": "22", "user": "me"}
        for word in argv:
            if word.startswith("HostName="):
                settings["hostname"] = word.removeprefix("HostName=")
        for pair in self.hosts.get(host, "").split("|"):
            if pair:
                key, value = pair.split(" ", 1)
                settings[key] = value
        reading = "".join(f"debug1: Reading configuration data {path}\n" for path in self.files)
        return reading + "".join(f"{key} {value}\n" for key, value in settings.items())


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_RUNTIME_DIR": str(tmp_path), "HOME": str(tmp_path)}


def test_addresses_of_the_fleet_cost_one_question_in_all(environ: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host *\n  ForwardAgent no\n  # ProxyJump x\n")
    ssh = Ssh([str(config)])
    nodes = [Node(f"n{i}", f"n{i}", (f"10.0.0.{i}",)) for i in range(50)]
    found = places(fleet(*nodes), nodes, environ=environ, ask=ssh)
    assert found["n7"] == Place(("10.0.0.7",), 22)
    assert len(ssh.asked) == 1


def test_a_port_in_the_fleet_needs_none_of_the_config(environ: dict[str, str], tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("Host *\n  Port 2222\n")
    ssh = Ssh([str(config)], n1="port 2222")
    nodes = [Node("n0", "n0", ("10.0.0.1",), port=22), Node("n1", "n1", ("10.0.0.2",))]
    found = places(fleet(*nodes), nodes, environ=environ, ask=ssh)
    assert found == {"n0": Place(("10.0.0.1",), 22), "n1": Place(("10.0.0.2",), 2222)}
    assert ssh.asked == ["n0", "n1"]


@pytest.mark.parametrize("line", ["Port 2222", "\tproxyjump=gate", " PROXYCOMMAND nc %h %p"])
def test_a_config_that_speaks_of_ways_is_asked(environ: dict[str, str], tmp_path: Path, line: str) -> None:
    config = tmp_path / "config"
    config.write_text(f"Host n*\n{line}\n")
    ssh = Ssh([str(config)], n1="port 2222", n2="proxycommand nc x 22", n3="proxyjump me@gate:2200,other")
    ssh.hosts["gate"] = "hostname 10.9.9.9"
    nodes = [Node(f"n{i}", f"n{i}", (f"10.0.0.{i}",)) for i in range(4)]
    found = places(fleet(*nodes), nodes, environ=environ, ask=ssh)
    assert found["n0"] == Place(("10.0.0.0",), 22)
    assert found["n1"] == Place(("10.0.0.1",), 2222)
    assert found["n2"] == Place((), 22, PROXY)
    assert found["n3"] == Place(("10.9.9.9",), 22, "gate")


def test_an_alias_alone_is_looked_up_in_ssh_config(environ: dict[str, str]) -> None:
    node = Node("crtr", "crtr")
    found = places(fleet(node), [node], environ=environ, ask=Ssh(crtr="hostname 10.0.0.1|port 2022"))
    assert found["crtr"] == Place(("10.0.0.1",), 2022)


def test_jump_hosts_are_followed_through_the_fleet(environ: dict[str, str]) -> None:
    gate = Node("gate", "gate", ("10.0.0.1",), port=2222)
    inner = Node("inner", "inner", ("192.168.0.2",), jump="gate")
    inmost = Node("inmost", "inmost", ("192.168.1.2",), jump="inner")
    strange = Node("strange", "strange", ("x",), jump="me@[fe80::1]:22,gate")
    all_nodes = fleet(gate, inner, inmost, strange)
    found = places(all_nodes, all_nodes.nodes.values(), environ=environ, ask=Ssh())
    place = Place(("10.0.0.1",), 2222, "gate")
    assert (found["inner"], found["inmost"]) == (place, place)
    assert found["strange"] == Place(("fe80::1",), 22, "fe80::1")


def test_jump_hosts_in_a_circle_end(environ: dict[str, str]) -> None:
    one = Node("one", "one", ("10.0.0.1",), jump="two")
    two = Node("two", "two", ("10.0.0.2",), jump="one")
    found = places(fleet(one, two), [one, two], environ=environ, ask=Ssh())
    assert set(found) == {"one", "two"}


def test_without_ssh_the_fleet_is_all_there_is(environ: dict[str, str]) -> None:
    nodes = [Node("a", "a", ("10.0.0.1",)), Node("b", "b")]
    found = places(fleet(*nodes), nodes, environ=environ, ask=lambda argvs: [""] * len(argvs))
    assert found == {"a": Place(("10.0.0.1",), 22), "b": Place(("b",), 22)}


def test_programs() -> None:
    argvs = [["sh", "-c", f"echo {i}; echo e >&2"] for i in range(10)]
    assert run_programs(argvs, {"PATH": "/usr/bin:/bin"}) == [f"{i}\ne\n" for i in range(10)]
    assert run_programs([["no-such-program-here"]], {"PATH": ""}) == [""]
