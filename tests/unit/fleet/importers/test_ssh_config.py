"""ssh_config: only names are carried over, so ssh makes of each what it makes of it by itself."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.check import Source, check
from stentor.fleet.importers.found import Found, settle
from stentor.fleet.importers.ssh_config import read_ssh_config
from stentor.fleet.importers.write import text_of
from stentor.fleet.model import Fleet
from stentor.fleet.openssh import matches, matches_list, words_of
from stentor.ssh.target import config_argv, parse_config
from tests.importing import import_from

COMPARED = ("hostname", "user", "port", "proxyjump", "proxycommand", "identityfile", "hostkeyalias")

MATCH = """
Match host web1
  User admin
Host web1
  HostName 10.0.0.1
  User me
Match originalhost web2 !exec "false"
  HostName web2.public.example
  Port 2222
Host web2
  HostName 10.0.0.2
  Port 22
Match host web3 exec "true"
  ProxyJump gate
Host web3
  HostName 10.0.0.3
"""
FIRST_WINS = """
Host bastion direct
  ProxyCommand none
Host bastion
  HostName 192.0.2.1
Host direct
  HostName 192.0.2.9
Host viacmd
  HostName 10.0.0.6
  ProxyCommand ssh -W %h:%p other
Host *
  ProxyJump bastion
"""
ONE_ADDRESS = """
Host home-nas
  HostName 192.168.1.10
  ProxyCommand ssh -W %h:%p homegate
Host office-nas
  HostName 192.168.1.10
  ProxyCommand ssh -W %h:%p officegate
"""
USERS = """
Host w1
  User CORP\\alice
  HostName 10.0.0.1
Host w3
  User alice#corp
  HostName 10.0.0.3
Host w5
  User alice@root#corp@target
  HostName 10.0.0.5
"""
BLOCKS = """
Host a*
  User early
Host b c
  HostName %h.x
Host c d
  HostName late
Host *
  HostName %h.y
  User last
  Port 9
Host d e[12] e1
  User never
"""
EXPECTED = {
    "match": (MATCH, {"web1": ("10.0.0.1", "admin", "22", "none"), "web3": ("10.0.0.3", "", "22", "gate")}),
    "match by name": (MATCH, {"web2": ("web2.public.example", "", "2222", "none")}),
    "first wins": (
        FIRST_WINS,
        {"direct": ("192.0.2.9", "", "22", "none"), "viacmd": ("10.0.0.6", "", "22", "none")},
    ),
    "one address": (
        ONE_ADDRESS,
        {
            "home-nas": ("192.168.1.10", "", "22", "none"),
            "office-nas": ("192.168.1.10", "", "22", "none"),
        },
    ),
    "users": (
        USERS,
        {
            "w1": ("10.0.0.1", "CORP\\alice", "22", "none"),
            "w3": ("10.0.0.3", "alice#corp", "22", "none"),
            "w5": ("10.0.0.5", "alice@root#corp@target", "22", "none"),
        },
    ),
    "blocks": (BLOCKS, {"b": ("b.x", "last", "9", "none"), "d": ("late", "last", "9", "none")}),
}


def ssh(text: str, **more: str) -> Found:
    files = {"/home/me/.ssh/config": text, **{f"/home/me/.ssh/{name}": value for name, value in more.items()}}

    def listed(pattern: str) -> list[str]:
        return sorted(
            path for path in files if matches(pattern, path) and pattern.count("/") == path.count("/")
        )

    return settle(read_ssh_config("/home/me/.ssh/config", files.__getitem__, listed, home="/home/me"))


def fleet_of(found: Found, root: str = "/fleet") -> Fleet:
    checked = check([Source("nodes", "nodes.yaml", text_of(found, "a test").encode())], root)
    assert checked.faults == () and checked.fleet is not None
    return checked.fleet


def told(argv: list[str]) -> dict[str, str]:
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    return parse_config(done.stdout)[0]


@pytest.mark.parametrize("name", EXPECTED)
def test_a_node_is_to_ssh_what_it_was_before(name: str, tmp_path: Path) -> None:
    text, expected = EXPECTED[name]
    config = tmp_path / "config"
    config.write_text(text)
    fleet = fleet_of(import_from("ssh-config", str(config), {"HOME": str(tmp_path)}))
    fleet = fleet._replace(ssh_config=str(config))
    for alias, (hostname, user, port, jump) in expected.items():
        found = told(config_argv(fleet, fleet.nodes[alias]))
        assert (found["hostname"], found["port"], found.get("proxyjump", "none")) == (hostname, port, jump)
        assert user in ("", found["user"])
    for alias, node in fleet.nodes.items():
        ours, plain = told(config_argv(fleet, node)), told(["ssh", "-F", str(config), "-G", alias])
        assert [ours.get(key) for key in COMPARED] == [plain.get(key) for key in COMPARED]


def test_names_and_nothing_else() -> None:
    found = ssh(
        "Host cooperator crtr\n  HostName 10.0.0.1\n  User crtr\nHost web1 web2\n  HostName %h.example\n"
        'Host *.lan !bad.lan\n  Port 2222\nHost nas.lan\nHost "quoted"\n  Port=99\nHost *\n  User me\n'
    )
    assert found.nodes == {
        "cooperator": {"alias": "crtr"},
        "web1": {},
        "web2": {},
        "nas.lan": {},
        "quoted": {},
    }
    assert found.left == [
        "/home/me/.ssh/config:6: Host *.lan: a pattern names no node; ssh still uses it",
        "/home/me/.ssh/config:6: Host !bad.lan: a pattern names no node; ssh still uses it",
        "/home/me/.ssh/config: hostname, port, user: these stay in that file, which ssh goes on to read",
    ]


@pytest.mark.parametrize(
    "further",
    [
        "Host b\n  User root\n",
        "Host b\n  Port 2222\n",
        "Host b\n  ProxyJump gate\n",
        "Host b\n  ProxyCommand nc %h %p\n",
        "Host b\n  HostKeyAlias other\n",
        "Host b\n  IdentityFile ~/.ssh/other\n",
        "Match originalhost b exec true\n  User root\n",
        "Host ?\n  ProxyCommand tunnel %n\n",
    ],
)
def test_two_machines_are_two_when_anything_differs(further: str) -> None:
    """Also the two names of one Host line."""
    for names in (
        "Host a b\n  HostName 10.0.0.5\n",
        "Host a\n  HostName 10.0.0.5\nHost b\n  HostName 10.0.0.5\n",
    ):
        assert sorted(ssh(further + names).nodes) == ["a", "b"]


def test_one_machine_by_two_names_is_one() -> None:
    found = ssh("Host a\n  HostName 10.0.0.5\nHost b\n  HostName 10.0.0.5\nHost *\n  User me\n")
    assert list(found.nodes) == ["a"]
    assert "/home/me/.ssh/config:3: b is the same machine as a, with the same login" in found.left


@pytest.mark.parametrize(
    ("text", "circle"),
    [
        ("Host bastion\n  HostName 192.0.2.1\nHost *\n  ProxyJump bastion\n", "bastion -> bastion"),
        ("Host web\n  HostName 10.0.0.2\nHost *\n  ProxyJump me@out:22\n", "out -> out"),
        ("Host a\n  ProxyJump b\nHost b\n  ProxyJump a,c\n", "a -> b -> a"),
    ],
)
def test_a_jump_host_that_would_jump_through_itself_is_named(text: str, circle: str) -> None:
    said = [line for line in ssh(text).left if "would jump through itself" in line]
    assert len(said) == 1 and circle in said[0]
    assert not [line for line in ssh(FIRST_WINS).left if "itself" in line]


def test_includes() -> None:
    found = ssh(
        "Include conf.d/*\nInclude none\nHost z\n",
        **{"conf.d/a": "Host a\n User x\n", "conf.d/b": "Host b\n"},
    )
    assert list(found.nodes) == ["a", "b", "z"]
    assert "/home/me/.ssh/config:2: Include none matches no file" in found.left
    inside = ssh("Host b c\n  Include inc\nHost d\n", inc="Host a b\n  User inner\nHost *\n  Port 7\n")
    assert list(inside.nodes) == ["b", "c", "d"], "a is in the included file, but outside of 'Host b c'"
    assert "too many levels of Include" in " ".join(ssh("Host a\nInclude config\n").left)


def test_what_stays_is_listed() -> None:
    found = ssh(
        "Host github.com\n  User git\nHost a\n  IdentityFile x\nMatch exec true\n  User m\n"
        "Host r\n HostName 1.2.3.4\nHost r-root\n  HostName 1.2.3.4\n  User root\nHost -x\n"
    )
    assert list(fleet_of(found).nodes) == ["a", "r", "r-root"]
    said = "\n".join(found.left)
    for part in (
        "github.com logs in as git",
        "identityfile",
        "Match exec true",
        "-x: its name has characters",
    ):
        assert part in said


def test_a_file_of_another_place_is_kept_in_use() -> None:
    found = settle(
        read_ssh_config("/other/config", {"/other/config": "Host a\n"}.__getitem__, lambda _: [], home="/")
    )
    assert found.ssh_config == "/other/config"
    assert "ssh: {config: /other/config}" in text_of(found, "x")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("CORP\\alice", ["CORP\\alice"]),
        ("alice#corp # why", ["alice#corp"]),
        ('\'a b\' "c\\"d" e\\ f', ["a b", 'c"d', "e f"]),
        ("a\\\\b", ["a\\b"]),
        ('"open', ["open"]),
    ],
)
def test_words_are_cut_as_ssh_cuts_them(value: str, words: list[str], tmp_path: Path) -> None:
    assert words_of(value) == words
    if value.count('"') % 2 == 0:
        (tmp_path / "config").write_text(f"Host x\n  SendEnv {value}\n")
        done = subprocess.run(["ssh", "-F", tmp_path / "config", "-G", "x"], capture_output=True, text=True)
        assert [line[8:] for line in done.stdout.splitlines() if line.startswith("sendenv ")] == words


@given(st.text("ab*?[!]", max_size=6), st.text("ab[!]*", max_size=6))
def test_only_star_and_question_mark_are_patterns(pattern: str, text: str) -> None:
    import re

    as_regex = "".join({"*": ".*", "?": "."}.get(one, re.escape(one)) for one in pattern)
    assert matches(pattern, text) == bool(re.fullmatch(as_regex, text))


def test_a_list_of_patterns() -> None:
    assert matches_list(["*.lan", "!bad.*"], "nas.lan")
    assert not matches_list(["*.lan", "!bad.*"], "bad.lan")
    assert not matches_list(["!bad"], "good")


@pytest.mark.parametrize(
    ("line", "nodes"),
    [
        ("Host web 192.0.2.1", {"web": {}}),
        ("Host 192.0.2.1 web", {"web": {}}),
        ("Host w web 192.0.2.1", {"web": {"alias": "w"}}),
        ("Host web web.example.org\n  HostName web.example.org", {"web.example.org": {"alias": "web"}}),
        ("Host web.example.org web\n  HostName web.example.org", {"web.example.org": {"alias": "web"}}),
        ("Host 192.0.2.1", {"192.0.2.1": {}}),
    ],
)
def test_an_address_beside_the_name_is_no_second_machine(line: str, nodes: dict[str, object]) -> None:
    text = line if "HostName" in line else f"{line}\n  HostName 192.0.2.1"
    assert ssh(text).nodes == nodes


DECIDED = {"port": 22, "jump": "none", "user": "me"}


@pytest.mark.parametrize(
    ("host", "address", "nodes"),
    [
        ("web 192.0.2.100", "192.0.2.100", {"web": {}}),
        ("192.0.2.1 192.0.2.2", "web.example.org", {"192.0.2.1": {}}),  # both lead to the same machine
        ("joe@web web", "192.0.2.1", {"web": {}}),
        ("w joe@web web", "192.0.2.1", {"web": {"alias": "w"}}),
    ],
)
def test_a_node_has_the_good_names_of_its_line(host: str, address: str, nodes: dict[str, object]) -> None:
    text = f"Host {host}\n  HostName {address}\n  User me\n"
    found = read_ssh_config("/etc/ssh/a", lambda _: text, lambda _: [], home="/home/me")
    assert found.nodes == nodes
    assert found.decided == {name: {**DECIDED, "address": [address]} for name in nodes}


def test_a_line_ends_where_it_ends_to_ssh(tmp_path: Path) -> None:
    path = tmp_path / "config"
    path.write_text("Host a\n  Port 5\n# page\fHost b\n# \x85Host c\n  User me\r\n")
    path.chmod(0o600)
    assert list(import_from("ssh-config", str(path), {}).nodes) == ["a"]
    said = subprocess.run(["ssh", "-F", path, "-G", "b"], capture_output=True, text=True, check=True).stdout
    assert "port 22\n" in said
