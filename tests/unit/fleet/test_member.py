"""What a machine is to be, as the fleet says it."""

from __future__ import annotations

import pytest

from stentor.errors import FleetError
from stentor.fleet.check import Source, check
from stentor.fleet.member import Member, member, public_key
from stentor.fleet.model import Fleet

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA me@here"


def fleet(policy: str, nodes: str = "{a: {user: me, requires: [git, nvim]}, b: {user: root}, c: }") -> Fleet:
    text = f"nodes: {nodes}\ngroups: {{first: 'a,b', second: a}}\n{policy}"
    found = check([Source("nodes", "nodes.yaml", text.encode())], "/f")
    assert found.fleet is not None, found.faults
    return found.fleet


def made(policy: str, alias: str = "a") -> Member:
    found = fleet(policy)
    return member(found, found.nodes[alias], [KEY])


def test_without_a_section_defaults_hold() -> None:
    one = made("")
    assert (one.user, one.hostname, one.sudo, one.shell) == ("me", "a", "nopasswd", "")
    assert one.sudoers == "me ALL=(ALL:ALL) NOPASSWD: ALL"
    assert one.sshd == ()
    assert not one.first_apply
    assert {"python3", "git", "curl", "sudo"} <= {*one.packages}
    assert one.commands == (("git", "git"), ("nvim", "nvim"))


def test_what_a_machine_is_given_for_its_first_boot_has_no_password_of_the_repository() -> None:
    """It would stand in user-data, in a printed playbook and in an argument list there."""
    one = made("dotfiles: {remote: 'https://me:token@h/d.git'}\n")
    assert (one.first_apply, one.repository) == (True, "https://h/d.git")


def test_lists_of_groups_add_up_and_of_other_keys_the_last_holds() -> None:
    policy = """\
bootstrap:
  shell: zsh
  packages: [x]
  groups:
    first: {shell: fish, packages: [y], root_login: keys}
    second: {shell: bash, packages: [x, z]}
"""
    one = made(policy)
    assert one.shell == "/bin/bash"
    assert [name for name in one.packages if len(name) == 1] == ["x", "y", "z"]
    assert one.sshd == ("PermitRootLogin prohibit-password",)
    assert made(policy, "b").shell == "/usr/bin/fish"


def test_packages_follow_from_what_is_wanted() -> None:
    one = made("bootstrap: {shell: zsh, timezone: Etc/UTC}\nneeds: {packages_of: {nvim: neovim}}\n")
    assert {"zsh", "tzdata", "libpam-systemd"} <= {*one.packages}
    assert ("nvim", "neovim") in one.commands
    assert "libpam-systemd" not in made("bootstrap: {linger: false}\n").packages


def test_root_gets_no_account_no_sudo_and_no_linger() -> None:
    one = made("bootstrap: {account_groups: [sudo]}\n", "b")
    assert one.is_root
    assert (one.sudoers, one.groups, one.linger) == ("", (), False)


def test_a_chezmoi_that_is_fetched_is_no_package() -> None:
    digest = "a" * 64
    found = fleet(
        f"bootstrap: {{chezmoi_url: 'https://h/c', chezmoi_sha256: {{amd64: {digest}}}}}\n",
        "{a: {user: me, requires: [chezmoi]}, b: }",
    )
    one = member(found, found.nodes["a"], [KEY])
    assert one.commands == ()
    assert one.chezmoi_sha256 == (("amd64", digest),)


def test_what_is_not_said_is_a_fault() -> None:
    found = fleet("")
    with pytest.raises(FleetError, match="as whom it logs in"):
        member(found, found.nodes["c"], [KEY])
    with pytest.raises(FleetError, match="no public key"):
        member(found, found.nodes["a"], [])
    with pytest.raises(FleetError, match="would close the fleet's own login"):
        made("bootstrap: {root_login: 'no'}\n", "b")
    with pytest.raises(FleetError, match="nobody who can become root"):
        made("bootstrap: {root_login: 'no', sudo: none}\n")
    assert made("bootstrap: {root_login: 'no', sudo: none, account_groups: [sudo]}\n").sshd
    with pytest.raises(FleetError, match="'chezmoi_url' has no 'chezmoi_sha256'"):
        made("bootstrap: {chezmoi_url: 'https://h/c'}\n")


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----", f"{KEY}\n{KEY}", f'command="x" {KEY}']
)
def test_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(FleetError, match="is no public key"):
        public_key(text, "a.pub")


def test_a_public_key_is_one_line() -> None:
    assert public_key(f" {KEY}  \n", "a.pub") == KEY


@pytest.mark.parametrize(
    ("policy", "fault"),
    [
        ("timezone: ../etc", "is not a time zone"),
        ("timezone: /etc/passwd", "is not a time zone"),
        ("account_groups: ['a b']", "is no group of a system"),
        ("chezmoi_sha256: {amd64: abc}", "is no SHA-256"),
        ("packages: ['-o x']", "packages"),
        ("shell: /bin/zsh", "shell"),
    ],
)
def test_what_makes_no_sense_is_a_fault_of_the_file(policy: str, fault: str) -> None:
    text = f"nodes: {{a: }}\nbootstrap: {{{policy}}}\n"
    found = check([Source("nodes", "nodes.yaml", text.encode())], "/f")
    assert found.faults
    assert fault in str(found.faults[0].what)
