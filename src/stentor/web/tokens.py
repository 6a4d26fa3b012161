"""The file of tokens: who may come without a sign-in link, by ``Authorization: Bearer TOKEN`` or the form.

A line each: ``NAME ROLE TOKEN``; empty lines and those that begin with ``#`` are left out.
"""

from __future__ import annotations

import hmac
import os
import stat
from hashlib import sha256
from typing import NamedTuple

from stentor.errors import UsageError, of_path
from stentor.opening import regular
from stentor.web.caller import Role

SHORTEST = 32  # characters of a token: 'openssl rand -hex 32' writes 64
_ROLES: dict[str, Role] = {"viewer": "viewer", "operator": "operator"}


class Token(NamedTuple):
    """A line of the file."""

    user: str
    role: Role
    secret: str

    @property
    def fingerprint(self) -> str:
        """What a session is known by that this line has opened; it tells nothing of the token."""
        return sha256("\0".join(self).encode("utf-8", "replace")).hexdigest()


def read(path: str) -> tuple[Token, ...]:
    """Read the file.

    Raises:
        UsageError: others may read it, or a line is no token; no message holds a token.
    """
    try:
        with open(path, encoding="utf-8", errors="replace", opener=regular) as file:
            found = os.fstat(file.fileno())
            lines = file.read(1 << 20).splitlines()
    except OSError as error:
        raise of_path(error, "the tokens cannot be read", path) from None
    if stat.S_IMODE(found.st_mode) & 0o077:
        raise UsageError("others may read the tokens", where=path, hint=f"chmod 600 {path}")
    tokens: list[Token] = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            tokens.append(_token(line, f"{path}:{number}:1"))
    return tuple(tokens)


def _token(line: str, where: str) -> Token:
    words = line.split()
    if len(words) != 3:
        raise UsageError(
            f"{len(words)} words; a line is NAME ROLE TOKEN",
            where=where,
            hint="for example: prometheus viewer and what 'openssl rand -hex 32' prints",
        )
    role = _ROLES.get(words[1])
    if role is None:
        raise UsageError(f"there is no role '{words[1]}'", where=where, hint="viewer or operator")
    if len(words[2]) < SHORTEST:
        raise UsageError(
            f"the token of {words[0]} is shorter than {SHORTEST} characters",
            where=where,
            hint="'openssl rand -hex 32' prints a good one",
        )
    return Token(words[0], role, words[2])


def match(tokens: tuple[Token, ...], secret: str) -> Token | None:
    """Return whose token it is. Every token is compared, so that the time tells nothing."""
    given = secret.encode("utf-8", "replace")
    found = None
    for token in tokens:
        if hmac.compare_digest(token.secret.encode("utf-8", "replace"), given):
            found = token
    return found
