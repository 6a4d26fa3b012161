"""What is sent through a gateway to a node, and how the lines that come back are read."""

from __future__ import annotations

from binascii import a2b_base64
from collections.abc import Mapping

from stentor import sh
from stentor.sh.quoting import quote
from stentor.typed import NamedTuple

_SAID = 4000  # characters


class Login(NamedTuple):
    """How a gateway logs in to the nodes of one run; what is None is decided by the gateway's ssh_config."""

    user: str | None = None
    port: int | None = None
    config: str = ""


def command(word: str, line: str, environment: Mapping[str, str]) -> str:
    """Return what runs a command on a node, for any login shell; its answer is read by :class:`Answer`.

    Args:
        word: random letters, new with each fan-out.
        line: the command, for the node's login shell.
        environment: variables to set before it.
    """
    sets = "".join(f"export {name}={quote(value)}\n" for name, value in environment.items())
    return sh.command(sh.join("tree_leaf", front=sets, call=f"tree_leaf {word} {quote(line)}"))


def endings(groups: Mapping[str, tuple[int, str]], grace: float) -> str:
    """Return a command that ends on each node what runs there.

    Args:
        groups: where a login came to (as ``b`` said it) to the process group and the mark of its processes.
        grace: seconds between TERM and KILL.
    """
    tries = max(1, round(grace * 10))
    cases = "".join(
        f"{quote(place)}) end_command {_halves(mark)} {pid} {tries} ;;\n"
        for place, (pid, mark) in groups.items()
    )
    call = f'set -- $SSH_CONNECTION\ncase "$3:$4" in\n{cases}*) say none ;;\nesac'
    return sh.command(sh.join("ending", call=call))


def _halves(mark: str) -> str:
    """Two words, so that the program does not find itself."""
    half = len(mark) // 2
    return f"{quote(mark[:half])} {quote(mark[half:])}"


def by_ssh(sent: str, login: Login, connect_timeout: float) -> str:
    """Return the line of sh by which a gateway sends a command to each host, for ClusterShell to fill in."""
    words = ["exec", "ssh", "-T"]
    if login.config:
        words += ["-F", quote(login.config)]
    words += ["-oBatchMode=yes", "-oForwardAgent=no", "-oForwardX11=no", "-oClearAllForwardings=yes"]
    words += [f"-oConnectTimeout={max(1, round(connect_timeout))}", "-oConnectionAttempts=1"]
    words += ["-oServerAliveInterval=15", "-oRemoteCommand=none"]
    if login.user:
        words.append(quote(f"-oUser={login.user}"))
    if login.port:
        words.append(f"-oPort={login.port}")
    # ClusterShell replaces what begins with a percent sign.
    line = " ".join(words).replace("%", "%%")
    return f"{line} -- %{{h}} {quote(sent).replace('%', '%%')} </dev/null"


def decoded(piece: str) -> bytes:
    """Return the bytes of a piece of output, as a gateway sends it.

    Raises:
        ValueError: it is something else.
    """
    return a2b_base64(piece)


class Answer:
    """Reads what one node says, piece by piece."""

    __slots__ = ("_begun", "_kept", "_mark", "code", "pid", "place", "said")

    def __init__(self, word: str) -> None:
        self._mark = b"\x1e" + word.encode() + b" "
        self._begun: set[str] = set()
        self._kept: dict[str, bytes] = {}
        self.pid = 0  # the process group of the command; 0 until it begins
        self.place = ""  # where the login came to
        self.code: int | None = None  # the command's exit code; None until it has ended
        # The end of stderr: before the command begins, ssh's own words and those of the login shell.
        self.said = ""

    def read(self, stream: str, piece: bytes) -> bytes:
        """Take a piece, and return what of it the command wrote.

        Args:
            stream: ``stdout`` or ``stderr``.
        """
        found, data = b"", self._kept.pop(stream, b"") + piece
        while data:
            at = data.find(self._mark)
            end = data.find(b"\n", at) if at >= 0 else -1
            if end < 0:  # no line of ours, or one whose end is to come
                rest = at if at >= 0 else self._beginning(data)
                found += self._written(stream, data[:rest])
                if data[rest:]:
                    self._kept[stream] = data[rest:]
                break
            found += self._written(stream, data[:at])
            self._take(stream, data[at + len(self._mark) : end].decode("latin-1"))
            data = data[end + 1 :]
        return found

    def rest(self) -> list[tuple[str, bytes]]:
        """Return what looked like the beginning of a line of ours, and was the end of the output."""
        kept, self._kept = self._kept, {}
        return [(stream, data) for stream, data in kept.items() if self._written(stream, data)]

    def _beginning(self, data: bytes) -> int:
        at = data.rfind(b"\x1e")
        return at if at >= 0 and self._mark.startswith(data[at:]) else len(data)

    def _written(self, stream: str, data: bytes) -> bytes:
        if stream == "stderr" and data:
            self.said = f"{self.said}{data[-_SAID:].decode('latin-1')}"[-_SAID:]
        return data if stream in self._begun else b""

    def _take(self, stream: str, line: str) -> None:
        kind, _, rest = line.partition(" ")
        if kind == "b":
            self._begun.add(stream)
            pid, _, self.place = rest.partition(" ") if rest else (self.pid, "", self.place)
            self.pid = int(pid)
        elif kind == "x":
            self.code = int(rest)
