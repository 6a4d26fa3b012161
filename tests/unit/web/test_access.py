"""Who gets in: every route tried by nobody, a viewer and an operator; names, origins, sizes, rates."""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Iterator

import pytest
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from stentor.web.access import access_of
from stentor.web.app import make_app
from stentor.web.entrance import HEADERS, MOST_BODY, Entrance
from stentor.web.gate import stores
from stentor.web.service import Service
from stentor.web.settings import Settings, networks
from stentor.web.store import Grant
from tests.unit.web.conftest import BASE, Client


def paths(service: Service) -> list[tuple[str, str, str]]:
    """Method, path and access of every route, with something in the place of what stands in braces."""
    found = []
    for route in make_app(service, working=False).routes:
        assert isinstance(route, Route)
        for method in sorted(route.methods or {"GET"}):
            path = re.sub(r"{node}", "crtr", route.path)
            found.append((method, re.sub(r"{\w+}", "1", path), access_of(route)))
    return found


def test_nobody_reaches_what_needs_a_role(client: Client, service: Service) -> None:
    for method, path, access in paths(service):
        answer = client().request(method, path)
        if access in ("viewer", "operator"):
            to_login = answer.status_code == 303 and answer.headers["location"].startswith("/login")
            assert answer.status_code == 401 or to_login, (method, path)
            assert "crtr" not in answer.text.replace("next=", "")


def test_a_viewer_reaches_nothing_that_acts(client: Client, service: Service) -> None:
    for method, path, access in paths(service):
        answer = client("viewer").request(method, path, data={} if method == "POST" else None)
        refused = access == "operator" or (method == "POST" and access != "public")
        assert (answer.status_code == 403) == refused, (method, path)


def test_what_changes_something_is_never_a_get(service: Service) -> None:
    assert {method for method, _, _ in paths(service)} <= {"GET", "HEAD", "POST"}
    assert all(method == "POST" for method, path, _ in paths(service) if path.endswith(("stop", "logout")))


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_a_form_without_its_token_is_refused(client: Client, role: str, service: Service) -> None:
    for method, path, access in paths(service):
        if method == "POST" and access != "public":
            answer = client(role).post(path, data={"csrf": "0" * 64})
            assert answer.status_code == 403, path


def test_a_form_of_another_origin_is_refused(client: Client) -> None:
    browser = client("operator")
    token = csrf(browser)
    for headers in ({"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert browser.post("/logout", data={"csrf": token}, headers=headers).status_code == 403
    assert browser.post(
        "/logout", data={"csrf": token}, headers={"Origin": "http://127.0.0.1:8440"}
    ).is_redirect


def csrf(browser: TestClient) -> str:
    """The token of a browser's session, as its pages have it."""
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', browser.get("/").text)
    assert found
    return found[1]


def test_the_token_of_one_session_is_none_of_another(client: Client) -> None:
    one, other = client("operator"), client("operator")
    assert other.post("/logout", data={"csrf": csrf(one)}).status_code == 403
    assert one.post("/logout", data={"csrf": csrf(one)}).status_code == 303
    assert one.get("/").headers["location"] == "/login"


@pytest.mark.parametrize(
    ("host", "code"),
    [
        ("127.0.0.1:8440", 200),
        ("localhost", 200),
        ("[::1]:9000", 200),
        ("192.0.2.1", 200),
        ("evil.example", 421),
        ("evil.example:8440", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.evil.example", 421),
        ("[evil]", 421),
        ("", 421),
    ],
)
def test_only_names_of_ours_are_served(client: Client, host: str, code: int) -> None:
    assert client("viewer").get("/", headers={"Host": host}).status_code == code
    assert client().get("/healthz", headers={"Host": host}).status_code == code


def test_every_answer_has_the_headers(client: Client, service: Service) -> None:
    for browser in (client(), client("viewer"), client("operator")):
        for method, path, _ in [*paths(service), ("GET", "/nothing", ""), ("GET", "/operations/999", "")]:
            headers = browser.request(method, path).headers
            assert {name: headers.get(name) for name in HEADERS} == dict(HEADERS), path
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy


def test_an_error_of_ours_has_the_headers_too(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise KeyError("an error of ours")

    app = make_app(service, working=False)
    monkeypatch.setattr(service.gate, "by_link", fail)
    with TestClient(app, base_url=BASE, raise_server_exceptions=False) as browser:
        answer = browser.post("/login", data={"key": "x"})
    assert answer.status_code == 500
    assert {name: answer.headers.get(name) for name in HEADERS} == dict(HEADERS)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "an error of ours" not in answer.text


def test_pages_hold_no_script_and_no_style_of_their_own(client: Client, service: Service) -> None:
    for method, path, access in paths(service):
        if method == "GET" and not path.startswith(("/static", "/events")) and access != "operator":
            text = client("viewer").get(path).text
            assert not re.search(r"<script(?! src=\"/static/)|<style|\sstyle=|\son\w+=|javascript:", text), (
                path
            )
            assert not re.search(r"(?:src|href|action)=\"(?!/(?!/)|#)", text), path


def test_a_large_body_is_refused(client: Client) -> None:
    large = b"a=" + b"x" * MOST_BODY
    assert client("operator").post("/logout", content=large).status_code == 413

    def parts() -> Iterator[bytes]:  # without a length in front
        for _ in range(40):
            yield b"x" * 4096

    assert client("operator").post("/logout", content=parts()).status_code == 413


def test_an_address_that_asks_too_often_is_told_to_wait() -> None:
    now = [0.0]
    app = Entrance(PlainTextResponse("page"), Settings(), clock=lambda: now[0])
    answers = [answered(app, "192.0.2.1") for _ in range(300)]
    assert [status for status, _ in answers[:200]] == [200] * 200
    status, headers = answers[-1]
    assert (status, int(headers[b"retry-after"]) >= 1) == (429, True)
    assert answered(app, "192.0.2.2")[0] == 200
    assert answered(app, "192.0.2.1", "POST", "/hook/x")[0] == 200  # has limits of its own
    now[0] = 60.0
    assert answered(app, "192.0.2.1")[0] == 200


def answered(
    app: ASGIApp, address: str, method: str = "GET", path: str = "/"
) -> tuple[int, dict[bytes, bytes]]:
    """Ask in this thread, not in one for each request as a client does; return status and headers."""
    said: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        said.append(message)

    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    headers = [(b"host", BASE.removeprefix("http://").encode())]

    async def ask() -> None:
        await app({**scope, "scheme": "http", "headers": headers, "client": (address, 1)}, receive, send)

    asyncio.run(ask())
    return said[0]["status"], dict(said[0]["headers"])


def test_a_route_that_does_not_say_who_may_ask_is_not_served() -> None:
    with pytest.raises(TypeError, match="/open"):
        access_of(Route("/open", lambda _: None))


def test_cookie_is_only_for_requests_of_this_page(client: Client, service: Service) -> None:
    link = sign_in_link(service, "operator")
    answer = client().post("/login", data={"key": link})
    attributes = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= attributes


def sign_in_link(service: Service, role: str) -> str:
    """What 'stentor serve login' puts behind ``key=``."""
    grant = Grant("ann", role, time.time() + 60)  # type: ignore[arg-type]  # a role
    return stores(service.directory)[0].add(grant).secret


def test_a_link_counts_once_and_only_by_its_button(client: Client, service: Service) -> None:
    key = sign_in_link(service, "viewer")
    browser = client()
    for _ in range(3):  # a program that previews links
        assert browser.get(f"/login?key={key}").status_code == 200
    assert browser.post("/login", data={"key": key}).status_code == 303
    assert browser.get("/").status_code == 200
    assert client().post("/login", data={"key": key}).status_code == 403


def test_who_is_signed_in_may_sign_in_as_somebody_else(client: Client, service: Service) -> None:
    browser = client("viewer")
    before = browser.cookies["stentor"]
    answer = browser.post("/login", data={"key": sign_in_link(service, "operator")})
    assert answer.status_code == 303
    assert "ann <small>operator</small>" in browser.get("/").text
    browser.cookies.clear()
    browser.cookies.set("stentor", before)
    assert browser.get("/").status_code == 303, "the session before is over"


def test_what_is_over_is_removed_at_the_next_sign_in(client: Client, service: Service) -> None:
    for store in (service.gate.sessions, stores(service.directory)[0]):
        store.add(Grant("old", "viewer", 1.0))
    client().post("/login", data={"key": sign_in_link(service, "viewer")})
    links, sessions = stores(service.directory)
    assert os.listdir(links.folder) == []
    assert len(os.listdir(sessions.folder)) == 1


@pytest.mark.parametrize("origin", ["http://[", "127.0.0.1:8440", "", "http://127.0.0.1:8440@evil.example"])
def test_an_origin_that_is_none_is_refused(client: Client, origin: str) -> None:
    answer = client().post("/login", data={"key": "x"}, headers={"Origin": origin})
    assert answer.status_code == 403
    assert "this form is not of this page" in answer.text


@pytest.mark.parametrize(
    "back", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"]
)
def test_signing_in_leads_to_no_other_site(client: Client, service: Service, back: str) -> None:
    answer = client().post("/login", data={"key": sign_in_link(service, "viewer"), "next": back})
    assert answer.headers["location"] == "/"


def test_signing_in_leads_to_the_page_that_was_asked_for(client: Client, service: Service) -> None:
    asked = client().get("/operations?node=crtr").headers["location"]
    assert asked == "/login?next=%2Foperations%3Fnode%3Dcrtr"
    key = sign_in_link(service, "viewer")
    answer = client().post("/login", data={"key": key, "next": "/operations?node=crtr"})
    assert answer.headers["location"] == "/operations?node=crtr"


def test_tries_to_sign_in_are_limited(client: Client, service: Service) -> None:
    codes = [client().post("/login", data={"key": f"guess{number}"}).status_code for number in range(14)]
    assert codes[0] == 403
    assert codes[-1] == 429
    # A good link waits as well; nothing is said of whether it is one.
    assert client().post("/login", data={"key": sign_in_link(service, "operator")}).status_code == 429


@pytest.mark.parametrize(
    ("peer", "headers", "code", "address"),
    [
        ("10.0.0.1", {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}, 200, "192.0.2.7"),
        # What the client itself has put in front is not believed.
        (
            "10.0.0.1",
            {"X-Forwarded-Proto": "https", "X-Forwarded-For": "6.6.6.6, 192.0.2.7"},
            200,
            "192.0.2.7",
        ),
        (
            "10.0.0.1",
            {"X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7, 10.0.0.9"},
            200,
            "192.0.2.7",
        ),
        ("10.0.0.1", {"X-Forwarded-Proto": "https", "X-Forwarded-For": "x"}, 200, "10.0.0.1"),
        ("::ffff:10.0.0.1", {"X-Forwarded-Proto": "https"}, 200, "::ffff:10.0.0.1"),
        ("10.0.0.1", {"X-Forwarded-Proto": "http"}, 403, ""),
        ("10.0.0.1", {"X-Forwarded-Proto": "https, http"}, 403, ""),
        ("10.0.0.1", {}, 403, ""),
        ("192.0.2.7", {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.0.0.1"}, 403, ""),
        ("127.0.0.1", {"X-Forwarded-Proto": "https"}, 403, ""),
    ],
)
def test_only_the_proxy_is_believed(peer: str, headers: dict[str, str], code: int, address: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["caller"].address)(scope, receive, send)

    made = Entrance(app, Settings(names=("fleet.lan",), proxies=networks(["10.0.0.0/8"])))
    browser = TestClient(made, base_url="https://fleet.lan", client=(peer, 1))
    answer = browser.get("/", headers=headers)
    assert answer.status_code == code
    assert not address or answer.text == address


def test_a_client_that_says_https_itself_is_not_believed_beside_its_proxy() -> None:
    made = Entrance(PlainTextResponse(), Settings(names=("fleet.lan",), proxies=networks(["10.0.0.0/8"])))
    browser = TestClient(made, base_url="https://fleet.lan", client=("10.0.0.1", 1))
    for second, code in (("http", 403), ("https", 200)):
        both = [("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", second)]
        assert browser.get("/", headers=both).status_code == code


@pytest.mark.parametrize("path", ["/hook/x", "/login", "/"])
def test_a_body_of_two_lengths_is_refused_and_the_connection_ended(client: Client, path: str) -> None:
    both = {"Transfer-Encoding": "chunked", "Content-Length": "4"}
    answer = client().request("POST", path, content=b"a=bc", headers=both)
    assert (answer.status_code, answer.headers["connection"]) == (400, "close")


def test_no_path_leads_to_another_by_itself(client: Client) -> None:
    assert client("viewer").get("/operations/").status_code == 404


def test_without_a_proxy_nothing_that_it_would_say_is_believed() -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(scope["caller"].address)(scope, receive, send)

    browser = TestClient(Entrance(app, Settings()), base_url=BASE, client=("127.0.0.1", 1))
    assert browser.get("/", headers={"X-Forwarded-For": "192.0.2.7"}).text == "127.0.0.1"
