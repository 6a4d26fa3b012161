"""What comes to be in a folder while something runs, by inotify(7): also what is gone again at once."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

_CREATE, _MOVED_TO = 0x100, 0x80
_HEAD = struct.Struct("iIII")


class Seen(NamedTuple):
    """A name that came to be, and its mode as soon as we looked; None if it was gone again."""

    folder: str
    name: str
    mode: int | None


@contextmanager
def watching(*folders: str | Path) -> Iterator[list[Seen]]:
    """Collect what comes to be in these folders, until the block ends."""
    libc = ctypes.CDLL(None, use_errno=True)
    number = libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK)
    assert number >= 0, os.strerror(ctypes.get_errno())
    known = {libc.inotify_add_watch(number, os.fsencode(f), _CREATE | _MOVED_TO): str(f) for f in folders}
    assert min(known) > 0, os.strerror(ctypes.get_errno())
    seen: list[Seen] = []
    end_in, end_out = os.pipe()

    def follow() -> None:
        while True:
            ready, _, _ = select.select([number, end_in], [], [])
            if number in ready:
                with suppress(BlockingIOError):
                    seen.extend(_events(os.read(number, 65536), known))
            elif end_in in ready:
                return

    thread = threading.Thread(target=follow)
    thread.start()
    try:
        yield seen
    finally:
        os.close(end_out)
        thread.join()
        for descriptor in (number, end_in):
            os.close(descriptor)


def _events(data: bytes, known: dict[int, str]) -> Iterator[Seen]:
    position = 0
    while position < len(data):
        watch, _, _, length = _HEAD.unpack_from(data, position)
        name = os.fsdecode(data[position + _HEAD.size :][:length].rstrip(b"\0"))
        position += _HEAD.size + length
        mode = None
        with suppress(OSError):
            mode = os.lstat(f"{known[watch]}/{name}").st_mode
        yield Seen(known[watch], name, mode)
