"""The lines which were typed in earlier shells: a private file in the state directory."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable

from prompt_toolkit.history import History

from stentor import atomic_write
from stentor.opening import regular

MOST_BYTES = 1 << 20


class Past(History):
    """One line an entry, the newest last. A file which cannot be written is no reason not to work.

    A line that begins with a blank is not kept, as bash's ``ignorespace`` has it: for secrets.
    """

    def __init__(self, path: str) -> None:
        super().__init__()
        self._path = path

    def load_history_strings(self) -> Iterable[str]:
        """Return what is there, the newest first."""
        try:
            with open(self._path, "rb", opener=regular) as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(max(0, size - MOST_BYTES))
                lines = file.read().decode("utf-8", "replace").split("\n")
        except OSError:
            return []
        if size > 2 * MOST_BYTES:  # it has grown long
            text = "\n".join(lines[1:])
            with contextlib.suppress(OSError):
                atomic_write.write(self._path, text, errors="replace", mode=0o600, durable=False)
        return [line for line in reversed(lines) if line]

    def store_string(self, string: str) -> None:
        """Append a line; in one write, so that two shells do not mix theirs."""
        if string[:1].isspace() or not string.strip():
            return
        line = " ".join(string.splitlines()) + "\n"
        try:
            os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(descriptor, line.encode("utf-8", "replace"))
            finally:
                os.close(descriptor)
        except OSError:
            return
