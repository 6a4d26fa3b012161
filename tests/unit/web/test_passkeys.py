"""Passkeys: for which names, by whom, and answers that are none. A browser makes real ones in integration."""

from __future__ import annotations

import base64
import json
import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from stentor.errors import Refused, UsageError
from stentor.web.caller import Caller
from stentor.web.entrance import _PAGES
from stentor.web.gate import REGISTER_SECONDS, SESSION_SECONDS
from stentor.web.passkeys import _CHALLENGES, SECONDS, Passkey, Passkeys, Site, site_of
from stentor.web.service import Service
from stentor.web.store import Grant
from tests.unit.web.conftest import BASE, Client

HERE = Site("localhost", "http://localhost:8440")
ANN = Caller("127.0.0.1", "ann", "operator", "the session")
HOST = {"Host": "localhost:8440"}
JSON = {**HOST, "Accept": "application/json"}


@pytest.mark.parametrize(
    ("host", "secure", "found"),
    [
        ("localhost:8440", False, ("localhost", "http://localhost:8440")),
        ("Fleet.lan", True, ("fleet.lan", "https://fleet.lan")),
        ("fleet.lan:8440", True, ("fleet.lan", "https://fleet.lan:8440")),
        ("fleet.lan", False, None),
        ("127.0.0.1:8440", False, None),
        ("192.0.2.1", True, None),
        ("[::1]:8440", True, None),
        ("", True, None),
    ],
)
def test_site_of(host: str, secure: bool, found: tuple[str, str] | None) -> None:
    assert site_of(host, secure=secure) == found


class Clock:
    """Time as a test says."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> Passkeys:
    return Passkeys(str(tmp_path / "serve"), clock)


def answer(options: str) -> bytes:
    """What a browser would send, signed by nobody."""
    said = {"type": "webauthn.get", "challenge": json.loads(options)["challenge"], "origin": HERE.origin}
    data = base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")
    response = {"clientDataJSON": data, "authenticatorData": "AAAA", "signature": "AAAA"}
    return json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": response}).encode()


def test_a_challenge_is_good_once_for_its_session_and_not_for_long(keys: Passkeys, clock: Clock) -> None:
    nothing = "was not asked for"
    asked = answer(keys.begin_sign_in(HERE))
    with pytest.raises(Refused, match="not registered here"):
        keys.sign_in(HERE, asked)
    with pytest.raises(Refused, match=nothing):
        keys.sign_in(HERE, asked)
    with pytest.raises(Refused, match=nothing):
        keys.register(ANN, HERE, answer(keys.begin_sign_in(HERE)))
    with pytest.raises(Refused, match=nothing):
        keys.register(ANN._replace(session="another"), HERE, answer(keys.begin_registration(ANN, HERE)))
    late = answer(keys.begin_sign_in(HERE))
    clock.now += SECONDS
    with pytest.raises(Refused, match=nothing):
        keys.sign_in(HERE, late)


def test_challenges_are_bounded_and_one_address_cannot_have_those_of_others_forgotten(
    keys: Passkeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once, per_second = _PAGES
    assert at_once + per_second * SECONDS < _CHALLENGES
    monkeypatch.setattr("stentor.web.passkeys._CHALLENGES", 3)
    asked = [answer(keys.begin_sign_in(HERE)) for _ in range(4)]
    with pytest.raises(Refused, match="was not asked for"):
        keys.sign_in(HERE, asked[0])
    with pytest.raises(Refused, match="not registered here"):
        keys.sign_in(HERE, asked[1])


NO_ANSWERS = (b"", b"null", b"[]", b"{", b'{"response": {"clientDataJSON": "!"}}', b"\xff")


@pytest.mark.parametrize("sent", NO_ANSWERS)
@pytest.mark.parametrize("what", ["register", "sign in"])
def test_what_is_no_answer_is_refused(keys: Passkeys, sent: bytes, what: str) -> None:
    take: Callable[[], Passkey] = (
        (lambda: keys.sign_in(HERE, sent)) if what == "sign in" else (lambda: keys.register(ANN, HERE, sent))
    )
    with pytest.raises(Refused, match="no passkey that was asked for"):
        take()
    assert keys.all() == ()


def add(keys: Passkeys, user: str, number: int) -> Passkey:
    """Register one, as if it had been proved."""
    made = Passkey(bytes([number]) * 16, b"key", 0, user, "operator", "localhost", 0.0)
    with keys._changing() as known:
        keys._write([*known, made])
    return made


def test_passkeys_are_removed_by_their_user_or_all(keys: Passkeys, tmp_path: Path) -> None:
    first, _, other = add(keys, "ann", 1), add(keys, "ann", 2), add(keys, "ben", 3)
    assert (tmp_path / "serve/passkeys.json").stat().st_mode & 0o077 == 0
    with pytest.raises(UsageError, match="ann has no such passkey"):
        keys.remove("ann", other.name)
    assert keys.remove("ann", first.name) == 1
    assert keys.remove("ann") == 1
    assert keys.all() == (other,)
    with pytest.raises(UsageError, match="ann has no passkey"):
        keys.remove("ann")


def test_a_broken_file_lets_nobody_in(keys: Passkeys, tmp_path: Path) -> None:
    add(keys, "ann", 1)
    (tmp_path / "serve/passkeys.json").write_text("[{")
    assert keys.all() == ()


def test_a_session_ends_with_its_passkey(service: Service) -> None:
    gate, now = service.gate, time.time()
    made = add(gate.passkeys, "ann", 1)
    cookies = {gate.cookie: gate.by_passkey(made, now).secret}
    assert gate.who(Caller("192.0.2.1"), {}, cookies, now).user == "ann"
    gate.passkeys.remove("ann")
    assert gate.who(Caller("192.0.2.1"), {}, cookies, now).role is None


@pytest.mark.parametrize(
    ("age", "opened_by", "may"),
    [(0.0, "", True), (REGISTER_SECONDS + 1, "", False), (0.0, "of a token", False), (0.0, "passkey", True)],
)
def test_who_may_register(service: Service, age: float, opened_by: str, may: bool) -> None:
    gate, now = service.gate, time.time()
    if opened_by == "passkey":
        opened_by = add(gate.passkeys, "ann", 1).fingerprint
    ticket = gate.sessions.add(Grant("ann", "viewer", now + SESSION_SECONDS - age, opened_by))
    caller = Caller("192.0.2.1", "ann", "viewer", ticket.secret)
    assert gate.may_register(caller, now) is may
    assert not gate.may_register(caller._replace(session=""), now), "a program with a token"


def test_tries_to_sign_in_by_a_passkey_are_limited(client: Client) -> None:
    codes = [client().post("/login/passkey", content=b"{}", headers=HOST).status_code for _ in range(14)]
    assert codes[0] == 403
    assert codes[-1] == 429


def test_the_page_says_by_which_name_and_when(client: Client, service: Service) -> None:
    browser = client("operator")  # whose session ends within a minute: it began long ago
    assert "call this page localhost, also in the link" in browser.get("/passkeys").text
    assert "sign in again by a link" in browser.get("/passkeys", headers=HOST).text
    assert browser.get("/passkeys/new", headers=JSON).status_code == 403
    grant = Grant("ann", "operator", time.time() + SESSION_SECONDS)
    fresh = client()
    fresh.cookies.set("stentor", service.gate.sessions.add(grant).secret)
    assert "Register a passkey" in fresh.get("/passkeys", headers=HOST).text
    options = fresh.get("/passkeys/new", headers=JSON).json()
    assert (options["rp"]["id"], options["user"]["name"]) == ("localhost", "ann")
    assert options["authenticatorSelection"]["userVerification"] == "required"
    refused = fresh.post("/passkeys/new", content=b"{}", headers={**JSON, "X-CSRF-Token": csrf(fresh)})
    assert (refused.status_code, refused.json()["error"]) == (409, "this is no passkey that was asked for")


def csrf(browser: TestClient) -> str:
    """The token of a browser's session."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get(f"{BASE}/").text)
    assert found
    return found[1]


def test_without_the_extra_it_is_said_what_to_type(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stentor.web.pages.passkeys.available", lambda: False)
    assert "a passkey needs" in client("viewer").get("/passkeys", headers=HOST).text
    assert client().get("/login/passkey", headers=JSON).status_code == 404
