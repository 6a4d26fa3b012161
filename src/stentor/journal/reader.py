"""Read the journal. A reader cannot change it, so it needs neither a fleet nor its policy."""

from __future__ import annotations

import os

from stentor.errors import StentorError
from stentor.journal import file
from stentor.journal.schema import MIGRATIONS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Self

_left_open: list[Reader] = []


def read(environ: Mapping[str, str]) -> Reader:
    """Open the user's journal to read it. Never fails: look at ``problem``.

    Args:
        environ: the environment, for the place.
    """
    reader = Reader(environ)
    reader.connect()
    return reader


def close_left() -> None:
    """Close what was left open (:meth:`Reader.leave`), in a process that lives on."""
    for left in _left_open[:]:
        left.close()


def end_with_left() -> None:
    """Let what was left open be, in a process that ends now."""
    if _left_open:
        file.freeze()


class Reader:
    """An open journal, or one that is off because of its ``problem``."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        close_left()
        self.path = os.path.join(file.state_directory(environ), "journal.db")
        self.problem = ""
        self._database: file.Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def connect(self) -> None:
        """Open the file; it is only written to bring it to this version's schema."""
        self._connect(lambda: file.connect_to_read(self.path, MIGRATIONS))

    def _connect(self, connect: Callable[[], file.Connection]) -> None:
        try:
            self._database = connect()
        except file.NewerError as newer:
            self._off(f"{newer} ({self.path})")
        except (OSError, file.Error) as error:
            self._off(file.why(error, self.path))

    @property
    def on(self) -> bool:
        """Whether it is open."""
        return self._database is not None

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query. A journal that is off has none.

        Raises:
            StentorError: the file cannot be read.
        """
        if self._database is None:
            return []
        try:
            return self._database.execute(query, values).fetchall()
        except file.Error as error:
            return self._unreadable(file.why(error, self.path))

    def _unreadable(self, why: str) -> list[tuple[Any, ...]]:
        raise StentorError(f"the journal cannot be read: {why}") from None

    def recall(self, fleet: str, topic: str) -> dict[str, tuple[float, Any]]:
        """Return what is kept of this topic: by node, with its time."""
        rows = self.rows("SELECT node, at, data FROM memories WHERE fleet = ? AND topic = ?", (fleet, topic))
        if not rows:
            return {}
        import json  # not at every start

        return {node: (at, json.loads(data)) for node, at, data in rows}

    def require(self) -> None:
        """Make sure that it can be read.

        Raises:
            StentorError: it is off.
        """
        if not self.on:
            raise StentorError(f"the journal cannot be read: {self.problem}")

    def require_sound(self) -> None:
        """Make sure that what was not found is not in it: a file that was cut off has rows that nobody sees.

        Raises:
            StentorError: it is damaged.
        """
        if self.rows("PRAGMA quick_check(1)") not in ([], [("ok",)]):
            raise StentorError(f"the journal cannot be read: {file.damaged(self.path)}")

    def leave(self) -> None:
        """Leave it open at the end of the process; closing costs time (:mod:`stentor.journal.file`)."""
        if self._database is not None:
            _left_open.append(self)
            file.leave(self._database)

    def close(self) -> None:
        """Close the file."""
        _left_open[:] = [left for left in _left_open if left is not self]
        database, self._database = self._database, None  # another thread may close what was left
        if database is not None:
            file.close(database)

    def _off(self, problem: str) -> None:
        self.close()
        self.problem = problem
