"""The questions that are asked about a node, and the control path that follows from the answers."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.fleet.openssh import Hop
from stentor.ssh.identity import Answer, interview, jump_argv, resolved, ssh_of

NODE = Node("nas", "nas")
FLEET = Fleet("/fleet", {"nas": NODE}, {}, "/fleet/ssh_config")
READ = "debug1: Reading configuration data /fleet/ssh_config\r\n"
SAYS = f"{READ}user me\nhostname 10.9.0.5\nport 22\nidentityfile ~/.ssh/a\nidentityfile ~/.ssh/b\n"
GATE = f"{READ}user me\nhostname 172.31.1.2\nport 22\n"


def answer(said: str, hops: Mapping[str, str] = {}, node: Node = NODE) -> Answer:
    """Lead the interview: the first answer, then those of hops by the last word of the question."""
    questions = interview(FLEET, node, "/run")
    next(questions)
    try:
        while True:
            argv = questions.send(said)
            said = hops[argv[-1]]
    except StopIteration as end:
        found: Answer = end.value
        return found


def control(said: str, hops: Mapping[str, str] = {}, node: Node = NODE) -> str:
    target = answer(said, hops, node).target
    assert target is not None
    assert len(target.control) == len("/run/") + 40
    return target.control


@pytest.mark.parametrize(
    "line",
    [
        "hostkeyalias other\n",
        "identityfile ~/.ssh/c\n",
        "identityagent none\n",
        "bindaddress 10.0.0.9\n",
        "proxycommand nc -x proxy %h %p\n",
        "setenv A=b\n",
    ],
)
def test_anything_of_the_endpoint_makes_two(line: str) -> None:
    assert control(SAYS) != control(SAYS + line)


@pytest.mark.parametrize("line", ["host again\n", "controlpath /x\n", "globalknownhostsfile /pins\n"])
def test_what_decides_nothing_makes_no_two(line: str) -> None:
    assert control(SAYS) == control(SAYS + line)


def test_address_port_and_user_count() -> None:
    found = {
        control(SAYS.replace(*change))
        for change in ((" 22", " 23"), ("user me", "user root"), ("0.5", "0.6"))
    }
    assert len(found | {control(SAYS)}) == 4


def test_the_way_counts_as_ssh_makes_it() -> None:
    one, two = SAYS + "proxyjump gatea\n", SAYS + "proxyjump gateb\n"
    hops = {"gatea": GATE, "gateb": GATE}
    assert len({control(SAYS), control(one, hops), control(two, hops)}) == 3
    moved = {"gatea": GATE.replace("1.2", "9.9")}
    assert control(one, hops) != control(one, moved)
    deeper = {"gatea": GATE + "proxyjump far\n", "far": GATE}
    assert control(one, deeper) != control(one, hops)
    assert control(one, deeper) != control(one, {**deeper, "far": GATE + "hostkeyalias x\n"})


def test_a_jump_host_that_leads_through_itself_is_refused() -> None:
    circle = answer(SAYS + "proxyjump gatea\n", {"gatea": GATE + "proxyjump gatea\n"})
    assert circle.target is None
    assert circle.refused == "gatea would jump through itself: gatea -> gatea"
    longer = {"gatea": GATE + "proxyjump gateb\n", "gateb": GATE + "proxyjump gatea\n"}
    assert answer(SAYS + "proxyjump gatea\n", longer).refused.endswith("gatea -> gateb -> gatea")
    told = answer(SAYS + "proxyjump gatea\n", {"gatea": f"{READ}jumphost loop via gatea\r\n"})
    assert told.refused == "gatea would jump through itself: gatea -> gatea"
    itself = answer(SAYS + "proxyjump nas\n", {"nas": SAYS + "proxyjump nas\n"})
    assert itself.refused == "nas would jump through itself: nas -> nas"


def test_a_command_counts_with_its_tokens_resolved() -> None:
    again = Node("again", "again")
    plain, named = SAYS + "proxycommand nc %h %p\n", SAYS + "proxycommand corp-tunnel %n\n"
    assert control(plain) == control(plain, node=again)
    assert control(named) != control(named, node=again)


def test_what_a_command_reads_of_the_environment_counts() -> None:
    def told(**environ: str) -> Answer:
        questions = interview(FLEET, NODE, "/run", environ=environ)
        next(questions)
        try:
            questions.send(SAYS + "proxycommand nc -x ${PROXY} %h %p\n")
        except StopIteration as end:
            found: Answer = end.value
            return found
        raise AssertionError

    one, other = told(PROXY="a"), told(PROXY="b")
    assert one.target and other.target and one.target.control != other.target.control
    assert one.target == told(PROXY="a", HOME="/x").target
    assert not one.steady, "the next command may have another value"


def test_the_users_own_path_is_used_where_it_tells_ways_apart() -> None:
    own = "controlpath /home/me/.ssh/10.9.0.5\n"
    by_name = "controlpath /home/me/.ssh/nas\n"
    through = {"gatea": GATE, "nas": f"{SAYS}{own}"}

    def path(said: str, hops: Mapping[str, str] = through) -> str:
        target = answer(said, hops).target
        return target.own_control if target else "refused"

    assert path(SAYS + own) == "/home/me/.ssh/10.9.0.5"
    assert path(f"{SAYS}{own}proxyjump gatea\n") == ""
    assert path(f"{SAYS}{by_name}proxyjump gatea\n") == "/home/me/.ssh/nas"
    other = {**through, "nas": f"{SAYS}controlpath /home/me/.ssh/of-no-jump\n"}
    assert path(f"{SAYS}{own}proxyjump gatea\n", other) == "/home/me/.ssh/10.9.0.5"


def test_what_dns_decides_is_not_steady() -> None:
    assert answer(SAYS).steady
    assert not answer(f"{SAYS}canonicalizehostname true\ncanonicaldomains corp.example\n").steady
    assert answer(f"{SAYS}canonicalizehostname true\ncanonicaldomains none\n").steady


def test_a_refused_configuration() -> None:
    refused = answer("Bad configuration option: hostnam\n")
    assert refused.target is None and "hostnam" in refused.refused


def test_jump_hosts_are_asked_about_as_ssh_calls_them() -> None:
    argv = ["ssh", "-G", "-v", "-F", "/fleet/ssh_config", "--", "nas"]
    assert jump_argv("me@gate:2200", argv) == [
        *("ssh", "-G", "-v", "-F", "/fleet/ssh_config", "-l", "me", "-p", "2200", "--", "gate")
    ]
    assert jump_argv("a,[2001:db8::1]:22", ["ssh", "-G", "-v", "--", "nas"]) == [
        *("ssh", "-G", "-v", "-p", "22", "-J", "a", "--", "2001:db8::1")
    ]


@pytest.mark.parametrize(
    ("command", "asked", "rest"),
    [
        ("ssh -W 10.9.0.5:22 gate", ["--", "gate"], []),
        ("exec ssh -q -p 22 -W [::1]:22 -- gate", ["-q", "-p", "22", "--", "gate"], []),
        (
            "ssh -o 'ProxyCommand=ssh -W x:1 far' -W x:1 -- gate",
            ["-o", "ProxyCommand=ssh -W x:1 far", "--", "gate"],
            [],
        ),
        ("ssh gate nc 10.9.0.5 22", ["--", "gate"], ["nc", "10.9.0.5", "22"]),
    ],
)
def test_the_ssh_of_a_command(command: str, asked: list[str], rest: list[str]) -> None:
    assert ssh_of(command) == (["ssh", "-G", "-v", *asked], rest)


@pytest.mark.parametrize("command", ["nc -x proxy 10.9.0.5 22", "ssh $(cat gate) -W x:1", "ssh -W 'x", "ssh"])
def test_a_command_that_is_no_plain_ssh_counts_as_its_text(command: str) -> None:
    assert ssh_of(command) == ([], [command])


def test_tokens_of_a_command() -> None:
    settings = {"hostname": "10.9.0.5", "port": "22", "user": "me"}
    assert resolved("x %h %p %r %n %k %% %i", settings, "nas") == "x 10.9.0.5 22 me nas nas % %i"
    assert resolved("%k", {**settings, "hostkeyalias": "key"}, "nas") == "key"


@pytest.mark.parametrize(
    ("text", "hop"),
    [
        ("gate", Hop("gate")),
        ("me@gate:22", Hop("gate", "me", 22)),
        ("CORP\\me@x@gate", Hop("gate", "CORP\\me@x")),
        ("ssh://me@gate:22", Hop("gate", "me", 22)),
        ("ssh://gate/", Hop("gate")),
        ("[2001:db8::1]:22", Hop("2001:db8::1", "", 22)),
        ("me@[2001:db8::1]", Hop("2001:db8::1", "me")),
        ("2001:db8::1", Hop("2001:db8::1")),
        ("gate:ssh", Hop("gate:ssh")),
    ],
)
def test_hops(text: str, hop: Hop) -> None:
    assert Hop.parse(text) == hop
