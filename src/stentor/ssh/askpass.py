"""A login by a password that is known here: ssh asks a small program for it, which reads it from memory.

So it is in no command line, in no environment and in no file. The program answers the question for one user
on one host, in the form that ssh writes it (sshconnect2.c): not that of a jump host, of a key's passphrase,
or about a host key, which must be known.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence

from stentor import programs, scratch
from stentor.fleet.model import Fleet, Node
from stentor.sh.quoting import quote
from stentor.ssh.target import config_argv, parse_config

_PATIENCE = 60.0  # seconds for a login
_FIRST = (
    *("-o", "StrictHostKeyChecking=yes", "-o", "NumberOfPasswordPrompts=1"),
    *("-o", "PreferredAuthentications=password,keyboard-interactive"),
    *("-o", "PasswordAuthentication=yes", "-o", "KbdInteractiveAuthentication=yes"),
    *("-o", "LogLevel=INFO"),
)
_PROGRAM = """#!/bin/sh
case $1 in
  {user}@{host}"'s password: " | "("{user}@{host}") "*) exec cat -- "$STENTOR_ANSWER" ;;
esac
echo "ssh asks for something else than the password: $1" >&2
exit 1
"""


class PasswordLogin:
    """Logs in where a password is wanted.

    Args:
        user: whose password it is.
        password: returns it; called once, when it is needed for the first time. Empty for none.
    """

    def __init__(
        self, fleet: Fleet, environ: Mapping[str, str], user: str, password: Callable[[], str]
    ) -> None:
        self.refused: dict[str, str] = {}  # alias to what ssh said where the password was not taken
        self._fleet = fleet
        self._environ = environ
        self._user = user
        self._ask = password
        self._known: str | None = None

    @property
    def password(self) -> str:
        """What was given; empty before it was asked for."""
        return self._known or ""

    def ask(self) -> str:
        """Return the password, which is asked for once."""
        if self._known is None:
            self._known = self._ask()
        return self._known

    def __call__(self, node: Node, argv: Sequence[str]) -> int:
        """Run an ``ssh`` for a node, which may become a master; return its exit code."""
        password = self.ask()
        if not password:
            self.refused[node.alias] = "there is no password"
            return 1
        said = programs.run(config_argv(self._fleet, node, user=self._user), self._environ)
        settings = parse_config(said.text)[0]
        alias = settings.get("hostkeyalias", "none")
        host = alias if alias not in ("", "none") else settings.get("hostname", node.alias)
        text = _PROGRAM.format(user=quote(self._user), host=quote(host))
        with scratch.folder() as folder, scratch.memory(f"{password}\n".encode()) as answer:
            program = os.path.join(folder, "askpass")
            with open(os.open(program, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "w") as file:
                file.write(text)
            environ = {
                **self._environ,
                "SSH_ASKPASS": program,
                "SSH_ASKPASS_REQUIRE": "force",
                "STENTOR_ANSWER": answer,
            }
            code, said_too = _run([argv[0], *_FIRST, *argv[1:]], environ)
        if code:
            self.refused[node.alias] = said_too
        return code


def _run(argv: Sequence[str], environ: Mapping[str, str]) -> tuple[int, str]:
    # Not by a pipe: a master may hold it open for as long as it stays.
    with (
        tempfile.TemporaryFile(prefix="stentor-") as errors,
        programs.Running(argv, environ, stderr=errors.fileno()) as running,
    ):
        code = running.wait(_PATIENCE)
        errors.seek(0)
        said = errors.read().decode("utf-8", "replace").strip()
        if code is None:
            return 1, said or f"the login did not end in {_PATIENCE:g} s"
        return code, said
