"""The proof that a node can still be logged into: new logins, never the master.

Three of them, in this order: a session without a terminal must print nothing; a second one tries
every kind of shell and the commands that must be found; the last is a login with a terminal, and
the change is confirmed by a line typed into its shell, as a person's first line would be.
"""

from __future__ import annotations

import os
import pwd
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from typing import NamedTuple

from stentor.dotfiles import program
from stentor.dotfiles.answer import parse, proof_faults
from stentor.engines.reach import Reach
from stentor.fleet.model import Node
from stentor.ssh.target import login_argv


class Proof(NamedTuple):
    """What the new logins showed.

    Attributes:
        faults: what is wrong, a line each; empty if all is well.
        confirmed: whether the node said that the change is confirmed.
    """

    faults: tuple[str, ...]
    confirmed: bool = False


class Terms(NamedTuple):
    """What is asked of a login.

    Attributes:
        seconds: in which each shell must come up.
        requires: commands that must be found.
        checks: commands of the policy's.
    """

    seconds: int
    requires: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def prove(reach: Reach, node: Node, op: str, token: str, terms: Terms) -> Proof:
    """Log in anew three times and confirm the change in the last; blocks, so run one thread a node."""
    # A login may take its own time besides the shell's: name look-ups, key exchange.
    limit = terms.seconds + round(reach.settings.connect_timeout)
    faults = _quiet(reach, node, limit) or _shells(reach, node, terms)
    if faults:
        return Proof(tuple(faults))
    said = _typed(reach, node, program.typed("confirm", op=op, token=token), limit)
    if b"state confirmed" in said:
        return Proof((), confirmed=True)
    if b"state reverted" in said:
        return Proof(("the node had already taken the change back",))
    return Proof((f"the login shell with a terminal did not come up within {limit} s",))


def _quiet(reach: Reach, node: Node, limit: int) -> list[str]:
    done = _run(_argv(reach, node, "-T", command="true"), _environment(reach, node), limit)
    if done is None:
        return [f"a new login did not come up within {limit} s"]
    code, stdout, stderr = done
    if stdout:
        return [f"a session without a terminal printed {len(stdout)} bytes (scp and git break on it)"]
    if code or stderr:
        last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        return [f"a new login ended with code {code}{': ' + last if last else ''}"]
    return []


def _shells(reach: Reach, node: Node, terms: Terms) -> list[str]:
    text = program.compose(checks=terms.checks).encode()
    words = sorted({*terms.requires, *node.requires})
    command = program.command("shells", *words, seconds=str(terms.seconds))
    limit = round(reach.settings.connect_timeout) + terms.seconds * (4 + len(terms.checks))
    done = _run(_argv(reach, node, "-T", command=command), _environment(reach, node), limit, text)
    answer = parse(done[1]) if done else None
    return ["a new login did not reach a shell"] if answer is None else proof_faults(answer)


def _argv(reach: Reach, node: Node, tty: str, *, command: str = "") -> list[str]:
    if node.alias == reach.local:
        shell = pwd.getpwuid(os.geteuid()).pw_shell or "/bin/sh"
        return [shell, "-c", command] if command else [shell]
    options = (tty, "-o", "BatchMode=yes", "-o", "LogLevel=ERROR")
    argv = login_argv(reach.fleet, node, user=reach.settings.user, fresh=True, options=options)
    return [*argv, command] if command else argv


def _environment(reach: Reach, node: Node) -> Mapping[str, str]:
    if node.alias != reach.local:
        return reach.environ
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


def _run(
    argv: list[str], environ: Mapping[str, str], limit: float, text: bytes = b""
) -> tuple[int, bytes, bytes] | None:
    process = subprocess.Popen(
        argv,
        env=dict(environ),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        stdout, stderr = process.communicate(text, timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        return None
    return process.returncode, stdout, stderr


def _typed(reach: Reach, node: Node, line: str, limit: float) -> bytes:
    """Log in with a terminal, type one line and read until the node has said what it is."""
    argv = _argv(reach, node, "-tt")
    environ = {**_environment(reach, node)}
    environ.setdefault("TERM", "xterm")
    with tempfile.TemporaryFile() as complaints:
        if node.alias == reach.local:
            return _typed_here(argv[0], environ, line, limit)
        process = subprocess.Popen(
            argv,
            env=environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
            start_new_session=True,
        )
        assert process.stdin is not None  # noqa: S101 - for the type checker
        assert process.stdout is not None  # noqa: S101 - for the type checker
        try:
            return _dialogue(process.stdout.fileno(), process.stdin.fileno(), line, limit)
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()


def _typed_here(shell: str, environ: Mapping[str, str], line: str, limit: float) -> bytes:
    import pty

    pid, descriptor = pty.fork()
    if pid == 0:  # a login shell is told by the dash in front of its name
        os.chdir(environ["HOME"])
        os.execve(shell, [f"-{os.path.basename(shell)}"], dict(environ))
    try:
        return _dialogue(descriptor, descriptor, line, limit)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.close(descriptor)
        os.waitpid(pid, 0)


def _dialogue(reads: int, writes: int, line: str, limit: float) -> bytes:
    """Type the line now and, should the shell's start have swallowed it, again twice."""
    said = b""
    begun = time.monotonic()
    typed = 0
    while (now := time.monotonic() - begun) < limit:
        if typed < 3 and now >= typed * limit / 3:
            typed += 1
            try:
                os.write(writes, f"{line}\n".encode())
            except OSError:
                return said
        if not select.select([reads], [], [], 0.2)[0]:
            continue
        try:
            data = os.read(reads, 65536)
        except OSError:
            return said
        said += data
        if not data or b"state confirmed" in said or b"state reverted" in said:
            return said
    return said
