"""Secrets that were handed out (sign-in links, sessions): a file each, named by the secret's hash.

Who can read the folder learns no secret from it. Files can be removed by hand: ``stentor serve login
--sign-out`` does no more. ``stentor serve login`` runs in another process than the page, so it is files.
"""

from __future__ import annotations

import os
import re
import secrets
from contextlib import suppress
from hashlib import sha256
from typing import NamedTuple

import msgspec

from stentor.atomic_write import write
from stentor.web.caller import Role

_NAME = re.compile(r"[0-9a-f]{64}")


class Grant(msgspec.Struct, frozen=True):
    """Who somebody is, and until when."""

    user: str  # the name that the journal gets
    role: Role  # ``viewer`` reads, ``operator`` acts
    until: float  # seconds since 1970
    opened_by: str = ""  # fingerprint of the token or passkey without which it does not count; or empty


class Ticket(NamedTuple):
    """A grant that was just made, with its secret: the only time that this is known."""

    secret: str
    grant: Grant


class Store:
    """Grants of one kind."""

    def __init__(self, folder: str) -> None:
        self.folder = folder  # of its own, only for this user

    def add(self, grant: Grant) -> Ticket:
        """Make a secret for a grant.

        Raises:
            OSError: it cannot be written.
        """
        os.makedirs(self.folder, mode=0o700, exist_ok=True)
        secret = secrets.token_urlsafe(32)
        write(self._path(secret), msgspec.json.encode(grant).decode(), mode=0o600, durable=False)
        return Ticket(secret, grant)

    def get(self, secret: str, now: float) -> Grant | None:
        """Return the grant of a secret; None if there is none or its time is over."""
        return _read(self._path(secret), now)

    def take(self, secret: str, now: float) -> Grant | None:
        """Return the grant of a secret that counts once; of two who come at the same time one gets it."""
        path = self._path(secret)
        mine = f"{path}.{secrets.token_hex(8)}"
        try:
            os.rename(path, mine)
        except OSError:
            return None
        try:
            return _read(mine, now)
        finally:
            with suppress(FileNotFoundError):  # what is over may be swept meanwhile
                os.unlink(mine)

    def drop(self, secret: str) -> None:
        """Forget a secret."""
        with suppress(FileNotFoundError):
            os.unlink(self._path(secret))

    def sweep(self, now: float, *, every: bool = False) -> int:
        """Remove grants whose time is over, or all; return how many."""
        removed = 0
        with suppress(FileNotFoundError):
            for entry in os.scandir(self.folder):
                if _NAME.fullmatch(entry.name[:64]) and (every or _read(entry.path, now) is None):
                    with suppress(FileNotFoundError):
                        os.unlink(entry.path)
                        removed += 1
        return removed

    def _path(self, secret: str) -> str:
        return os.path.join(self.folder, sha256(secret.encode("utf-8", "replace")).hexdigest())


def _read(path: str, now: float) -> Grant | None:
    try:
        with open(path, "rb") as file:
            grant = msgspec.json.decode(file.read(4096), type=Grant)
    except (OSError, msgspec.MsgspecError):
        return None
    return grant if now < grant.until else None
