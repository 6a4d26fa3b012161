"""The steps of a bootstrap, the node's program, and what it says."""

from __future__ import annotations

import subprocess

import pytest

from stentor.bootstrap.program import Answer, compose, parse, steps
from stentor.fleet.member import Member
from tests.unit.fleet.test_member import made

ALL = """\
bootstrap: {shell: zsh, account_groups: [adm], timezone: Etc/UTC, root_login: 'no', password_login: 'no',
  chezmoi_url: 'https://h/c', chezmoi_sha256: {amd64: DIGEST}}
dotfiles: {remote: 'https://h/d'}
needs: {rules: [{services: [cron], mounts: [/data]}]}
""".replace("DIGEST", "a" * 64)
LEAST = "bootstrap: {time_sync: false, hostname: keep, linger: false, sudo: none, dotfiles: false}\n"


def names(member: Member) -> list[str]:
    return [item.name for item in steps(member)]


def test_every_step_is_a_pair_of_functions_of_the_program() -> None:
    member = made(ALL)
    text = compose(member)
    wanted = names(member)
    assert wanted[-2:] == ["dotfiles", "entrance"]
    assert len(wanted) == 15
    for name in wanted:
        assert f"check_{name}()" in text
        assert name in ("dotfiles", "entrance") or f"do_{name}()" in text


def test_only_what_is_wanted_is_a_step() -> None:
    assert names(made(LEAST)) == ["packages", "account", "keys"]
    assert names(made(LEAST, "b")) == ["packages", "keys"]


def test_what_follows_the_proof_is_no_part_of_the_program() -> None:
    front = compose(made(ALL)).splitlines()[0]
    assert "chezmoi" in front
    assert "entrance" not in front
    assert compose(made(ALL), ("entrance",)).startswith("steps=entrance\n")


@pytest.mark.parametrize("text", ['it\'s $(x) `y` "z"', "a\\b", "*"])
def test_values_are_values_whatever_they_hold(text: str) -> None:
    member = made(ALL)._replace(hostname=text, keys=(f"ssh-ed25519 A {text}", "ssh-rsa B"))
    front = compose(member).partition("bootstrap_main() {")[0]
    values = front[: front.index("wait=")]
    script = values + 'printf \'%s|%s\' "$hostname" "$keys"'
    done = subprocess.run(["sh"], input=script, capture_output=True, text=True, check=True)
    assert done.stdout == f"{text}|ssh-ed25519 A {text}\nssh-rsa B"


def test_an_answer_is_read() -> None:
    said = b"motd\nstentor-bootstrap 1 apply\nhave a\nwant b x y\nstep c\ndid c\nfailed d no space\nend 1\n"
    assert parse(said) == Answer((("b", "x y"),), ("c",), ("d", "no space"), 1)


@pytest.mark.parametrize("said", [b"", b"bash: x\n", b"stentor-bootstrap 2 look\nend 0\n", b"\xff\xfe"])
def test_what_never_began_is_no_answer(said: bytes) -> None:
    assert parse(said) is None


def test_an_answer_that_is_cut_has_no_end() -> None:
    found = parse(b"stentor-bootstrap 1 apply\ndid a\nste")
    assert found is not None
    assert (found.did, found.code) == (("a",), None)
