"""Bytes given by a caller, as a file that every session can open anew."""

from __future__ import annotations

import os

from stentor.errors import UsageError
from stentor.typed import Any


class InputFile:
    """Bytes as a file for the time of a run; a path stays what it is."""

    def __init__(self, stdin: bytes | str | None) -> None:
        self._stdin = stdin
        self._file: Any = None

    def __enter__(self) -> str | None:
        if not isinstance(self._stdin, bytes):
            if self._stdin is not None and not os.access(self._stdin, os.R_OK):
                raise UsageError(f"cannot read {self._stdin}", hint="give bytes, or a readable file")
            return self._stdin
        import tempfile

        self._file = tempfile.NamedTemporaryFile(prefix="stentor-stdin-")
        self._file.write(self._stdin)
        self._file.flush()
        return str(self._file.name)

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
