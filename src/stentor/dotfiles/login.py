"""Verify that a node still accepts logins: by new ones, never over the master.

Three of them, in this order: a session without a terminal must print nothing; a second one tries
every kind of shell and the commands that must be found; the last is a login with a terminal, and
the change is confirmed by a line typed into its shell, as a person's first line would be.
"""

from __future__ import annotations

import os
import pwd
import time
from collections.abc import Mapping
from typing import NamedTuple

from stentor import programs, terminal
from stentor.dotfiles import program
from stentor.dotfiles.answer import parse, proof_faults
from stentor.engines.reach import Reach
from stentor.fleet.model import Node
from stentor.ssh.target import login_argv


class Proof(NamedTuple):
    """What the new logins showed.

    Attributes:
        faults: what is wrong, a line each; empty if nothing is.
        confirmed: whether the node said that the change is confirmed; without it and without faults, a
            request to stop came first.
    """

    faults: tuple[str, ...]
    confirmed: bool = False


class Terms(NamedTuple):
    """What is asked of a login.

    Attributes:
        seconds: in which each shell must come up.
        requires: commands that must be found.
        checks: commands from the policy.
    """

    seconds: int
    requires: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()


def prove(reach: Reach, node: Node, op: str, token: str, terms: Terms) -> Proof:
    """Log in anew three times and confirm the change in the last; blocks, so use a thread for each node.

    A request to stop ends it within a quarter of a second.
    """
    # A login may take its own time besides the shell's: name look-ups, key exchange.
    limit = terms.seconds + round(reach.settings.connect_timeout)
    faults = _quiet(reach, node, limit) or _shells(reach, node, terms)
    if stopped(reach):
        return Proof(())
    if faults:
        return Proof(tuple(faults))
    said = _typed(reach, node, program.typed("confirm", op=op, token=token), limit)
    if b"state confirmed" in said:
        return Proof((), confirmed=True)
    if b"state reverted" in said:
        return Proof(("the node had already reverted the change",))
    if stopped(reach):
        return Proof(())
    return Proof((f"the login shell with a terminal did not come up within {limit} s",))


def stopped(reach: Reach) -> bool:
    """Whether the operation was asked to stop."""
    return bool(reach.cancellation and reach.cancellation.requests)


def _quiet(reach: Reach, node: Node, limit: int) -> list[str]:
    done = _run(reach, node, "true", limit)
    if done.timed_out:
        return [f"a new login did not come up within {limit} s"]
    if done.stdout:
        return [f"a session without a terminal printed {len(done.stdout)} bytes (scp and git break on it)"]
    if done.code or done.stderr:
        last = done.error_text.strip().rpartition("\n")[2]
        return [f"a new login ended with code {done.code}{': ' + last if last else ''}"]
    return []


def _shells(reach: Reach, node: Node, terms: Terms) -> list[str]:
    text = program.compose(checks=terms.checks).encode()
    words = sorted({*terms.requires, *node.requires})
    command = program.command("shells", *words, seconds=str(terms.seconds))
    limit = round(reach.settings.connect_timeout) + terms.seconds * (4 + len(terms.checks))
    done = _run(reach, node, command, limit, text)
    answer = None if done.timed_out else parse(done.stdout)
    return ["a new login did not reach a shell"] if answer is None else proof_faults(answer)


def _run(reach: Reach, node: Node, command: str, limit: float, text: bytes = b"") -> programs.Completed:
    """Run a command by a new login; a request to stop ends it as its time limit does."""
    argv = _argv(reach, node, "-T", command=command)
    environ = _environment(reach, node)
    return programs.run(argv, environ, stdin=text, timeout=limit, stop=lambda: stopped(reach))


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


def _typed(reach: Reach, node: Node, line: str, limit: float) -> bytes:
    """Log in with a terminal, type one line and read until the node has said what it is."""
    argv = _argv(reach, node, "-tt")
    environ = {"TERM": "xterm", **_environment(reach, node)}
    if node.alias == reach.local:
        with terminal.login_shell(argv[0], environ, environ["HOME"]) as shell:
            return _dialogue(reach, shell, shell, line, limit)
    with programs.Running(argv, environ, stdin=programs.PIPE, stdout=programs.PIPE) as process:
        return _dialogue(reach, process.stdout, process.stdin, line, limit)


def _dialogue(reach: Reach, reads: int, writes: int, line: str, limit: float) -> bytes:
    """Type the line, and twice more in case the start of the shell dropped it."""
    said = b""
    begun = time.monotonic()
    typed = 0
    while (now := time.monotonic() - begun) < limit and not stopped(reach):
        if typed < 3 and now >= typed * limit / 3:
            typed += 1
            try:
                os.write(writes, f"{line}\n".encode())
            except OSError:
                return said
        data = programs.read(reads, 0.2)
        if data is None:
            continue
        said += data
        if not data or b"state confirmed" in said or b"state reverted" in said:
            return said
    return said
