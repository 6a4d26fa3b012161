"""Ask a web name once, as a browser would: TLS with its name, a request, and what its kind promises."""

from __future__ import annotations

import hashlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import quote

from stentor.services.proof import websocket
from stentor.services.proof.question import Answer, Certificate, Question

LIMIT = 5.0
"""Seconds for one answer."""

Connect = Callable[[], socket.socket]
"""Opens a connection to where the name is served."""

_NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME of OpenSSL, for which ssl has no name
_MOST = 65536  # bytes of a websocket or of an event that are read
_END = 0.2  # seconds in which a stream that has ended says so
_PRINTED = "".join(chr(code) for code in range(33, 127))  # what a path keeps; all else is percent-encoded


def ask(
    question: Question, connect: Connect, *, port: int = 443, tls: bool = True, limit: float = LIMIT
) -> Answer:
    """Ask once, by a connection of its own.

    Args:
        port: by which it is asked, for the header ``Host``.
        tls: whether TLS is spoken there.
        limit: seconds for all of it.
    """
    began = time.monotonic()
    end = began + limit
    shown = ""
    try:
        with _connected(connect, limit) as plain:
            if not tls:
                return _exchange(question, plain, port, 80, began, end)
            with _any().wrap_socket(plain, server_hostname=question.host) as sock:
                shown = hashlib.sha256(sock.getpeercert(binary_form=True) or b"").hexdigest()
                answer = _exchange(question, sock, port, 443, began, end)
                return answer._replace(certificate=shown)
    except (OSError, HTTPException, ValueError) as error:
        late = time.monotonic() >= end
        ended = isinstance(error, ssl.SSLError) and not shown and not late
        reason = reason_of(TimeoutError() if late else error, limit)
        return Answer(reason, certificate=shown, tls_failed=ended)


@contextmanager
def _connected(connect: Connect, limit: float) -> Iterator[socket.socket]:
    """Connect, for so long in all: a server that sends byte after byte would never be too late for one."""
    with connect() as plain:
        plain.settimeout(limit)
        # TLS takes the descriptor over; one of our own can be shut down whoever has it.
        own = plain.dup()
        timer = threading.Timer(limit, partial(_shut, own))
        timer.daemon = True
        timer.start()
        try:
            yield plain
        finally:
            timer.cancel()
            own.close()


def _shut(sock: socket.socket) -> None:
    with suppress(OSError):  # it has ended by itself
        sock.shutdown(socket.SHUT_RDWR)


def _is_late(error: OSError, end: float) -> bool:
    """Whether it is the end of our own patience: how a read ends that ``_shut`` ends depends on OpenSSL."""
    return isinstance(error, TimeoutError) or time.monotonic() >= end


def _exchange(
    question: Question, sock: socket.socket, port: int, usual: int, began: float, end: float
) -> Answer:
    nonce = os.urandom(16)
    wanted = {"User-Agent": "stentor", "Accept": "*/*"}
    if question.kind == "websocket":
        wanted |= websocket.headers(nonce)
    elif question.kind == "sse":
        wanted |= {"Accept": "text/event-stream", "Cache-Control": "no-cache"}
    connection = HTTPConnection(question.host, port)
    connection.sock = sock
    host = question.host if port == usual else f"{question.host}:{port}"
    connection.request("GET", quote(question.path, safe=_PRINTED), headers={"Host": host, **wanted})
    with connection.getresponse() as response:
        if time.monotonic() >= end:
            raise TimeoutError  # a head that was cut off counts as whole there
        content = response.headers.get_content_type() if "content-type" in response.headers else ""
        answer = Answer(
            code=response.status,
            seconds=time.monotonic() - began,
            location=response.headers.get("Location", ""),
            content=content,
        )
        if question.kind == "sse" and content == "text/event-stream" and response.status == 200:
            return _with_event(answer, response, sock, began, end)
        if question.kind == "websocket" and response.status == 101:
            return _with_pong(answer, response, sock, nonce, end)
    return answer


def _with_event(
    answer: Answer, response: HTTPResponse, sock: socket.socket, began: float, end: float
) -> Answer:
    """Wait for the first event: lines with a field, then an empty one (HTML standard, 9.2.6)."""
    data = b""
    while (left := end - time.monotonic()) > 0 and len(data) < _MOST:
        sock.settimeout(left)
        try:
            more = response.read1(_MOST)  # what is there: a line need not end
        except OSError as error:
            if not _is_late(error, end):
                raise
            break
        if not more:
            break
        data += more
        if _has_event(data):
            event = time.monotonic() - began
            return answer._replace(event=event, ended=_at_end(response, sock))
    return answer


def _has_event(data: bytes) -> bool:
    field = False
    for line in data.split(b"\n")[:-1]:
        if line.strip():
            field = field or not line.startswith(b":")
        elif field:
            return True
    return False


def _at_end(response: HTTPResponse, sock: socket.socket) -> bool:
    """Whether the stream has ended already, with everything in it; one that goes on sending has not."""
    end = time.monotonic() + _END
    try:
        while (left := end - time.monotonic()) > 0:
            sock.settimeout(left)
            if not response.read1(_MOST):
                return True
    except (TimeoutError, ssl.SSLWantReadError):
        return False
    except (OSError, HTTPException):
        return True
    return False


def _with_pong(
    answer: Answer, response: HTTPResponse, sock: socket.socket, nonce: bytes, end: float
) -> Answer:
    if response.headers.get("Sec-WebSocket-Accept", "") != websocket.accepted(nonce):
        return answer._replace(failure="its handshake for a websocket is wrong (Sec-WebSocket-Accept)")
    payload = os.urandom(8)
    sock.sendall(websocket.ping(payload, os.urandom(4)))
    data = b""
    while (left := end - time.monotonic()) > 0 and len(data) < _MOST:
        sock.settimeout(left)
        try:
            # What came with the head is in the response's buffer.
            more = response.fp.read1(_MOST)
        except OSError as error:
            if not _is_late(error, end):
                raise
            break
        data += more
        if not more or websocket.find_pong(data, payload):
            break
    return answer._replace(pong=websocket.find_pong(data, payload))


def chosen_protocol(host: str, connect: Connect, *, limit: float = LIMIT) -> str:
    """Return which protocol a server chooses by ALPN where HTTP/2 is offered: ``h2``, or HTTP/1.1.

    Raises:
        OSError: no connection, or no TLS.
    """
    context = _any()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with _connected(connect, limit) as plain, context.wrap_socket(plain, server_hostname=host) as sock:
        return sock.selected_alpn_protocol() or "http/1.1"


def certificate(
    name: str, connect: Connect, *, limit: float = LIMIT, authorities: ssl.SSLContext | None = None
) -> Certificate:
    """Examine the certificate that is shown for a name; OpenSSL decides what it is worth.

    First as it is, with this machine's own authorities. Where that fails, it is taken for an authority
    itself, so that OpenSSL reads it, and says whether it is for the name.

    Args:
        name: which the certificate is to cover.
        limit: seconds for each of at most four connections.
        authorities: this machine's, where they were read already: there are many.
    """
    try:
        distrust = _verify(authorities or ssl.create_default_context(), name, connect, limit)
        if isinstance(distrust, dict):
            return _read(distrust, covers=True, trusted=True)
        with (
            _connected(connect, limit) as plain,
            _any().wrap_socket(plain, server_hostname=name) as sock,
        ):
            shown = sock.getpeercert(binary_form=True) or b""
        found = _verify(_pinned(shown, name=True), name, connect, limit)
        covers = isinstance(found, dict)
        if not covers:
            found = _verify(_pinned(shown, name=False), name, connect, limit)
        if not isinstance(found, dict):
            return Certificate(f"its certificate cannot be read: {found}")
        return _read(found, covers=covers, trusted=False)._replace(distrust=str(distrust))
    except (OSError, ValueError) as error:  # an odd date, or no certificate at all
        return Certificate(reason_of(error, limit))


def _verify(context: ssl.SSLContext, name: str, connect: Connect, limit: float) -> dict[str, object] | str:
    """The certificate as OpenSSL reads it, or why it is not accepted."""
    with _connected(connect, limit) as plain:
        try:
            with context.wrap_socket(plain, server_hostname=name) as sock:
                return dict(sock.getpeercert() or {})
        except ssl.SSLCertVerificationError as error:
            return error.verify_message or str(error)


def _any() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _pinned(shown: bytes, *, name: bool) -> ssl.SSLContext:
    """A context that accepts this one certificate, whoever signed it and whenever it ends."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = name
    context.load_verify_locations(cadata=shown)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME)
    return context


def _read(found: dict[str, object], *, covers: bool, trusted: bool) -> Certificate:
    named = found.get("subjectAltName", ())
    names = tuple(pair[1] for pair in named) if isinstance(named, tuple) else ()
    until = ssl.cert_time_to_seconds(str(found["notAfter"])) if "notAfter" in found else 0.0
    parts = found.get("issuer", ())
    issuer = {key: value for part in parts for key, value in part} if isinstance(parts, tuple) else {}
    words = issuer.get("organizationName") or issuer.get("commonName") or "unknown"
    return Certificate("", covers, float(until), str(words), trusted, "", names)


def reason_of(error: Exception, limit: float) -> str:
    """Why there is no answer, in a few words."""
    if isinstance(error, TimeoutError):
        return f"no answer within {limit:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, (ConnectionResetError, BrokenPipeError, ssl.SSLEOFError)):
        return "the connection was closed without an answer"
    if isinstance(error, ssl.SSLError):
        said = (error.reason or str(error)).lower().replace("_", " ")
        return f"TLS failed: {said}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror[0].lower() + error.strerror[1:]
    return f"no answer in HTTP: {str(error)[:80] or type(error).__name__}"
