"""What is sent through a gateway to a node, and how the lines that come back are read."""

from __future__ import annotations

from binascii import a2b_base64, unhexlify
from collections.abc import Mapping

from stentor import sh
from stentor.sh.quoting import quote
from stentor.typed import NamedTuple


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


class Answer:
    """Reads the lines of one node.

    Attributes:
        pid: the process group of the command; 0 until it begins.
        place: where the login came to.
        code: the command's exit code; None until it has ended.
        said: what else came on stderr: ssh's own words and those of the login shell, its end.
    """

    __slots__ = ("_word", "code", "pid", "place", "said")

    def __init__(self, word: str) -> None:
        self._word = word + " "
        self.pid = 0
        self.place = ""
        self.code: int | None = None
        self.said = ""

    def read(self, stream: str, line: str) -> tuple[str, bytes]:
        """Take a line, and return what the command wrote with it.

        Args:
            stream: on which it came.
            line: without its end, each byte a character.

        Returns:
            ``stdout`` or ``stderr`` and the bytes; no bytes for lines that are not the command's.
        """
        at = 0 if line.startswith(self._word) else line.find(self._word)
        if at < 0:
            if stream == "stderr":
                self.said = f"{self.said}{line}\n"[-4000:]
            return stream, b""
        kind, _, rest = line[at + len(self._word) :].partition(" ")
        if kind == "b":
            pid, _, self.place = rest.partition(" ")
            self.pid = int(pid)
        elif kind == "x":
            self.code = int(rest) if rest else None
        elif kind in ("o", "e"):
            data = unhexlify(rest[1:]) if rest.startswith("=") else a2b_base64(rest)
            return ("stdout" if kind == "o" else "stderr"), data
        return stream, b""
