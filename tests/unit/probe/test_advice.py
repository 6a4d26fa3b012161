"""What ssh_config says for an address and a node does not get; ssh itself is the judge."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.probe.advice import Advice, advice, compare, read_files, rejected
from stentor.ssh.rundir import path_text
from stentor.ssh.target import config_argv, parse_config

BLOCKS = """
Host 10.0.*
  ProxyJump bastion.example
  User admin
  IdentityFile ~/.ssh/aws
Host mybox
  HostName 198.51.100.20
  User pi
  Port 2200
Host *.corp
  User corp
"""
APP = Node("app1", "app1", ("10.0.3.4",))
WEB = Node("web1", "web1", ("mybox",))
DB = Node("db1", "db1", ("db.corp",))


def fleet_of(tmp_path: Path, text: str, *nodes: Node) -> Fleet:
    config = tmp_path / "config"
    config.write_text(text)
    return Fleet("/f", {node.alias: node for node in nodes}, {}, str(config))


def told(fleet: Fleet) -> list[Advice]:
    return advice(fleet, fleet.nodes.values(), {"PATH": "/usr/bin:/bin"})


def made(fleet: Fleet, node: Node) -> dict[str, str]:
    done = subprocess.run(config_argv(fleet, node), capture_output=True, text=True, check=True)
    return parse_config(done.stdout)[0]


def test_blocks_of_the_address_apply_to_the_node(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, BLOCKS, APP, DB)
    app, db = made(fleet, APP), made(fleet, DB)
    assert {key: app[key] for key in ("hostname", "user", "port", "proxyjump", "identityfile")} == {
        "hostname": "10.0.3.4",
        "user": "admin",
        "port": "22",
        "proxyjump": "bastion.example",
        "identityfile": "~/.ssh/aws",
    }
    assert (db["hostname"], db["user"]) == ("db.corp", "corp")
    assert told(fleet) == []


def test_blocks_of_the_alias_come_first(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, f"Host app1\n  User me\n  HostKeyAlias own\n{BLOCKS}", APP)
    app = made(fleet, APP)
    assert (app["user"], app["hostkeyalias"], app["proxyjump"]) == ("me", "own", "bastion.example")
    assert told(fleet) == [
        Advice(
            "app1",
            "ssh_config says for 10.0.3.4: user admin; for app1 something comes before that: user me",
            "name app1 in the Host line that means 10.0.3.4",
        )
    ]


def test_what_holds_for_all_hosts_can_hide_a_block(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, f"{BLOCKS}Host *\n  User last\n  Port 2222\n", APP)
    assert [one.what for one in told(fleet)] == [
        "ssh_config says for 10.0.3.4: user admin; for app1 something comes before that: user last"
    ]
    named = fleet_of(tmp_path, f"{BLOCKS.replace('10.0.*', '10.0.* app1')}Host *\n  User last\n", APP)
    assert told(named) == []


def test_an_address_that_is_a_name_of_ssh_config(tmp_path: Path) -> None:
    fleet = fleet_of(tmp_path, BLOCKS, WEB)
    assert [made(fleet, WEB)[key] for key in ("user", "port")] == ["pi", "2200"]
    (one,) = told(fleet)
    assert (
        one.what
        == "its address mybox is a name of ssh_config, which leads to 198.51.100.20; here it does not"
    )
    assert one.hint == "write 'address: 198.51.100.20', or call the node mybox, without address"


@pytest.mark.parametrize(
    ("text", "nodes", "circle"),
    [
        (
            "Host bastion\n  HostName 192.0.2.1\nHost *\n  ProxyJump bastion\n",
            [APP],
            "bastion would jump through itself: bastion -> bastion",
        ),
        ("Host *\n  ProxyJump bastion\n", [APP], "bastion would jump through itself: bastion -> bastion"),
        ("Host bastion\n  ProxyJump none\nHost *\n  ProxyJump bastion\n", [APP], ""),
        (
            "Host a\n  ProxyJump b\nHost b\n  ProxyJump me@a:22\n",
            [APP],
            "b would jump through itself: b -> a -> b",
        ),
        (
            "Host out\n  ProxyJump out\n",
            [APP._replace(jump="me@out")],
            "out would jump through itself: out -> out",
        ),
    ],
)
def test_a_jump_host_that_would_jump_through_itself(
    tmp_path: Path, text: str, nodes: list[Node], circle: str
) -> None:
    found = [one.what for one in told(fleet_of(tmp_path, text, *nodes)) if "itself" in one.what]
    assert found == ([circle] if circle else [])


def test_only_nodes_that_a_host_line_means_are_asked_about(tmp_path: Path) -> None:
    many = [Node(f"n{number}", f"n{number}", (f"10.9.0.{number}",)) for number in range(200)]
    fleet = fleet_of(tmp_path, BLOCKS, *many, APP)
    asked: list[Sequence[str]] = []

    def ask(argvs: Sequence[Sequence[str]]) -> list[str]:
        asked.extend(argvs)
        return [subprocess.run(argv, capture_output=True, text=True).stderr for argv in argvs]

    advice(fleet, fleet.nodes.values(), {}, ask)
    assert len(asked) < 6


def test_without_ssh_nothing_is_told() -> None:
    assert advice(Fleet("/f", {"app1": APP}, {}), [APP], {"PATH": "/nowhere"}) == []
    assert advice(Fleet("/f", {}, {}), [], {}) == []


def test_reading_what_files_say(tmp_path: Path) -> None:
    text = "Host * a\nHost *\nMatch originalhost 10.*,x exec true\nProxyJump me@b:1,c\nProxyJump none\n"
    found = read_files([text])
    assert found.hosts == [("*", "a"), ("10.*", "x")]
    assert found.jumps == ["me@b:1"]
    assert path_text(str(tmp_path)) == ""


def test_a_value_that_adds_up_is_compared_by_its_parts() -> None:
    same = "identityfile a\nidentityfile b\nhostname 10.0.3.4\n"
    assert compare("app1", "10.0.3.4", same, "identityfile b\nhostname 10.0.3.4\nhost 10.0.3.4\n") == []
    assert compare("app1", "10.0.3.4", "hostname 10.0.3.4\n", same)[0].what == (
        "ssh_config says for 10.0.3.4: identityfile a, identityfile b; for app1 something comes before that"
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Host x\n  Port abc\nBogus 1\n", [(2, "Bad port 'abc'."), (3, "Bad configuration option: bogus")]),
        ("Match host x\n  Include\n", [(2, 'no argument after keyword "include"')]),
        ("Match nonsense x\n", [(1, "Bad Match condition (Unsupported Match attribute nonsense)")]),
        ("ProxyJump none\nHost app1\n", []),
        ("Host *\n  ProxyJump out\n", []),  # a circle, which is said as such
    ],
)
def test_what_ssh_rejects_is_said_in_its_words(
    tmp_path: Path, text: str, found: list[tuple[int, str]]
) -> None:
    fleet = fleet_of(tmp_path, text, APP)
    faults = rejected(fleet, {"PATH": "/usr/bin:/bin"})
    assert [(one.line, one.what) for one in faults] == found
    assert {one.file for one in faults} <= {fleet.ssh_config}


def test_without_ssh_nothing_is_rejected() -> None:
    assert rejected(Fleet("/f", {"app1": APP}, {}), {"PATH": "/nowhere"}) == []
    assert rejected(Fleet("/f", {}, {}), {}) == []
    said = "Bad owner or permissions on /home/me/.ssh/config\n"
    (one,) = rejected(Fleet("/f", {"app1": APP}, {}), {}, lambda _: [f"debug1: x\n{said}"])
    assert (one.where, one.what) == ("ssh", said.strip())
