"""What is sent to every node, when it can be read only once: kept as a file for the time of a fan-out."""

from __future__ import annotations

import os
from typing import IO, Self


class Given:
    """What is sent to each node: a file that every session can open anew, gone at the end in any case."""

    def __init__(self) -> None:
        self._file: IO[bytes] | None = None
        self._path = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            if self._path:
                os.unlink(self._path)

    def spool(self, source: IO[bytes]) -> str:
        """Copy a stream that can be read only once; return a path to open."""
        import tempfile
        from shutil import copyfileobj

        number, path = tempfile.mkstemp(prefix="stentor-stdin-")
        self._file = open(number, "wb")  # noqa: SIM115 - closed in __exit__
        self._path = path
        copyfileobj(source, self._file)
        self._file.flush()
        if os.path.exists(f"/proc/self/fd/{number}"):
            # Without a name it cannot be left behind, whatever becomes of us.
            os.unlink(path)
            self._path, path = "", f"/proc/self/fd/{number}"
        return path
