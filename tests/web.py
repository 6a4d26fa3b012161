"""Services behind a gateway: real backends of each kind of web name, and real Caddies in front of them.

All on loopback, on ports of their own. A backend says ``name path version`` of what it was asked; ``/events``
is a stream of events, ``/socket`` a websocket, ``/code/CODE`` that status code.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.server
import os
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.readers import program
from tests.support import free_port, lacking

_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Backend(http.server.BaseHTTPRequestHandler):
    """One server for every kind of web name."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == "/events":
            return self.events()
        if self.path == "/short-events":
            return self.answer(200, b"data: all\n\n", "text/event-stream")
        if self.path.startswith("/socket"):
            return self.websocket(answers=self.path == "/socket")
        code = int(self.path.removeprefix("/code/")) if self.path.startswith("/code/") else 200
        return self.answer(code, f"{self.headers['Host']} {self.path} {self.request_version}".encode())

    def answer(self, code: int, body: bytes, content: str = "text/plain") -> None:
        self.send_response(code)
        self.send_header("Content-Type", content)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def events(self) -> None:
        """An event at once, then comments until the client has gone, for six seconds at most."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream; charset=utf-8")
        self.send_header("Connection", "close")
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(b"event: first\ndata: 1\n\n")
            for _ in range(30):
                self.wfile.flush()
                time.sleep(0.2)
                self.wfile.write(b": still here\n\n")
        self.close_connection = True

    def websocket(self, *, answers: bool) -> None:
        """Shake hands, and answer each ping with its pong; or never."""
        if self.headers.get("Upgrade", "").lower() != "websocket":
            return self.answer(426, b"only by websocket")
        key = self.headers["Sec-WebSocket-Key"] + _GUID
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()
        self.send_response(101)
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        self.wfile.write(b"\x81\x05hello")  # a text first: a client must look past it
        self.wfile.flush()
        self.close_connection = True
        with contextlib.suppress(OSError):
            while len(head := self.rfile.read(2)) == 2:
                mask, payload = self.rfile.read(4), self.rfile.read(head[1] & 0x7F)
                plain = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
                if head[0] & 0xF == 8:
                    return None
                if answers:
                    self.wfile.write(bytes([0x8A, len(plain)]) + plain)
                    self.wfile.flush()
        return None

    def log_message(self, *_: object) -> None:
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that goes in the middle is what some tests want."""


@contextlib.contextmanager
def backend(certificate: Path | None = None) -> Iterator[int]:
    """Serve on a port of its own; with TLS where a file with a key and a certificate is given."""
    server = Server(("127.0.0.1", 0), Backend)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def self_signed(path: Path, name: str, *, days: int = 30) -> Path:
    """Write a key and its certificate for a name into one file."""
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    words += ["-days", str(days), "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}"]
    words += ["-keyout", str(path), "-out", f"{path}.crt"]
    subprocess.run(words, check=True, capture_output=True)
    with path.open("a") as both:
        both.write(Path(f"{path}.crt").read_text())
    return path


CADDIES = ("newest", "Debian's")


def caddy_of(which: str) -> str:
    """PyPI's Caddy, or the older one of Debian."""
    if which == "newest":
        return program("caddy")
    found = shutil.which("caddy", path="/usr/bin")
    if not found:
        lacking("not installed: Debian's caddy")
    return str(found)


class Gateway:
    """A Caddy with a folder of its own.

    Args:
        caddy: the program.
        folder: for its Caddyfile and what it keeps.
    """

    def __init__(self, caddy: str, folder: Path, *, port: int = 0) -> None:
        self.caddy = caddy
        self.folder = folder
        self.port = port or free_port()
        self.admin = free_port()
        self.file = folder / "Caddyfile"
        self._running: subprocess.Popen[bytes] | None = None

    @property
    def options(self) -> str:
        """Global options with which it gets in nobody's way."""
        return (
            f"{{\n\thttp_port {free_port()}\n\thttps_port {self.port}\n\tadmin 127.0.0.1:{self.admin}\n"
            f"\tskip_install_trust\n\tauto_https disable_redirects\n"
            "\tservers {\n\t\tprotocols h1 h2\n\t}\n"
            f"\tstorage file_system {self.folder}/store\n}}\n"
        )

    @property
    def environ(self) -> dict[str, str]:
        home = str(self.folder)
        return {**os.environ, "HOME": home, "XDG_DATA_HOME": home, "XDG_CONFIG_HOME": home}

    def start(self, text: str, *names: str) -> None:
        """Serve this Caddyfile, and wait until TLS works for these names."""
        self.file.write_text(text)
        words = [self.caddy, "run", "--adapter", "caddyfile", "--config", str(self.file)]
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(words, env=self.environ, stdout=log, stderr=log)
        for name in names:
            self.wait_for(name)

    def wait_for(self, name: str) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        for _ in range(200):
            with contextlib.suppress(OSError):
                with socket.create_connection(("127.0.0.1", self.port), timeout=5) as plain:
                    context.wrap_socket(plain, server_hostname=name).close()
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def stop(self) -> None:
        if self._running:
            self._running.terminate()
            self._running.wait(10)
            self._running = None


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Any]]:
    """Ports of a plain backend and of one with a certificate of its own."""
    need_file = self_signed(tmp_path_factory.mktemp("tls") / "own.pem", "somebody.else.test")
    with backend() as plain, backend(need_file) as tls:
        yield {"plain": plain, "tls": tls, "certificate": need_file}
