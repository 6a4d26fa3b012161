"""A file for each node's stdout and stderr (``--output-dir``), beside whatever else is shown."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence

from stentor.errors import Refused
from stentor.fanout.events import Finished, Output
from stentor.outcome import Report
from stentor.render.display import BaseDisplay

MOST_OPEN = 64  # files kept open; a thousand nodes need their descriptors for sessions
ENDINGS = {"stdout": "out", "stderr": "err"}


class Files(BaseDisplay):
    """Writes ``DIR/NODE.out`` and ``DIR/NODE.err``.

    A file gets its name when its node has finished; until then it is ``DIR/.NODE.out.part``. Every
    node whose command began has both, if empty. Files of an earlier run are removed first, so what
    is there is of this run.

    Args:
        directory: made if it is not there.
        nodes: aliases.

    Raises:
        Refused: it cannot be written to; said before anything is run.
    """

    __slots__ = ("_begun", "_directory", "_made", "_open")

    def __init__(self, directory: str, nodes: Sequence[str]) -> None:
        self._directory = directory
        self._open: dict[str, int] = {}  # path to descriptor, the least recently used first
        self._made: dict[str, tuple[int, int]] = {}  # path to device and inode
        self._begun: set[str] = set()
        try:
            os.makedirs(directory, exist_ok=True)
            if not os.access(directory, os.W_OK | os.X_OK):
                raise PermissionError(errno.EACCES, "it cannot be written to", directory)
            for node in nodes:
                for stream in ENDINGS:
                    for path in (self._path(node, stream), self._part(node, stream)):
                        if os.path.lexists(path):
                            os.unlink(path)
        except OSError as error:
            raise self._fault(error) from None

    def show(self, event: object) -> None:
        try:
            if isinstance(event, Output):
                self._begun.add(event.node)
                self._write(self._part(event.node, event.stream), event.data)
            elif isinstance(event, Finished) and (event.node in self._begun or event.outcome.started):
                self._finish(event.node)
        except OSError as error:
            raise self._fault(error) from None

    def end(self, report: Report) -> None:
        """Close what a node which never finished left open."""
        for number in self._open.values():
            os.close(number)
        self._open.clear()

    def _write(self, path: str, data: bytes) -> None:
        number = self._open.pop(path, -1)
        if number < 0:
            if len(self._open) >= MOST_OPEN:
                os.close(self._open.pop(next(iter(self._open))))
            number = self._opened(path)
        self._open[path] = number
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(number, rest) :]

    def _opened(self, path: str) -> int:
        """A file is newly made, and the same when it is opened again: others may write to the directory."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        known = self._made.get(path)
        number = os.open(path, flags if known else flags | os.O_CREAT | os.O_EXCL, 0o666)
        found = os.fstat(number)
        it = (found.st_dev, found.st_ino)
        if known and (known != it or found.st_uid != os.geteuid() or found.st_nlink != 1):
            os.close(number)
            raise FileExistsError(errno.EEXIST, "another file was put in its place", path)
        self._made[path] = it
        return number

    def _finish(self, node: str) -> None:
        for stream in ENDINGS:
            part = self._part(node, stream)
            self._write(part, b"")
            os.close(self._open.pop(part))
            os.replace(part, self._path(node, stream))

    def _path(self, node: str, stream: str) -> str:
        return os.path.join(self._directory, f"{_file_name(node)}.{ENDINGS[stream]}")

    def _part(self, node: str, stream: str) -> str:
        return os.path.join(self._directory, f".{_file_name(node)}.{ENDINGS[stream]}.part")

    def _fault(self, error: OSError) -> Refused:
        return Refused(
            f"cannot write output: {error.strerror}",
            where=str(error.filename or self._directory),
            hint="name a directory with space and rights by --output-dir",
        )


def _file_name(node: str) -> str:
    return node.replace("/", "_").lstrip(".") or "_"
