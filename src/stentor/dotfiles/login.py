"""Verify that a node still accepts logins: by a new one, never over the master.

In it the node's program tries every kind of shell and the commands that must be found, says what it found
(``sh/dotfiles/shells.sh``), and waits: the change is confirmed by a line sent to that program. No shell is
ever typed into, so that whatever a login leads to (a session of tmux, another shell) gets nothing from us.
"""

from __future__ import annotations

import os
import pwd
import shlex
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, NamedTuple

from stentor import programs, scratch
from stentor.dotfiles import program
from stentor.dotfiles.answer import HEADER, Answer, parse, proof_faults
from stentor.engines.reach import Reach
from stentor.fleet.model import Node
from stentor.ssh.target import login_argv

_MOST_BYTES = 1 << 18  # of what a login says
_LAST_BYTES = 200  # of its complaints are told
# A node that complains on and on must not fill the disk: then ssh is ended, which is a fault of the login.
_LIMITED = ["/bin/sh", "-c", 'ulimit -f 2048; exec "$@"', "sh"]
_CLEAN_UP = 3.0  # seconds for ending what the shells of a proof have left


class Proof(NamedTuple):
    """What the new login showed."""

    faults: tuple[str, ...]  # what is wrong, a line each; empty if nothing is
    # Whether the node said that the change is confirmed; without it and without faults, a request to stop
    # came first.
    confirmed: bool = False
    before: tuple[str, ...] = ()  # what is wrong and was so before the change
    concluded: bool = False  # whether the node has cleaned up after it, too


class Terms(NamedTuple):
    """What is asked of a login."""

    seconds: int  # in which all shells must come up
    requires: tuple[str, ...] = ()  # commands that must be found
    noisy: bool = False  # whether a session without a terminal printed something even before the change


def prove(reach: Reach, node: Node, op: str, token: str, terms: Terms) -> Proof:
    """Log in anew and confirm the change there; blocks, so use a thread for each node.

    A request to stop ends it within a quarter of a second.
    """
    # A login may take its own time besides the shells': name look-ups, key exchange.
    limit = terms.seconds + round(reach.settings.connect_timeout)
    options = {"op": op, "token": token, "seconds": str(terms.seconds), "requires": " ".join(terms.requires)}
    with _login(reach, node, program.kept("prove", **options)) as login:
        answer = login.read("proved", limit + _CLEAN_UP)
        if reach.stopped():
            return Proof(())
        if answer is None:
            return Proof((login.why(limit),))
        faults = _found(reach, node, answer, options, limit)
        if answer.noise and not terms.noisy:
            faults = [
                login.noise(),
                *(fault for fault in faults if not fault.startswith("the plain shell speaks")),
            ]
        if not faults and login.complaints():
            faults = _transfers(node, reach, limit)
        before = tuple(proof_faults(answer.before()))
        if faults or reach.stopped():
            return Proof(tuple(faults), before=before)
        login.send("confirm\n")
        answer = login.read("state", limit)
        state = answer.one("state") if answer else ""
        if state == "confirmed":
            answer = login.read("end", limit)
            concluded = answer is not None and "concluded" in answer.all("step")
            return Proof((), confirmed=True, before=before, concluded=concluded)
    if state == "reverted":
        return Proof(("the node had already reverted the change",))
    return (
        Proof(()) if reach.stopped() else Proof(("the node did not answer whether the change is confirmed",))
    )


def _found(reach: Reach, node: Node, answer: Answer, options: Mapping[str, str], limit: float) -> list[str]:
    """Return the faults of the shells; where the node has no terminal to try them on, sshd makes one."""
    if not answer.has("terminal") or node.alias == reach.local:
        return proof_faults(answer)
    with _login(reach, node, program.kept("terminal", **options), "-tt") as login:
        own = login.read("end", limit + _CLEAN_UP)
    if own is None:
        return [] if reach.stopped() else [f"a login with a terminal did not come up within {limit:.0f} s"]
    people = (
        "shell interactive",
        "shell login-interactive",
        "missing interactive",
        "missing login-interactive",
    )
    none = answer.one("terminal") == "none"
    kept = tuple(
        (key, text) for key, text in answer.pairs if not (none and f"{key} {text}".startswith(people))
    )
    return proof_faults(answer._replace(pairs=(*kept, *own.pairs)))


def _transfers(node: Node, reach: Reach, limit: float) -> list[str]:
    """Try what a login's complaints could break; they alone are no fault."""
    if node.alias == reach.local:
        return []
    *ssh, _, host = _argv(reach, node, "-T")
    options = [word for word in ssh[1:] if word != "-T"]
    place = f"{program.STATE}/pending/op"
    with scratch.folder() as folder:
        got = os.path.join(folder, "op")
        tried = {
            "sftp": ["sftp", "-q", "-b", "-", *options, host],
            "scp": ["scp", "-q", *options, f"{host}:{place}", got],
            "git": ["git", "ls-remote", f"{host}:{program.STATE}/repo.git"],
        }
        environ = {**reach.environ, "GIT_SSH_COMMAND": shlex.join(ssh), "GIT_SSH_VARIANT": "simple"}
        faults = []
        for name, words in tried.items():
            stdin = f"get {place} {got}.sftp\n".encode() if name == "sftp" else b""
            with tempfile.TemporaryFile() as said:
                done = programs.run(
                    [*_LIMITED, *words],
                    environ,
                    stdin=stdin,
                    timeout=limit,
                    stdout=programs.DEVNULL,
                    stderr=said.fileno(),
                    stop=lambda: reach.stopped(),
                )
                last = _end_of(said).rpartition("\n")[2]
            if reach.stopped():
                return []
            if done.code:
                faults.append(f"{name} does not work there any more: {last or f'code {done.code}'}")
        return faults


class _Login:
    """A login in which the node's program runs."""

    def __init__(self, reach: Reach, running: programs.Running, stderr: IO[bytes]) -> None:
        self._reach = reach
        self._running = running
        self._stderr = stderr
        self._said = b""

    def read(self, key: str, seconds: float) -> Answer | None:
        """Read until a line with this key; None if it does not come, or a request to stop does."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not self._reach.stopped():
            answer = parse(self._said.replace(b"\r\n", b"\n"))
            # The last line may be half.
            if answer and self._said.endswith(b"\n") and (answer.has(key) or answer.code is not None):
                return answer if answer.has(key) or key == "end" else None
            data = programs.read(self._running.stdout, 0.2)
            if data == b"":
                return None
            self._said += data or b""
            if len(self._said) > _MOST_BYTES:
                return None
        return None

    def send(self, text: str) -> None:
        """Send a line to the program."""
        try:
            os.write(self._running.stdin, text.encode())
        except OSError:
            return  # it has ended, and its answer says why

    def complaints(self) -> str:
        """What the login wrote to its standard error."""
        return _end_of(self._stderr)

    def noise(self) -> str:
        """Say how much the login printed before the program began."""
        size = self._said.index(HEADER.encode())
        return f"a session without a terminal printed {size} bytes (scp and git break on it)"

    def why(self, limit: float) -> str:
        """Why there is no answer."""
        answer, code = parse(self._said), self._running.wait(0.2)
        if answer and answer.trouble:
            return answer.trouble
        if len(self._said) > _MOST_BYTES:
            return "a new login wrote more than 256 KB"
        if code is None:
            return f"a new login did not come up within {limit:.0f} s"
        last = self.complaints().rpartition("\n")[2]
        return f"a new login ended with code {code}{': ' + last if last else ''}"


def _end_of(complaints: IO[bytes]) -> str:
    complaints.seek(max(0, complaints.seek(0, os.SEEK_END) - _LAST_BYTES))
    return complaints.read().decode("utf-8", "replace").strip()


@contextmanager
def _login(reach: Reach, node: Node, command: str, tty: str = "-T") -> Iterator[_Login]:
    argv = [*_LIMITED, *_argv(reach, node, tty), command]
    if node.alias == reach.local:
        argv = [_shell(), "-c", command]
    with (
        tempfile.TemporaryFile(prefix="stentor-") as stderr,
        programs.Running(
            argv, _environment(reach, node), stdin=programs.PIPE, stdout=programs.PIPE, stderr=stderr.fileno()
        ) as running,
    ):
        yield _Login(reach, running, stderr)


def _argv(reach: Reach, node: Node, tty: str) -> list[str]:
    options = (tty, "-o", "BatchMode=yes", "-o", "LogLevel=ERROR")
    return login_argv(reach.fleet, node, user=reach.settings.user, fresh=True, options=options)


def _shell() -> str:
    return pwd.getpwuid(os.geteuid()).pw_shell or "/bin/sh"


def _environment(reach: Reach, node: Node) -> Mapping[str, str]:
    if node.alias != reach.local:
        return {"TERM": "xterm", **reach.environ}
    user = pwd.getpwuid(os.geteuid())
    home = reach.environ.get("HOME") or user.pw_dir
    return {
        "HOME": home,
        "USER": user.pw_name,
        "LOGNAME": user.pw_name,
        "SHELL": user.pw_shell,
        "TERM": "xterm",
        # As sshd sets it: by this bash knows that it reads ~/.bashrc even for one command.
        "SSH_CLIENT": "127.0.0.1 0 22",
        "SSH_CONNECTION": "127.0.0.1 0 127.0.0.1 22",
    }
