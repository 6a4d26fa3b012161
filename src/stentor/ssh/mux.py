"""The client's side of OpenSSH's multiplexing protocol, version 4, as a pure object.

Bytes in, messages out; no socket anywhere. Source: ``PROTOCOL.mux`` in OpenSSH, and what
OpenSSH 9.2 really does where the two differ.

Theory of operation. A master listens on a unix socket (the control path). One connection to it
carries one session:

    client                                   master
    HELLO, NEW_SESSION  ───────────────────▶
    stdin, stdout, stderr (three descriptors, one sendmsg each)
                        ◀───────────────────  HELLO
                        ◀───────────────────  SESSION_OPENED  (or FAILURE, PERMISSION_DENIED)
                        …  output flows through the descriptors, not through the socket  …
                        ◀───────────────────  EXIT_MESSAGE    (missing after a signal)
                        ◀───────────────────  end of file

A session is over when the socket *and* both outputs have ended: EXIT_MESSAGE often overtakes the
output. The confirmation after the descriptors, which ``PROTOCOL.mux`` promises, is never sent.

Every integer is an unsigned 32-bit big-endian number, a string is its length and its bytes, and
a packet is its length and its body.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from struct import Struct

from stentor.typed import NamedTuple

_U32 = Struct(">I")
_TWO = Struct(">II")

VERSION = 4
# A master closes the connection on anything larger.
MAX_PACKET = 256 * 1024

MSG_HELLO = 0x00000001
C_NEW_SESSION = 0x10000002
C_ALIVE_CHECK = 0x10000004
C_TERMINATE = 0x10000005
C_STOP_LISTENING = 0x10000009
S_OK = 0x80000001
S_PERMISSION_DENIED = 0x80000002
S_FAILURE = 0x80000003
S_EXIT_MESSAGE = 0x80000004
S_ALIVE = 0x80000005
S_SESSION_OPENED = 0x80000006
S_TTY_ALLOC_FAIL = 0x80000008

NO_ESCAPE_CHARACTER = 0xFFFFFFFF


class ProtocolError(Exception):
    """The other side does not speak version 4 of the protocol; the message says how we know."""


class Hello(NamedTuple):
    """The master is there and speaks our version."""

    version: int
    extensions: Mapping[bytes, bytes]


class Opened(NamedTuple):
    """The session exists; its output comes through the descriptors."""

    session: int


class Exit(NamedTuple):
    """The command ended by itself, with this code."""

    session: int
    code: int


class Refusal(NamedTuple):
    """The master or the server would not open the session."""

    denied: bool  # by the user (ControlMaster ask), not by the server
    reason: str


class TtyFailed(NamedTuple):
    """The server gave no pseudo-terminal; the session goes on without."""

    session: int


class Alive(NamedTuple):
    """Answer to an alive check: the *local* master lives; nothing of the network."""

    pid: int


class Done(NamedTuple):
    """A request was carried out."""


class Unknown(NamedTuple):
    """A message which this version of the protocol does not have; to be ignored."""

    kind: int


Message = Hello | Opened | Exit | Refusal | TtyFailed | Alive | Done | Unknown


def _string(value: bytes) -> bytes:
    return _U32.pack(len(value)) + value


def _packet(*parts: bytes) -> bytes:
    body = b"".join(parts)
    if len(body) > MAX_PACKET:
        raise ProtocolError(f"a packet of {len(body)} bytes is over the master's limit of {MAX_PACKET}")
    return _string(body)


HELLO = _packet(_TWO.pack(MSG_HELLO, VERSION))
_REQUEST = 0  # a number that comes back in the answer; there is one request on each connection


def new_session(
    command: bytes,
    *,
    agent: bool = False,
    environment: Mapping[bytes, bytes] | None = None,
) -> bytes:
    """Build the request for a session; three descriptors must follow it at once.

    Args:
        command: for the login shell.
        agent: forward the authentication agent.
        environment: passes only what the master's SendEnv and the server's AcceptEnv both name.

    Raises:
        ProtocolError: the command is too long for a packet.
    """
    entries = [_string(key + b"=" + value) for key, value in (environment or {}).items()]
    return _packet(
        _TWO.pack(C_NEW_SESSION, _REQUEST),
        _string(b""),
        Struct(">IIIII").pack(False, False, agent, False, NO_ESCAPE_CHARACTER),  # tty, X11, agent, subsystem
        _string(b""),  # TERM
        _string(command),
        *entries,
    )


ALIVE_CHECK = _packet(_TWO.pack(C_ALIVE_CHECK, _REQUEST))
"""The question whether the master lives."""

TERMINATE = _packet(_TWO.pack(C_TERMINATE, _REQUEST))
"""The order to end the master and all its sessions; often answered by end of file alone."""

STOP_LISTENING = _packet(_TWO.pack(C_STOP_LISTENING, _REQUEST))
"""The order to take no session any more, and to end with the last."""


class _Body:
    """A cursor over one packet."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def number(self) -> int:
        end = self._at + 4
        if end > len(self._body):
            raise ProtocolError("a packet ends inside a number")
        value: int = _U32.unpack_from(self._body, self._at)[0]
        self._at = end
        return value

    def string(self) -> bytes:
        length = self.number()
        end = self._at + length
        if end > len(self._body):
            raise ProtocolError("a packet ends inside a string")
        value = self._body[self._at : end]
        self._at = end
        return value

    def exhausted(self) -> bool:
        return self._at >= len(self._body)


class Decoder:
    """Turns the master's bytes, split in whatever way, into messages."""

    def __init__(self) -> None:
        self._buffer = b""

    def feed(self, data: bytes) -> list[Message]:
        """Take bytes and return the messages that are complete now.

        Raises:
            ProtocolError: these bytes are not version 4 of the protocol.
        """
        buffer = self._buffer + data if self._buffer else data
        messages: list[Message] = []
        at = 0
        while len(buffer) - at >= 4:
            length: int = _U32.unpack_from(buffer, at)[0]
            if length > MAX_PACKET:
                raise ProtocolError(f"a packet claims {length} bytes, over the limit of {MAX_PACKET}")
            end = at + 4 + length
            if end > len(buffer):
                break
            decode = _decode_short if length <= _SHORT else _decode
            messages.append(decode(buffer[at + 4 : end]))
            at = end
        self._buffer = buffer[at:]
        return messages


def _decode(packet: bytes) -> Message:
    body = _Body(packet)
    kind = body.number()
    if kind == MSG_HELLO:
        return _hello(body)
    if kind == S_SESSION_OPENED:
        body.number()
        return Opened(body.number())
    if kind == S_EXIT_MESSAGE:
        return Exit(body.number(), body.number())
    if kind in (S_PERMISSION_DENIED, S_FAILURE):
        body.number()
        reason = body.string().decode("utf-8", "replace")
        return Refusal(kind == S_PERMISSION_DENIED, reason)
    if kind == S_TTY_ALLOC_FAIL:
        return TtyFailed(body.number())
    if kind == S_ALIVE:
        body.number()
        return Alive(body.number())
    if kind == S_OK:
        return Done()
    return Unknown(kind)


# All masters of a fan-out say nearly the same.
_SHORT = 256
_decode_short = lru_cache(256)(_decode)


def _hello(body: _Body) -> Hello:
    version = body.number()
    if version != VERSION:
        raise ProtocolError(f"the master speaks version {version} of the protocol, not {VERSION}")
    extensions = {}
    while not body.exhausted():
        name = body.string()
        extensions[name] = body.string()
    return Hello(version, extensions)
