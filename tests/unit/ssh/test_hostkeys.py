"""The known_hosts format, fingerprints and DNS records, beside what OpenSSH's own programs say."""

from __future__ import annotations

import base64
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.ssh.hostkeys import (
    Key,
    Pin,
    lookup_name,
    parse,
    parse_scan,
    replaced,
)
from tests.support import need


def key(seed: bytes = b"a", kind: str = "ssh-ed25519") -> Key:
    blob = len(kind).to_bytes(4, "big") + kind.encode() + b"\0\0\0\x20" + seed * 32
    return Key(kind, base64.b64encode(blob).decode())


A, B, RSA = key(b"a"), key(b"b"), key(b"c", "ssh-rsa")


def test_names_as_ssh_looks_them_up() -> None:
    assert lookup_name("Crtr.Lan", 22) == "crtr.lan"
    assert lookup_name("fe80::1", 2222) == "[fe80::1]:2222"


def test_reading_a_file() -> None:
    text = (
        f"# mine\n\n[10.0.0.1]:2222,gate {A.kind} {A.blob} gate pinned 2026-01-02\n"
        f"@cert-authority *.lan,!bad.lan {B.kind} {B.blob} the authority\n"
        f"@revoked * {RSA.kind} {RSA.blob}\n@odd * {A.kind} {A.blob}\nhost ssh-ed25519 AAAA\nhost\n"
    )
    gate, authority, revoked = parse(text)
    assert gate == Pin(("[10.0.0.1]:2222", "gate"), A, "", "gate pinned 2026-01-02")
    assert (authority.marker, authority.comment) == ("@cert-authority", "the authority")
    assert revoked.marker == "@revoked"
    assert gate.matches("[10.0.0.1]:2222") and gate.matches("GATE")
    assert not gate.matches("10.0.0.1") and not gate.matches("[10.0.0.10]:2222")
    assert authority.matches("crtr.lan") and not authority.matches("bad.lan") and not authority.matches("lan")


def test_hashed_names_are_those_of_ssh_keygen(tmp_path: Path) -> None:
    need("ssh-keygen")
    file = tmp_path / "known_hosts"
    file.write_text(f"[127.0.0.9]:2222 {A.kind} {A.blob}\n")
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(file)], check=True, capture_output=True)
    (pin,) = parse(file.read_text())
    assert pin.hosts[0].startswith("|1|")
    assert pin.matches("[127.0.0.9]:2222") and not pin.matches("[127.0.0.8]:2222")


# A small RSA key is as good here, and takes a hundredth of the time.
KINDS = {"ed25519": [], "ecdsa": [], "rsa": ["-b", "1024"]}


@pytest.mark.parametrize("kind", KINDS)
def test_fingerprints_are_those_of_ssh_keygen(kind: str, tmp_path: Path) -> None:
    need("ssh-keygen")
    path = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", kind, *KINDS[kind], "-N", "", "-f", str(path)], check=True)
    words = path.with_suffix(".pub").read_text().split()
    made = Key(words[0], words[1])
    shown = subprocess.check_output(["ssh-keygen", "-lf", str(path)], text=True)
    assert made.fingerprint in shown
    assert f"({made.name})" in shown


def test_a_scan() -> None:
    text = (
        f"# 10.0.0.1:22 SSH-2.0-OpenSSH\n[10.0.0.1]:2 {A.kind} {A.blob}\n[10.0.0.1]:2 {RSA.kind} {RSA.blob}\n"
    )
    assert parse_scan(text) == {"ssh-ed25519": A, "ssh-rsa": RSA}
    assert parse_scan("[10.0.0.1]:2 ssh-rsa " + A.blob) == {}
    assert parse_scan(f"{A.kind} {A.blob}\n") == {"ssh-ed25519": A}


def test_a_pin_replaces_what_was_known_of_these_hosts_alone() -> None:
    before = (
        f"# by hand\n[a]:1,[b]:1 {A.kind} {A.blob} shared\n[a]:1 {RSA.kind} {RSA.blob}\n"
        f"@cert-authority [a]:1 {B.kind} {B.blob}\nother {A.kind} {A.blob}\n"
    )
    after = replaced(before, ["[a]:1", "[a2]:1"], [B], "a pinned 2026-02-03")
    assert after == (
        f"# by hand\n[b]:1 {A.kind} {A.blob} shared\n@cert-authority [a]:1 {B.kind} {B.blob}\n"
        f"other {A.kind} {A.blob}\n[a]:1,[a2]:1 {B.kind} {B.blob} a pinned 2026-02-03\n"
    )


@pytest.mark.parametrize("sign", ["\f", "\v", "\x85", "\u2028", "\x1c"])
def test_lines_end_where_they_end_to_ssh(sign: str, tmp_path: Path) -> None:
    before = f"# note{sign}a {A.kind} {A.blob}\nb {B.kind} {B.blob} one{sign}a {A.kind} {A.blob}\r\n"
    assert [pin.hosts for pin in parse(before)] == [("b",)]
    after = replaced(before, ["c"], [RSA], "")
    assert after == f"{before}c {RSA.kind} {RSA.blob}\n"
    (tmp_path / "known").write_bytes(after.encode())
    found = [
        subprocess.run(["ssh-keygen", "-f", tmp_path / "known", "-F", name], capture_output=True, check=False)
        for name in ("a", "b")
    ]
    assert [one.returncode for one in found] == [1, 0]


@given(st.text())
def test_any_text_is_a_file(text: str) -> None:
    for pin in parse(text):
        pin.matches("host")
    parse_scan(text)


@given(
    st.lists(st.text("#@|! *?,abc\n0123456789", max_size=40)),
    st.lists(st.sampled_from([A, B, RSA]), max_size=3, unique=True),
)
def test_what_was_pinned_is_read_back(lines: list[str], keys: list[Key]) -> None:
    after = replaced("\n".join(lines), ["[x]:1"], keys, "x")
    assert [pin.key for pin in parse(after) if pin.hosts == ("[x]:1",)] == keys
    assert replaced(after, ["[x]:1"], keys, "x") == after
