"""The first line a command says of itself, on a channel of our own.

A session over a master has no way to send a signal, and closing it leaves a silent process
running. So every command is preceded by a line which prints a word of our choice and the login
shell's process id to stderr, where it is taken out again. It tells three things: that the login
shell came as far as the command, which process group a timeout must end (the server makes the
login shell the leader of its own session), and, the first time, which login shell it is.
"""

from __future__ import annotations

from stentor.shells import POSIX

# Noise of start-up files may come before the marker; more than this and we stop looking.
_PATIENCE = 256 * 1024
_PID_DIGITS = 10
_LINE = 4096  # bytes of the marker's line


def wrap(command: str, word: str, shell: str, environment: dict[str, str] | None = None) -> str:
    """Return what is sent: the marker, the environment and the command.

    Args:
        command: the user's own line, untouched.
        word: the marker's word: random, without spaces or quotes.
        shell: the login shell's name if it is known, else empty; then a form that every
            shell understands is used, at the price of one more process on the node.
        environment: variables to set first; their names are checked by the caller.

    A new line, not a semicolon, stands before the command: a shell which reads line by line then
    says the marker before it finds a syntax error in the command.
    """
    from stentor.sh.quoting import quote, quote_any

    if shell in POSIX:
        sets = "".join(f"export {name}={quote(value)}\n" for name, value in (environment or {}).items())
        return f"echo {word} $$ >&2\n{sets}{command}"
    marker = f"sh -c 'echo {word} $PPID $SHELL >&2'\n"
    if not environment:
        return marker + command
    sets = " ".join(f"{name}={quote_any(value)}" for name, value in environment.items())
    return f"{marker}exec env {sets} $SHELL -c {quote_any(command)}"


class Scanner:
    """Finds and removes the marker in a node's stderr, however its bytes are split."""

    __slots__ = ("_held", "_looking", "_seen", "_word", "pid", "shell")

    def __init__(self, word: str) -> None:
        self._word = word.encode() + b" "
        self._held = b""
        self._looking = True
        self._seen = 0
        self.pid = 0  # the login shell's process id, 0 until the marker has come
        self.shell = ""  # what ``$SHELL`` was, or empty

    def feed(self, data: bytes) -> bytes:
        """Take bytes of stderr and return those which are the command's (or its shell's) own."""
        if not self._looking:
            return data
        data = self._held + data
        self._held = b""
        start = data.find(self._word)
        if start >= 0:
            end = data.find(b"\n", start)
            if end < 0 and len(data) - start < _LINE:
                self._held = data[start:]
                return data[:start]
            if end < 0:
                self._looking = False
                return data
            self._read(data[start + len(self._word) : end])
            self._looking = False
            return data[:start] + data[end + 1 :]
        keep = _overlap(data, self._word)
        self._held = data[len(data) - keep :]
        passed = data[: len(data) - keep]
        self._seen += len(passed)
        if self._seen > _PATIENCE:
            self._looking = False
            passed, self._held = passed + self._held, b""
        return passed

    def rest(self) -> bytes:
        """Return what was held back, at the end of the stream."""
        held, self._held = self._held, b""
        return held

    def _read(self, fields: bytes) -> None:
        words = fields.decode("utf-8", "replace").split()
        # Not `stentor.digits`: this is imported by every start.
        if words and words[0].isascii() and words[0].isdecimal() and len(words[0]) <= _PID_DIGITS:
            self.pid = int(words[0])
        if len(words) > 1:
            self.shell = words[1]


def _overlap(data: bytes, word: bytes) -> int:
    """Return how many bytes at the end of ``data`` may be the beginning of ``word``."""
    for length in range(min(len(data), len(word) - 1), 0, -1):
        if word.startswith(data[-length:]):
            return length
    return 0


def end_group(pid: int, grace: float, mark: str = "") -> str:
    """Return a command, for any login shell, that ends a command: TERM, then KILL.

    It prints ``gone`` (nothing was left), ``term`` or ``kill``; ``left`` where something survived even KILL
    (in uninterruptible sleep), ``foreign`` where it belongs to another user.

    Args:
        pid: the login shell's, which leads a process group and a session.
        grace: seconds between the two signals.
        mark: what is in the environment of all that the command started; empty if nothing is.
    """
    from stentor import sh

    half = len(mark) // 2
    words = (mark[:half], mark[half:], str(pid), str(max(1, round(grace * 10))))
    return sh.command(sh.join("ending", call='end_command "$@"'), *words)
