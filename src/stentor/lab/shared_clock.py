"""What the programs of a plain node share for a clock that is wrong: a semaphore and memory of libfaketime's.

Where there is none, each login's first program makes its own, which stays in the machine's memory when that
program becomes another. The module is imported to show help, so it imports nothing slow.
"""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_PLACE = "/dev/shm"  # noqa: S108 - where Linux keeps what programs share by name


def make(root: Path) -> str:
    """Make them for the node with this directory; return the value for ``FAKETIME_SHARED``."""
    import ctypes
    import struct

    semaphore, memory = _names(root)
    ctypes.CDLL(None).sem_open(f"/{semaphore}".encode(), os.O_CREAT, 0o600, 1)
    # Two counters, and by four clocks when the first program started: no nanosecond is -1.
    with open(os.open(f"{_PLACE}/{memory}", os.O_CREAT | os.O_WRONLY, 0o600), "wb") as file:
        file.write(struct.pack("=2Q8q", 0, 0, *(0, -1) * 4))
    return f"/{semaphore} /{memory}"


def remove(root: Path) -> None:
    """Remove them, if they are there."""
    semaphore, memory = _names(root)
    for name in (f"sem.{semaphore}", memory):
        with suppress(OSError):
            os.unlink(f"{_PLACE}/{name}")


def _names(root: Path) -> tuple[str, str]:
    from hashlib import sha256

    name = sha256(os.fsencode(root)).hexdigest()[:16]
    return f"stentor-lab-{name}-semaphore", f"stentor-lab-{name}-memory"
