"""Messages to people, over real ways: a command, a mail program, and HTTP on this machine."""

from __future__ import annotations

import email
import json
import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from stentor.fleet.policy.serving import Tell
from stentor.hooks.database import Database
from stentor.hooks.messages import ATTEMPTS, Messages
from tests.unit.hooks.test_queue import Clock

Posted = list[tuple[str, dict[str, str], bytes]]


@pytest.fixture
def server() -> Iterator[tuple[str, Posted]]:
    """What is posted to this machine."""
    posted: Posted = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posted.append((self.path, dict(self.headers), body))
            self.send_response({"/broken": 500, "/moved": 301}.get(self.path, 200))
            self.send_header("Location", "/topic")
            self.end_headers()

        def do_GET(self) -> None:
            posted.append((self.path, dict(self.headers), b""))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}", posted
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def messages(tmp_path: Path, clock: Clock) -> Messages:
    environ = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    return Messages(Database(environ, "/fleet", clock), environ)


def test_every_way_is_taken(messages: Messages, server: tuple[str, Posted], tmp_path: Path) -> None:
    url, posted = server
    program = tmp_path / "sendmail"
    program.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/mail\ncat >> {tmp_path}/mail\n')
    program.chmod(0o755)
    command = f'echo "$STENTOR_COMMAND|$STENTOR_RESULT" > {tmp_path}/told'
    tell = Tell(command=command, ntfy=f"{url}/topic", mail="me@example.org", webhook=f"{url}/post")
    messages.add(tell, "webhook dotfiles: reverted", "drtr: no login\u2026", good=False)
    assert messages.send() == []
    assert (tmp_path / "told").read_text() == "webhook dotfiles: reverted|drtr: no login\u2026\n"
    assert (
        "To: me@example.org\nSubject: stentor: webhook dotfiles: reverted\nMIME-Version: 1.0\n"
        "Content-Type: text/plain; charset=utf-8\n\n" in (tmp_path / "mail").read_text()
    )
    (_, headers, body), (_, _, said) = posted
    assert (headers["Title"], headers["Priority"]) == ("webhook dotfiles: reverted", "high")
    assert body.decode() == "drtr: no login\u2026"
    assert json.loads(said) == {
        "title": "webhook dotfiles: reverted",
        "text": "drtr: no login\u2026",
        "good": False,
    }
    assert messages.send() == []
    assert len(posted) == 2, "each is sent once"


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\x85", "\u2028", "\0"])
def test_no_text_of_a_node_becomes_a_header(
    end: str, messages: Messages, server: tuple[str, Posted], tmp_path: Path
) -> None:
    url, posted = server
    program = tmp_path / "sendmail"
    program.write_text(f"#!/bin/sh\ncat > {tmp_path}/mail\n")
    program.chmod(0o755)
    odd = f"drtr{end}Bcc: other@example.org{end}{end}X-Odd: 1"
    messages.add(
        Tell(ntfy=f"{url}/topic", mail="me@example.org", webhook=f"{url}/post"), odd, odd, good=False
    )
    assert messages.send() == []
    mail = email.message_from_bytes((tmp_path / "mail").read_bytes())
    assert sorted(mail) == ["Content-Type", "MIME-Version", "Subject", "To"]
    (_, headers, _), (_, _, said) = posted
    assert not {"Bcc", "X-Odd"} & headers.keys()
    assert "Bcc" in headers["Title"]
    assert json.loads(said)["title"] == odd.replace("\0", "")


def test_an_address_that_leads_elsewhere_takes_no_message(
    messages: Messages, server: tuple[str, Posted]
) -> None:
    url, posted = server
    messages.add(Tell(ntfy=f"{url}/moved", webhook=f"{url}/moved"), "a", "b", good=False)
    assert messages.send() == ["127.0.0.1: 301 Moved Permanently: it leads elsewhere; name that address"] * 2
    assert [path for path, _, _ in posted] == ["/moved", "/moved"]


def test_a_name_and_a_password_in_an_address_are_a_header(
    messages: Messages, server: tuple[str, Posted]
) -> None:
    url, posted = server
    address = url.replace("//", "//ann:p%40ss@") + "/topic"
    messages.add(Tell(ntfy=address), "a", "b", good=False)
    assert messages.send() == []
    assert posted[0][1]["Authorization"] == "Basic YW5uOnBAc3M="


def test_ntfy_gets_no_more_than_it_takes_as_a_message(messages: Messages, server: tuple[str, Posted]) -> None:
    url, posted = server
    messages.add(Tell(ntfy=f"{url}/topic", webhook=f"{url}/post"), "a", "\u2026" * 3000, good=False)
    assert messages.send() == []
    assert len(posted[0][2]) <= 4096
    assert posted[0][2].decode().endswith("\u2026\n(cut)")
    assert json.loads(posted[1][2])["text"] == "\u2026" * 3000


def test_good_news_are_not_told_where_only_failures_count(
    messages: Messages, server: tuple[str, Posted]
) -> None:
    url, posted = server
    tell = Tell(ntfy=f"{url}/t", of="failures")
    messages.add(tell, "a", "b", good=True)
    messages.add(tell, "c", "d", good=False)
    messages.send()
    assert [body for _, _, body in posted] == [b"d"]


def test_the_quiet_time_ends_with_one_message(
    messages: Messages, server: tuple[str, Posted], clock: Clock
) -> None:
    url, posted = server
    tell = Tell(ntfy=f"{url}/t")
    messages.add(tell, "a", "one", good=True)
    messages.add(tell, "b", "two", good=True)
    messages.send("00:00-23:59")
    assert posted == []
    messages.send("")
    ((_, headers, body),) = posted
    assert headers["Title"] == "2 messages"
    assert body == b"a: one\nb: two"


def test_what_cannot_be_sent_is_tried_again_and_given_up(
    messages: Messages, server: tuple[str, Posted], clock: Clock
) -> None:
    url, posted = server
    messages.add(Tell(webhook=f"{url}/broken"), "a", "b", good=True)
    for _ in range(ATTEMPTS):
        assert messages.send() == ["127.0.0.1: 500 Internal Server Error"], "no path"
        assert messages.send() == [], "not before a minute is over"
        clock.now += 61
    assert messages.send() == []
    assert len(posted) == ATTEMPTS


def test_a_command_that_fails_is_not_written_to_the_log(messages: Messages) -> None:
    messages.add(Tell(command="false token-of-mine"), "a", "b", good=True)
    assert messages.send() == ["tell: command: exit code 1"]


@pytest.mark.parametrize(
    "text",
    [b"caf\xe9".decode("utf-8", "surrogateescape"), "a\0b", "x" * (1 << 20)],
    ids=["name", "nul", "long"],
)
def test_a_text_that_no_program_takes_is_sent_all_the_same(
    messages: Messages, server: tuple[str, Posted], tmp_path: Path, text: str
) -> None:
    url, posted = server
    messages.add(
        Tell(command=f'printf %s "$STENTOR_RESULT" > {tmp_path}/told', webhook=f"{url}/t"),
        "a",
        text,
        good=True,
    )
    assert messages.send() == []
    said = json.loads(posted[0][2])["text"]
    assert said.encode() == (tmp_path / "told").read_bytes()
    assert said[:3] in ("caf", "ab", "xxx")
    assert messages.send() == []
