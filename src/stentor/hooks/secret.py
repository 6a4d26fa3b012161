"""The secret of a webhook, from a file that is for its owner alone; and Ed25519, by OpenSSL's program."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from stentor import programs, scratch
from stentor.errors import StentorError
from stentor.fleet.policy.serving import Hook
from stentor.hooks.delivery import Secret
from stentor.hooks.forges import sourcehut
from stentor.opening import regular

_LONGEST = 4096
_DER = bytes.fromhex("302a300506032b6570032100")
"""What stands before an Ed25519 public key in DER (RFC 8410, section 10.1)."""


def secret_of(hook: Hook, root: str, environ: Mapping[str, str]) -> Secret:
    """Read the secret of a webhook.

    Args:
        root: the fleet directory, to which the path is relative.

    Raises:
        StentorError: it cannot be read, is empty, or others can read it.
    """
    if hook.forge == "sourcehut":
        key = _read(path_of(hook, root, environ), private=False) if hook.secret else sourcehut.KEY
        return Secret(key, lambda *words: ed25519(*words, environ=environ))
    return Secret(_read(path_of(hook, root, environ)))


def path_of(hook: Hook, root: str, environ: Mapping[str, str]) -> str:
    """Return where the secret is."""
    home = environ.get("HOME") or os.path.expanduser("~")
    if hook.secret.startswith("~/"):
        return os.path.join(home, hook.secret[2:])
    return os.path.join(root, hook.secret)


def _read(path: str, *, private: bool = True) -> bytes:
    try:
        descriptor = regular(path)
    except OSError as error:
        raise StentorError(
            f"the secret of the webhook cannot be read: {error.strerror}",
            where=path,
            hint="make one with: (umask 077; openssl rand -hex 32 > FILE)",
        ) from None
    with open(descriptor, "rb") as file:
        state = os.fstat(descriptor)
        if private and stat.S_IMODE(state.st_mode) & 0o077:
            raise StentorError(
                "others can read the secret of the webhook", where=path, hint=f"chmod 600 {path}"
            )
        if private and state.st_uid not in (os.geteuid(), 0):
            raise StentorError("the secret of the webhook belongs to another user", where=path)
        found = file.read(_LONGEST + 1).strip()
    if not found or len(found) > _LONGEST:
        what = "is empty" if not found else f"is longer than {_LONGEST} bytes"
        raise StentorError(f"the secret of the webhook {what}", where=path)
    return found


def ed25519(key: bytes, message: bytes, signature: bytes, *, environ: Mapping[str, str]) -> bool:
    """Whether a signature is that of a message, as ``openssl pkeyutl`` (3.0 or later) says.

    Args:
        key: the public key, 32 bytes.
        message: what was signed.
        signature: 64 bytes.

    Raises:
        ProgramMissing: there is no openssl.
    """
    with scratch.folder() as folder:
        places = {}
        for name, data in (("key", _DER + key), ("message", message), ("signature", signature)):
            places[name] = os.path.join(folder, name)
            with open(places[name], "wb") as file:
                file.write(data)
        words = ["-verify", "-rawin", "-pubin", "-keyform", "DER", "-inkey", places["key"]]
        files = ["-sigfile", places["signature"], "-in", places["message"]]
        return programs.run(["openssl", "pkeyutl", *words, *files], environ, timeout=10).code == 0
