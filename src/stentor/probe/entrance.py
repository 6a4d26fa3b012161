"""Other ways into a node whose login shell ends, or hangs, before it runs a command.

sshd runs everything by the user's shell, with two exceptions: a subsystem of its own (``internal-sftp``)
needs no shell, and Ctrl-C in a terminal interrupts a start-up file that hangs, and leaves a prompt. A login
without a command reads other files than a command does. Each of these is tried in turn.
"""

from __future__ import annotations

import os
import pty
import time
from collections.abc import Iterable, Mapping, Sequence

from stentor import programs, scratch
from stentor.errors import StentorError
from stentor.fleet.model import Fleet, Node
from stentor.probe.doctor import program, script_line
from stentor.probe.inside import Entrance
from stentor.probe.observe import END
from stentor.probe.suspects import EVERY, LARGEST, sourced
from stentor.sh.quoting import quote_any
from stentor.shells import FAMILIES
from stentor.ssh.login import interactive_argv
from stentor.ssh.rundir import path_text

SFTP_SECONDS = 10.0
# A file of a node that never ends would fill the disk here: 4 MB of each, in blocks of 512 bytes.
_LIMITED = ["/bin/sh", "-c", "ulimit -f 8192; trap '' XFSZ; exec \"$@\"", "sh"]
_PROMPT = 1.5  # seconds until a shell without output is interrupted
_INSIDE = b"stentor-inside\n"
_MOST_BYTES = 4 << 20
_CONF_D = FAMILIES["fish"].folder


def enter(
    fleet: Fleet, node: Node, environ: Mapping[str, str], *, hangs: bool, shell_timeout: int, token: str
) -> Entrance:
    """Try the ways which do not need what is broken, until one works.

    Args:
        node: one whose login shell did not run its command.
        hangs: whether the shell hung; else it ended.
        shell_timeout: seconds for each kind of shell on the node.
        token: a word in the command lines of our sessions that hang; the first way that works ends them.
    """
    argv = interactive_argv(fleet, node, environ, tty=False)
    argv[1:1] = ["-o", "BatchMode=yes", "-o", "ClearAllForwardings=yes", "-o", "LogLevel=ERROR"]
    line = script_line(node, shell_timeout, trace=True, session=token).removeprefix("/bin/sh -s -- ")
    tried: list[str] = []
    ways = [("-tt", "terminal")] if hangs else [("-T", "login"), ("-tt", "terminal")]
    for option, way in ways:
        words = [argv[0], option, *argv[1:]]
        output, interrupted = _converse(words, line, environ, way == "terminal", shell_timeout)
        if END.encode() in output:
            return Entrance(way, output, interrupted)
        tried.append(
            {"login": "a login without a command ends, too", "terminal": "so does one with a terminal"}[way]
            if not hangs
            else "Ctrl-C in a terminal brings no prompt"
        )
    found = _by_sftp(argv, environ)
    if found is None:
        return Entrance(tried=(*tried, "sftp goes by that shell there, and ends with it"))
    return found._replace(tried=tuple(tried))


# A shell to type into, by a login without a command.


def _converse(
    argv: Sequence[str], line: str, environ: Mapping[str, str], terminal: bool, shell_timeout: int
) -> tuple[bytes, bool]:
    """Run the doctor's script in a login's shell; return its output, and whether that took a Ctrl-C."""
    with open(program(), "rb") as file:
        script = file.read()
    raw = "stty raw -echo; " if terminal else ""
    # The word is broken by quotes, so that the line's echo on the terminal is not taken for its effect.
    takes = f'{raw}echo stentor-"in"side; p=$(head -c {len(script)}); eval "$p"'
    entry = f" /bin/sh -c {quote_any(takes)} sh {line}".encode() + (b"\r" if terminal else b"\n")
    # A terminal of our own: of a pipe, a session over a master takes modes in which Ctrl-C is a letter.
    ours, theirs = pty.openpty() if terminal else os.pipe()[::-1]
    try:
        process = programs.Running(argv, {**environ, "TERM": "dumb"}, stdin=theirs, stdout=programs.PIPE)
    except StentorError:
        os.close(ours)
        return b"", False
    finally:
        os.close(theirs)
    with process:
        try:
            return _Talk(process, ours, entry, script, terminal, shell_timeout).run()
        finally:
            os.close(ours)


class _Talk:
    """One dialogue: the entry line until the shell runs it, then the script, then its answer."""

    def __init__(
        self,
        process: programs.Running,
        stdin: int,
        entry: bytes,
        script: bytes,
        terminal: bool,
        shell_timeout: int,
    ) -> None:
        self.process = process
        self.stdin = stdin
        self.entry = entry
        self.script = script
        self.terminal = terminal
        self.said = b""
        self.interrupts = 0
        self.ended = False
        self.give_up = time.monotonic() + shell_timeout
        self.script_seconds = shell_timeout * 3 + 10

    def run(self) -> tuple[bytes, bool]:
        if not self._enter():
            return b"", False
        self.said = self.said.partition(_INSIDE)[2]
        self._write(self.script)
        limit = time.monotonic() + self.script_seconds
        while END.encode() not in self.said and len(self.said) < _MOST_BYTES and time.monotonic() < limit:
            if not self._read(limit):
                break
        return self.said, self.interrupts > 0

    def _enter(self) -> bool:
        """Type the line until the shell runs it. A terminal drops at Ctrl-C what was typed before."""
        self._write(self.entry)
        again = time.monotonic() + _PROMPT
        while _INSIDE not in self.said:
            now = time.monotonic()
            if now > self.give_up:
                return False
            if now > again and self.terminal:
                self.interrupts += 1
                again = now + _PROMPT
                self._write(b"\x03")
                time.sleep(0.2)
                self._write(self.entry)
            if not self._read(min(again, self.give_up)) and self.ended:
                return False
            if _INSIDE not in self.said:
                self.said = self.said[-_MOST_BYTES:]
        return True

    def _read(self, until: float) -> bool:
        """Wait for output; False at its end, or when the time is over."""
        data = programs.read(self.process.stdout, max(0.01, until - time.monotonic()))
        if data:
            self.said += data.replace(b"\r\n", b"\n") if _INSIDE not in self.said else data
        self.ended = data == b""
        return bool(data)

    def _write(self, data: bytes) -> None:
        try:
            while data:
                data = data[os.write(self.stdin, data) :]
        except OSError:
            return  # it has ended; reading shows that


# The files alone, where nothing runs.


def _by_sftp(argv: Sequence[str], environ: Mapping[str, str]) -> Entrance | None:
    """Read the start-up files by sftp, and those which they source; None where sftp does not work."""
    with scratch.folder() as folder:
        said = _sftp(argv, environ, folder, {"/etc/passwd": "passwd", **_names(EVERY)})
        home = said.partition("Remote working directory: ")[2].partition("\n")[0].strip()
        if not home:
            return None
        files = _got(folder, _names(EVERY), home)
        for name in sorted(os.listdir(folder)):
            if name.endswith(".fish") and not name.startswith("f"):
                files |= _got(folder, {f"{_CONF_D}/{name}": name}, home)
        shell = _login_shell(path_text(os.path.join(folder, "passwd"), LARGEST), home)
        for _ in range(2):
            more = {path for text in files.values() for path in sourced(text, home)} - files.keys()
            if not more:
                break
            names = {path: f"more{number}" for number, path in enumerate(sorted(more)[:20])}
            _sftp(argv, environ, folder, names)
            files |= _got(folder, names, home)
        return Entrance("sftp", home=home, shell=shell, files=files)


def _names(paths: Iterable[str]) -> dict[str, str]:
    """Remote path to a file name of ours."""
    return {path.removeprefix("~/"): f"f{number}" for number, path in enumerate(paths)}


def _sftp(argv: Sequence[str], environ: Mapping[str, str], folder: str, names: Mapping[str, str]) -> str:
    lines = ["pwd", *(f'-get "{path}" "{folder}/{name}"' for path, name in names.items() if '"' not in path)]
    lines.append(f"-get {_CONF_D}/*.fish {folder}/")
    try:
        done = programs.run(
            [*_LIMITED, "sftp", "-q", "-b", "-", *argv[1:]],
            environ,
            stdin="".join(f"{line}\n" for line in lines).encode(),
            stderr=programs.DEVNULL,
            timeout=SFTP_SECONDS,
        )
    except StentorError:
        return ""
    return "" if done.timed_out else done.text


def _got(folder: str, names: Mapping[str, str], home: str) -> dict[str, str]:
    """The files that were fetched, by their absolute paths."""
    found = {}
    for path, name in names.items():
        local = os.path.join(folder, name)
        if os.path.exists(local):
            found[path if path.startswith("/") else f"{home}/{path}"] = path_text(local, LARGEST)
    return found


def _login_shell(passwd: str, home: str) -> str:
    """The shell of the account with this home; empty where no such account is in the file."""
    for line in passwd.splitlines():
        fields = line.split(":")
        if len(fields) == 7 and fields[5].rstrip("/") == home.rstrip("/"):
            return fields[6]
    return ""
