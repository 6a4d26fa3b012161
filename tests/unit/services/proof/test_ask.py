"""One question, to a server on this machine."""

from __future__ import annotations

import base64
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import sleep
from typing import Any

import pytest

from stentor.services.proof.ask import ask
from stentor.services.proof.question import Answer, Question
from stentor.services.proof.websocket import accepted

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
EVENTS = Question("live.home.example", "sse", "/events", given=True)
NEVER = 3600.0  # seconds: who waits for this limit is ended by the test's own


@contextmanager
def served(send: Callable[[socket.socket, bytes], None]) -> Iterator[Callable[[], socket.socket]]:
    """A server for one connection, which gets the request's head."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                send(connection, connection.recv(65536))

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield lambda: socket.create_connection(listener.getsockname())
        thread.join(10)
        assert not thread.is_alive()


def asked(question: Question, send: Callable[[socket.socket, bytes], None], *, limit: float = 60) -> Answer:
    with served(send) as connect:
        return ask(question, connect, port=80, tls=False, limit=limit)


def dripping(first: bytes, drop: bytes) -> Callable[[socket.socket, bytes], None]:
    """Send something, then more of it again and again, as long as anybody listens."""

    def send(connection: socket.socket, _: bytes) -> None:
        connection.sendall(first)
        with suppress(OSError):
            while True:
                connection.sendall(drop)
                sleep(0.01)

    return send


def test_a_stream_that_never_pauses_is_left_after_its_first_event() -> None:
    answer = asked(EVENTS, dripping(HEAD, b"data: tick\n\n"), limit=NEVER)
    assert answer.event is not None
    assert not answer.ended


def test_a_stream_without_an_end_of_line_is_left_in_time() -> None:
    assert asked(EVENTS, dripping(HEAD, b"x"), limit=1).event is None


class Reset(socket.socket):
    """Whose read ends as one of OpenSSL 3.5 may when it is too late."""

    def recv_into(self, *words: Any) -> int:
        with suppress(TimeoutError):
            if count := super().recv_into(*words):
                return count
        raise ConnectionResetError


@pytest.mark.parametrize("kind", ["sse", "websocket"])
def test_what_came_in_time_is_kept_however_the_read_ends(kind: str) -> None:
    def send(connection: socket.socket, head: bytes) -> None:
        if kind == "sse":
            connection.sendall(HEAD)
        else:
            key = base64.b64decode(head.partition(b"Sec-WebSocket-Key: ")[2].partition(b"\r\n")[0])
            switched = "HTTP/1.1 101 Switching Protocols\r\nSec-WebSocket-Accept: "
            connection.sendall(f"{switched}{accepted(key)}\r\n\r\n".encode())
        while connection.recv(100):
            pass

    with served(send) as connect:

        def reset() -> socket.socket:
            return Reset(fileno=connect().detach())

        question = Question("live.home.example", kind, "/", given=True)
        answer = ask(question, reset, port=80, tls=False, limit=0.3)
    assert answer.failure == ""
    assert answer.code == (200 if kind == "sse" else 101)
    assert answer.event is None
    assert not answer.pong


def test_a_stream_that_ends_with_its_event_has_ended() -> None:
    def send(connection: socket.socket, _: bytes) -> None:
        connection.sendall(HEAD + b": hello\r\n\r\nid: 1\r\ndata: tick\r\n\r\n")

    answer = asked(EVENTS, send)
    assert answer.event is not None
    assert answer.ended


def test_a_comment_alone_is_no_event() -> None:
    assert asked(EVENTS, lambda connection, _: connection.sendall(HEAD + b": hello\n\n")).event is None


@pytest.mark.parametrize(
    ("path", "sent"), [("/größe", b"/gr%C3%B6%C3%9Fe"), ("/a%20b?x=1#y", b"/a%20b?x=1#y")]
)
def test_a_path_is_asked_for_in_ascii(path: str, sent: bytes) -> None:
    heads = []

    def send(connection: socket.socket, head: bytes) -> None:
        heads.append(head.split(b" ")[1])
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    assert asked(Question("a.home.example", path=path), send).code == 200
    assert heads == [sent]


STATUS = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("first", "drop"),
    [
        (b"", b"H"),
        (STATUS, b"X"),
        (STATUS + b"X: ", b"y"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 101 Switching Protocols\r\n", b"X: y"),
    ],
)
def test_a_server_that_drips_is_too_late(first: bytes, drop: bytes) -> None:
    """Each byte comes in time, the answer does not: the server's thread sees that nobody listens any more."""
    slow = Question("slow.home.example", "standard", "/", given=True)
    assert asked(slow, dripping(first, drop), limit=0.2).failure == "no answer within 0.2 s"


@pytest.mark.parametrize(
    "sent",
    [
        STATUS + b"X: y\r\n" * 200 + b"\r\n",
        STATUS + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 " + b"9" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 -1 no\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"\x00\xff" * 1000,
        b"",
    ],
)
def test_an_odd_answer_is_a_failure(sent: bytes) -> None:
    answer = asked(
        Question("odd.home.example", "standard", "/", given=True), lambda one, _: one.sendall(sent)
    )
    assert answer.failure
    assert len(answer.failure) < 200


def test_a_body_without_end_is_not_read() -> None:
    page = Question("large.home.example", "standard", "/", given=True)
    head = STATUS + b"Content-Length: 99999999999999999999\r\n\r\n"
    answer = asked(page, lambda one, _: one.sendall(head + b"x" * 3_000_000))
    assert (answer.code, answer.failure) == (200, "")


def test_a_redirect_is_told_and_not_followed() -> None:
    page = Question("there.home.example", "standard", "/", given=True)
    head = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"
    answer = asked(page, lambda one, _: one.sendall(head))
    assert (answer.code, answer.location) == (302, "http://127.0.0.1:1/")
