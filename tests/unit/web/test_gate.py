"""Tokens, sign-in links, sessions and limits."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import pytest

from stentor.errors import UsageError
from stentor.web import tokens
from stentor.web.caller import Caller, Rate
from stentor.web.gate import Gate
from stentor.web.settings import Settings
from stentor.web.store import Grant, Store

TOKEN = "0123456789abcdef0123456789abcdef"


def write(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_tokens_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path / "tokens", f"# for the scrapes\n\nprometheus viewer {TOKEN}\n ann  operator {TOKEN[::-1]}\n"
    )
    found = tokens.read(path)
    assert [(one.user, one.role) for one in found] == [("prometheus", "viewer"), ("ann", "operator")]
    assert tokens.match(found, TOKEN) == found[0]
    assert tokens.match(found, TOKEN[:-1]) is None
    assert tokens.match(found, "") is None


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (f"ann operator {TOKEN}", 0o640, "others may read"),
        (f"ann admin {TOKEN}", 0o600, "no role 'admin'"),
        ("ann operator short", 0o600, "shorter than"),
        (f"ann {TOKEN}", 0o600, "2 words"),
    ],
)
def test_a_wrong_file_of_tokens_is_said_without_the_token(
    tmp_path: Path, text: str, mode: int, said: str
) -> None:
    with pytest.raises(UsageError, match=said) as raised:
        tokens.read(write(tmp_path / "tokens", text, mode))
    assert TOKEN not in f"{raised.value} {raised.value.hint}"


def test_a_changed_file_of_tokens_counts_at_once(tmp_path: Path) -> None:
    path = tmp_path / "tokens"
    write(path, f"ann operator {TOKEN}")
    gate = Gate(Settings(tokens=str(path)), str(tmp_path / "state"))
    nobody, given = Caller("192.0.2.1"), {"authorization": f"Bearer {TOKEN}"}
    assert gate.who(nobody, given, {}, 0.0).user == "ann"
    os.rename(write(tmp_path / "new", f"ben viewer {TOKEN}"), path)
    assert gate.who(nobody, given, {}, 0.0).role == "viewer"
    path.chmod(0o644)
    assert gate.who(nobody, given, {}, 0.0).role is None, "others may read it now"
    path.chmod(0o600)
    assert gate.who(nobody, given, {}, 0.0).role == "viewer"
    path.unlink()
    assert gate.who(nobody, given, {}, 0.0).role is None


@pytest.mark.parametrize("after", ["", f"ann viewer {TOKEN}", f"ann operator {TOKEN[::-1]}", "broken"])
def test_a_session_ends_with_the_token_that_opened_it(tmp_path: Path, after: str) -> None:
    path = write(tmp_path / "tokens", f"ann operator {TOKEN}")
    gate = Gate(Settings(tokens=path), str(tmp_path / "state"))
    opened = gate.by_token(TOKEN, 0.0)
    assert opened
    cookies, nobody = {gate.cookie: opened.secret}, Caller("192.0.2.1")
    assert gate.who(nobody, {}, cookies, 1.0).role == "operator"
    os.rename(write(tmp_path / "new", after), path)
    assert gate.who(nobody, {}, cookies, 1.0).role is None
    os.rename(write(tmp_path / "new", f"ann operator {TOKEN}"), path)
    assert gate.who(nobody, {}, cookies, 1.0).role == "operator"
    without = Gate(Settings(), str(tmp_path / "state"))
    assert without.who(nobody, {}, cookies, 1.0).role is None


def test_a_wrong_token_is_not_helped_by_a_cookie(tmp_path: Path) -> None:
    gate = Gate(Settings(), str(tmp_path))
    secret = gate.sessions.add(Grant("ann", "operator", time.time() + 60)).secret
    cookies, nobody = {"stentor": secret}, Caller("192.0.2.1")
    assert gate.who(nobody, {}, cookies, time.time()).role == "operator"
    assert gate.who(nobody, {"authorization": "Bearer wrong"}, cookies, time.time()).role is None


def test_cookie_over_tls_is_bound_to_the_host(tmp_path: Path) -> None:
    gate = Gate(Settings(certificate="c", key="k"), str(tmp_path))
    assert gate.cookie == "__Host-stentor"
    assert gate.secure


def test_a_session_ends_by_itself(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "sessions"))
    secret = store.add(Grant("ann", "viewer", 100.0)).secret
    assert store.get(secret, 99.0)
    assert store.get(secret, 100.0) is None
    assert store.sweep(100.0) == 1
    assert not os.listdir(store.folder)


def test_no_file_holds_a_secret_or_is_readable_by_others(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "links"))
    secret = store.add(Grant("ann", "viewer", 1e12)).secret
    (file,) = (tmp_path / "links").iterdir()
    assert secret not in file.name + file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    assert (tmp_path / "links").stat().st_mode & 0o077 == 0


def test_of_many_who_use_a_link_at_once_one_gets_in(tmp_path: Path) -> None:
    store = Store(str(tmp_path / "links"))
    secret = store.add(Grant("ann", "viewer", 1e12)).secret
    got: list[Grant | None] = []
    threads = [threading.Thread(target=lambda: got.append(store.take(secret, 0.0))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([one for one in got if one]) == 1
    assert not os.listdir(store.folder)


@pytest.mark.parametrize("secret", ["", "../links", "x" * 5000, "\udcff", "\0"])
def test_what_is_no_secret_is_nobody(tmp_path: Path, secret: str) -> None:
    store = Store(str(tmp_path / "links"))
    store.add(Grant("ann", "viewer", 1e12))
    assert store.get(secret, 0.0) is None
    assert store.take(secret, 0.0) is None


def test_rate() -> None:
    rate = Rate(2, 1)
    assert [rate.take("a", 0.0), rate.take("a", 0.0)] == [0.0, 0.0]
    assert rate.take("a", 0.0) == 1.0
    assert rate.take("b", 0.0) == 0.0
    assert rate.take("a", 0.5) == 0.5
    assert rate.take("a", 1.0) == 0.0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:3:4:5:6", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_a_network_of_ipv6_is_one_client(one: str, other: str, same: bool) -> None:
    rate = Rate(1, 0.1)
    rate.take(one, 0.0)
    assert (rate.wait(other, 0.0) > 0) is same


def test_rate_forgets_who_came_longest_ago() -> None:
    rate = Rate(1, 1e-9)
    for number in range(5000):
        rate.take(str(number), 0.0)
    assert rate.take("4999", 0.0) > 0
    assert rate.take("0", 0.0) == 0.0
