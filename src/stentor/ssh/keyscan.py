"""Which host keys a server shows, by OpenSSH's own programs and without a login; and the file of pins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from stentor import atomic_write, programs
from stentor.errors import FleetError, StentorError
from stentor.opening import regular

AT_ONCE = 16
KINDS = "ed25519,ecdsa,rsa"


def scan_words(address: str, port: int, timeout: float, *, certificates: bool = False) -> list[str]:
    """Return the words of an ``ssh-keyscan`` for one server."""
    words = ["ssh-keyscan", "-T", str(max(1, round(timeout))), "-p", str(port), "-t", KINDS]
    return [*words, *(["-c"] if certificates else []), "--", address]


def keygen(words: Sequence[str], text: str, environ: Mapping[str, str]) -> str:
    """Return what ``ssh-keygen`` says of keys; empty where it is not installed."""
    try:
        return programs.run(
            ["ssh-keygen", *words, "-f", "-"],
            environ,
            stdin=text.encode(),
            stderr=programs.DEVNULL,
            timeout=10,
        ).text
    except StentorError:
        return ""


def randomart(keys: Sequence[str], environ: Mapping[str, str]) -> list[list[str]]:
    """Return the picture of each key (``ssh-keygen -lv``), its lines without the fingerprint above.

    Args:
        keys: as lines, ``ssh-ed25519 AAAA...``.
    """
    pictures: list[list[str]] = []
    for line in keygen(["-lv"], "".join(f"{key}\n" for key in keys), environ).splitlines():
        if "SHA256:" in line and not line.startswith(("|", "+")):
            pictures.append([])
        elif pictures:
            pictures[-1].append(line)
    return pictures if len(pictures) == len(keys) else [[] for _ in keys]


def write_pins(path: str, change: Callable[[str], str]) -> None:
    """Change the fleet's known_hosts, whole or not at all; the file is made if there is none.

    Raises:
        FleetError: it cannot be read or written.
    """
    import fcntl
    import os

    real = os.path.realpath(path)
    try:
        folder = os.open(os.path.dirname(real), os.O_RDONLY | os.O_CLOEXEC)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)  # two people may trust at the same time
            before = ""
            if os.path.exists(real):
                with open(real, encoding="utf-8", newline="", opener=regular) as file:
                    before = file.read()
            atomic_write.write(real, change(before))
        finally:
            os.close(folder)
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no text"
        raise FleetError(f"the pins cannot be written: {reason}", where=real) from None
