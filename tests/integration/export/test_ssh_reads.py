"""ssh takes from the exported file what stentor itself hands to ssh."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.export.view import CannotSayError
from stentor.fleet.model import Fleet, Node
from stentor.ssh.target import destination, parse_config
from tests.readers import fleet_of, made, nasty, said, write

USERS = ("dom\\me", "a#b", "#a", "a=b", "a\\b", "é", "a\\", "a,b", "*", "a?")


def settings(*words: str) -> dict[str, str]:
    return parse_config(said("ssh", "-G", *words, noise="Pseudo-terminal will not.*"))[0]


def compared(fleet: Fleet, tmp_path: Path) -> None:
    """What ssh makes of the alias in our file, beside what it makes of the words that stentor gives it."""
    path = tmp_path / "config"
    write(path, "ssh", fleet)
    (tmp_path / "empty").write_text("")
    for alias, node in fleet.nodes.items():
        ours = settings("-F", str(path), alias)
        direct = settings(
            *(["-F", str(tmp_path / "empty")] if not fleet.ssh_config else []), *destination(fleet, node)
        )
        for key in ("hostname", "user", "port", "globalknownhostsfile", "identityfile"):
            assert ours.get(key) == direct.get(key), (alias, key)


def test_every_node_is_reached_as_stentor_does(tmp_path: Path) -> None:
    compared(nasty(), tmp_path)


@pytest.mark.parametrize("user", USERS)
def test_login_names_arrive_as_they_are(user: str, tmp_path: Path) -> None:
    fleet = Fleet("/f", {"a": Node("a", "a", ("10.0.0.1",), user=user)}, {"all": ("a",)})
    write(tmp_path / "config", "ssh", fleet)
    assert settings("-F", str(tmp_path / "config"), "a")["user"] == user


def test_full_names_addresses_and_scopes(tmp_path: Path) -> None:
    fleet = fleet_of("nodes: {director: {alias: drtr, address: 'fe80::1%eth0', port: 23}}\n")
    write(tmp_path / "config", "ssh", fleet)
    for name in ("drtr", "director"):
        found = settings("-F", str(tmp_path / "config"), name)
        assert (found["hostname"], found["port"]) == ("fe80::1%eth0", "23")


def test_jump_hosts_of_the_file_and_elsewhere(tmp_path: Path) -> None:
    fleet = fleet_of(
        "nodes: {gate: {address: 10.0.0.1, user: g, port: 24}, a: {address: 10.0.0.2, jump: gate},"
        " b: {address: 10.0.0.3, jump: 'me@other:23'}, c: {address: 10.0.0.4, jump: 'gate,a'}}\n"
    )
    path = tmp_path / "config"
    write(path, "ssh", fleet)
    assert settings("-F", str(path), "a")["proxyjump"] == "gate"
    assert settings("-F", str(path), "b")["proxyjump"] == "me@other:23"
    assert settings("-F", str(path), "c")["proxyjump"] == "gate,a"
    path.write_text(made("ssh", fleet, ["a"]).text)
    proxy = settings("-F", str(path), "a")["proxycommand"]
    assert (
        proxy
        == "ssh -o HostName=10.0.0.1 -o CanonicalizeHostname=yes -o User=g -o Port=24 -W '[%h]:%p' -- gate"
    )


def test_settings_of_the_fleets_own_ssh_config_hold(tmp_path: Path) -> None:
    own = tmp_path / "its own config"
    own.write_text("Host a\n    IdentityFile ~/.ssh/a\n    User other\nHost b\n    ForwardAgent yes\n")
    fleet = fleet_of("nodes: {a: {user: me, address: 10.0.0.1}, b: {address: 10.0.0.2}}\n")
    fleet = fleet._replace(ssh_config=str(own), known_hosts="/fleet/known_hosts")
    compared(fleet, tmp_path)
    assert settings("-F", str(tmp_path / "config"), "b")["forwardagent"] == "yes"
    assert settings("-F", str(tmp_path / "config"), "a")["forwardagent"] == "no"


@pytest.mark.parametrize("name", ["a[1]", "a*", "a?", "a\\b", "a\\[b", "a#b", "é", "~a", "{a,b}", "it's"])
def test_the_fleets_own_ssh_config_may_be_a_file_of_any_name(name: str, tmp_path: Path) -> None:
    for folder in ("a1", "ab", "ax", name):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config").write_text(f'Host *\n    IdentityFile "/key/{folder[1:]}"\n')
    (tmp_path / name / "config").write_text("Host *\n    IdentityFile /the/right/one\n")
    fleet = fleet_of("nodes: {a: {address: 10.0.0.1}}\n")
    write(tmp_path / "config", "ssh", fleet._replace(ssh_config=str(tmp_path / name / "config")))
    assert settings("-F", str(tmp_path / "config"), "a")["identityfile"] == "/the/right/one"


@pytest.mark.parametrize("path", ["/a%h/config", "/a${HOME}/config"])
def test_a_path_that_releases_of_ssh_read_differently_is_refused(path: str) -> None:
    with pytest.raises(CannotSayError, match="read '%' and '\\$\\{' differently"):
        made("ssh", fleet_of("nodes: {a: }\n")._replace(ssh_config=path))


def test_a_user_that_releases_of_ssh_read_differently_is_refused() -> None:
    with pytest.raises(CannotSayError, match="read a percent sign differently") as caught:
        made("ssh", fleet_of("nodes: {a: {user: 'a%b'}}\n"))
    assert (caught.value.node, caught.value.field) == ("a", "user")
