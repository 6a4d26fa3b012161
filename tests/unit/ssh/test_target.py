"""The words for ssh, and what it makes of them."""

from __future__ import annotations

import subprocess

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.ssh.target import (
    Target,
    by_address,
    config_argv,
    destination,
    first_hop,
    login_argv,
    master_argv,
    parse_config,
    question_argv,
    target_of,
)

GATE = Node("gate", "gateway", ("192.0.2.1",), user="me", port=2222)
INNER = Node("inner", "inner", ("10.0.0.5", "10.1.0.5"), jump="gate")
DEEP = Node("deep", "deep", ("10.9.0.9",), jump="inner")
BARE = Node("bare", "bare")
FLEET = Fleet("/fleet", {n.alias: n for n in (GATE, INNER, DEEP, BARE)}, {}, "/fleet/ssh_config")


def test_the_alias_alone_is_enough() -> None:
    assert destination(FLEET._replace(ssh_config=None), BARE) == ["--", "bare"]


def test_what_the_fleet_says_comes_before_the_users_configuration() -> None:
    options = [
        "-o",
        "HostName=192.0.2.1",
        "-o",
        "CanonicalizeHostname=yes",
        "-o",
        "User=me",
        "-o",
        "Port=2222",
    ]
    assert destination(FLEET, GATE) == ["-F", "/fleet/ssh_config", *options, "--", "gate"]
    assert "User=root" in destination(FLEET, GATE, user="root")
    assert "HostName=10.1.0.5" in destination(FLEET, INNER, address="10.1.0.5")


def test_a_jump_host_of_the_fleet_is_reached_by_its_name_as_it_is_itself() -> None:
    gate = f"ssh {' '.join(destination(FLEET, GATE)[:-2])} -W '[%h]:%p' -- gate"
    assert destination(FLEET, INNER)[-3] == f"ProxyCommand={gate}"
    (deep,) = [word for word in destination(FLEET, DEEP) if word.startswith("Proxy")]
    assert " -o HostName=10.0.0.5 -o CanonicalizeHostname=yes -o 'ProxyCommand=ssh " in deep
    assert deep.endswith("-- inner")
    assert "ProxyJump=bastion.example" in destination(FLEET, INNER._replace(jump="bastion.example"))


def test_a_chain_of_jump_hosts() -> None:
    bare_last = INNER._replace(jump="me@outside:2200,bare")
    assert "ProxyCommand=ssh -F /fleet/ssh_config -o ProxyJump=me@outside:2200 -W '[%h]:%p' -- bare" in (
        destination(FLEET, bare_last)
    )
    assert "ProxyJump=me@192.0.2.1:2222,outside" in destination(FLEET, INNER._replace(jump="gate,outside"))


def test_a_jump_host_of_the_fleet_by_another_login() -> None:
    gate = f"ssh {' '.join(destination(FLEET, GATE, user='root')[:-2])} -W '[%h]:%p' -- gate"
    for jump in ("root@gate", "ssh://root@gate"):
        assert destination(FLEET, INNER._replace(jump=jump))[-3] == f"ProxyCommand={gate}"
    (other,) = [w for w in destination(FLEET, INNER._replace(jump="gate:22")) if w.startswith("Proxy")]
    assert "-o User=me -o Port=22 -W" in other
    assert "ProxyJump=root@192.0.2.1:22,outside" in destination(
        FLEET, INNER._replace(jump="root@gate:22,outside")
    )
    assert first_hop(FLEET, INNER._replace(jump="root@gate:22"), Target("x", 22, "me", "proxy")) == "gate"


@pytest.mark.parametrize("user", ["CORP\\alice", "a\\\\b", "alice#corp", "alice@root#corp@target"])
def test_a_login_name_reaches_ssh_as_it_is_written(user: str) -> None:
    argv = config_argv(FLEET._replace(ssh_config="/dev/null"), BARE._replace(user=user))
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert parse_config(said)[0]["user"] == user


def test_an_address_with_a_zone_is_no_token_to_ssh() -> None:
    zoned = GATE._replace(addresses=("fe80::1%eth0",))
    assert "HostName=fe80::1%%eth0" in destination(FLEET, zoned)
    behind = FLEET._replace(nodes={**FLEET.nodes, "gate": zoned})
    assert "HostName=fe80::1%%%%eth0" in " ".join(destination(behind, INNER))
    assert "[fe80::1%%eth0]:2222" in " ".join(destination(behind, INNER._replace(jump="gate,outside")))


def test_by_address_is_the_same_without_the_name() -> None:
    assert by_address(FLEET, GATE, "192.0.2.1") == [
        *("-F", "/fleet/ssh_config", "-o", "User=me", "-o", "Port=2222", "--", "192.0.2.1")
    ]


def test_the_server_which_counts_a_login() -> None:
    plain, proxy = Target("10.0.0.5", 22, "me"), Target("10.0.0.5", 22, "me", via="proxy")
    assert first_hop(FLEET, BARE, plain) == "10.0.0.5"
    assert first_hop(FLEET, BARE, proxy) == "10.0.0.5"
    assert first_hop(FLEET, BARE, plain._replace(via="me@out:22,in")) == "me@out:22"
    assert first_hop(FLEET, INNER, proxy) == first_hop(FLEET, DEEP, proxy) == "gate"
    one, two = GATE._replace(jump="inner"), INNER._replace(jump="gate")
    assert first_hop(FLEET._replace(nodes={"gate": one, "inner": two}), one, proxy)


def test_how_often_and_how_loudly_ssh_tries_is_ours_to_say() -> None:
    target = Target("192.0.2.1", 22, "me", control="/run/s/abc")
    batch = master_argv(FLEET, GATE, target, connect_timeout=0.3, persist=60)
    why = question_argv(FLEET, GATE, connect_timeout=0.3)
    by_hand = master_argv(FLEET, GATE, target, connect_timeout=0.3, persist=60, interactive=True)
    for words in (batch, why, by_hand):
        assert "ConnectTimeout=1" in words and "ConnectionAttempts=1" in words
    assert "LogLevel=INFO" in batch and "LogLevel=INFO" in why
    assert "LogLevel=INFO" not in by_hand


def test_nodes_that_jump_through_each_other_do_not_loop() -> None:
    one = Node("one", "one", ("192.0.2.1",), jump="two")
    two = Node("two", "two", ("192.0.2.2",), jump="one")
    assert destination(Fleet("/f", {"one": one, "two": two}, {}), one)


def test_a_fresh_login_shares_nothing() -> None:
    words = login_argv(FLEET, GATE, fresh=True, control="/run/x")
    assert words[:5] == ["ssh", "-o", "ControlMaster=no", "-o", "ControlPath=none"]


def test_a_master_never_weakens_anything() -> None:
    said = "ssh_config has hostname x\nhostname 192.0.2.1\nport 2222\nuser me\nserveraliveinterval 0\n"
    target = target_of(parse_config(said)[0], "/run/s/abc")
    words = master_argv(FLEET, GATE, target, connect_timeout=3, persist=60)
    assert "BatchMode=yes" in words
    assert "ServerAliveInterval=15" in words
    assert not [
        word for word in words if "StrictHostKey" in word or "KexAlgorithms" in word or "KnownHosts" in word
    ]
    assert "BatchMode=yes" not in master_argv(
        FLEET, GATE, target, connect_timeout=3, persist=60, interactive=True
    )


def test_reading_what_ssh_says() -> None:
    said = (
        "OpenSSH_9.2p1 Debian-2\r\n"
        "debug1: Reading configuration data /home/me/.ssh/config\r\n"
        "debug1: /etc/ssh/ssh_config line 19: include /etc/ssh/ssh_config.d/*.conf matched no files\r\n"
        "debug1: Reading configuration data /etc/ssh/ssh_config\r\n"
        "user me\nhostname 192.0.2.7\nport 22\nproxyjump gate,inner\nforwardagent yes\n"
        "serveraliveinterval 30\ncontrolpath /home/me/.ssh/%C\n"
    )
    settings, files = parse_config(said)
    assert files == [
        "/home/me/.ssh/config",
        "/etc/ssh/ssh_config",
        "/etc/ssh/ssh_config.d",
        "/home/me/.ssh",
        "/etc/ssh",
    ]
    target = target_of(settings, "/run/ours")
    assert (target.hostname, target.port, target.user, target.via) == ("192.0.2.7", 22, "me", "gate,inner")
    assert target.agent and target.alive
    assert target_of({**settings, "proxyjump": "none", "proxycommand": "nc %h %p"}, "").via == "proxy"


def test_the_fleets_pins_are_read_beside_the_users_own_file() -> None:
    pinned = FLEET._replace(known_hosts="/my fleet/known_hosts")
    words = destination(pinned, GATE)
    (option,) = [word for word in words if "KnownHosts" in word]
    assert option.startswith('GlobalKnownHostsFile="/my fleet/known_hosts" /etc/ssh/ssh_known_hosts')
    assert not [word for word in words if "UserKnownHostsFile" in word or "StrictHostKey" in word]


@pytest.mark.parametrize("name", ['my "fleet"', "back\\slash", "it's", "a b"])
def test_ssh_reads_the_pins_whatever_their_folder_is_called(name: str) -> None:
    words = destination(FLEET._replace(ssh_config="", known_hosts=f"/{name}/known_hosts"), GATE)
    said = subprocess.run(["ssh", "-G", *words], capture_output=True, text=True, check=True).stdout
    (line,) = [line for line in said.splitlines() if line.startswith("globalknownhostsfile ")]
    assert line.startswith(f"globalknownhostsfile /{name}/known_hosts /etc/ssh/")


def test_a_gate_of_the_fleet_is_known_by_the_fleets_pins() -> None:
    pinned = FLEET._replace(known_hosts="/100%/known_hosts")
    (through,) = [word for word in destination(pinned, INNER) if word.startswith("Proxy")]
    assert through.startswith("ProxyCommand=ssh ") and through.endswith(" -W '[%h]:%p' -- gate")
    assert '"/100%%/known_hosts"' in through
    (deep,) = [word for word in destination(pinned, DEEP) if word.startswith("Proxy")]
    assert deep.count("ProxyCommand=") == 2
    assert "ProxyJump=bastion" in " ".join(destination(pinned, INNER._replace(jump="bastion")))


def test_gates_that_lead_through_each_other_come_to_an_end() -> None:
    one = Node("one", "one", ("192.0.2.1",), jump="two")
    two = Node("two", "two", ("192.0.2.2",), jump="one")
    assert destination(Fleet("/f", {"one": one, "two": two}, {}, known_hosts="/k"), one)
