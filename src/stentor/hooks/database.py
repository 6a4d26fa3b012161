"""The file of what ``stentor serve`` keeps: deliveries, messages that wait, pings; one for all fleets.

SQLite in WAL mode, beside the journal and opened like it. With ``synchronous=FULL`` a commit is on the disk
when it returns, for one fsync (https://www.sqlite.org/pragma.html#pragma_synchronous). On a busy disk a
delivery waits for little else, so those that come while a commit is under way share the next one.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, TypeVar

from stentor.errors import StentorError
from stentor.journal import file, state_directory

MIGRATIONS = (
    """
    CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        fleet TEXT NOT NULL, hook TEXT NOT NULL, at REAL NOT NULL,
        delivery TEXT NOT NULL, digest TEXT NOT NULL, forge TEXT NOT NULL, event TEXT NOT NULL,
        ref TEXT NOT NULL, before TEXT NOT NULL, after TEXT NOT NULL,
        state TEXT NOT NULL, reason TEXT NOT NULL DEFAULT '',
        process TEXT NOT NULL DEFAULT '', attempts INTEGER NOT NULL DEFAULT 0,
        interrupted INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0,
        ended REAL, operation INTEGER NOT NULL DEFAULT 0
    );
    CREATE INDEX deliveries_open ON deliveries (fleet, hook, id) WHERE state IN ('queued', 'running');
    CREATE INDEX deliveries_delivery ON deliveries (fleet, hook, delivery);
    CREATE INDEX deliveries_digest ON deliveries (fleet, hook, digest);
    CREATE INDEX deliveries_state ON deliveries (fleet, state, id);
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        fleet TEXT NOT NULL, at REAL NOT NULL, way TEXT NOT NULL, target TEXT NOT NULL,
        title TEXT NOT NULL, text TEXT NOT NULL, good INTEGER NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0
    );
    CREATE TABLE hours (
        fleet TEXT NOT NULL, node TEXT NOT NULL, hour INTEGER NOT NULL,
        pings INTEGER NOT NULL, up INTEGER NOT NULL, seconds REAL NOT NULL,
        PRIMARY KEY (fleet, node, hour)
    ) WITHOUT ROWID;
    CREATE TABLE facts (
        fleet TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (fleet, name)
    ) WITHOUT ROWID;
    """,
)
"""What each version adds to the one before it; the n-th leads to ``PRAGMA user_version`` n."""


T = TypeVar("T")
NAME = "serve.db"


class _Writer:
    """A writer that waits for the commit which it shares, and what came of it."""

    def __init__(self, write: Callable[[file.Connection], Any]) -> None:
        self.write = write
        self.done = False
        self.result: Any = None
        self.error: Exception | None = None


class Database:
    """The file, opened for one fleet. Safe to use from several threads.

    Args:
        environ: the environment, for the place.
        fleet: the fleet directory.
        clock: seconds since 1970.

    Raises:
        StentorError: it cannot be opened.
    """

    def __init__(self, environ: Mapping[str, str], fleet: str, clock: Callable[[], float]) -> None:
        self.path = os.path.join(state_directory(environ), NAME)
        self.fleet = fleet
        self.clock = clock
        self._lock = threading.Lock()
        self._writers: list[_Writer] = []  # those that wait; only who has the lock takes some away
        try:
            self._connection = file.connect(self.path, MIGRATIONS)
        except file.NewerError as newer:
            raise StentorError(
                f"what 'stentor serve' keeps cannot be opened: {newer}", where=self.path
            ) from None
        except (OSError, file.Error) as error:
            raise self._error(error) from None

    def rows(self, query: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return the rows of a query.

        Raises:
            StentorError: the file cannot be read.
        """
        with self._lock:
            try:
                return self._connection.execute(query, values).fetchall()
            except file.Error as error:
                raise self._error(error) from None

    def recall(self, name: str) -> str:
        """Return a fact that outlives ``stentor serve``; empty if nothing is kept under this name."""
        rows = self.rows("SELECT value FROM facts WHERE fleet = ? AND name = ?", (self.fleet, name))
        return str(rows[0][0]) if rows else ""

    def remember(self, name: str, value: str) -> None:
        """Keep a fact under a name."""
        with self.transaction() as connection:
            connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (self.fleet, name, value))

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[file.Connection]:
        """Give the connection for a transaction, which an error undoes.

        Args:
            durable: not even a power cut undoes it after its end.

        Raises:
            StentorError: the file cannot be written.
        """
        with self._lock:
            try:
                with self._begun(durable=durable):
                    yield self._connection
            except (OSError, file.Error) as error:
                raise self._error(error) from None

    def write_together(self, write: Callable[[file.Connection], T]) -> T:
        """Return what a writer returns, which shares a durable transaction with others that come meanwhile.

        A writer's own error undoes nothing of the others; one of the file is everybody's.

        Args:
            write: the writer; it may be called twice.

        Raises:
            StentorError: the file cannot be written.
        """
        writer = _Writer(write)
        self._writers.append(writer)
        with self._lock:
            if not writer.done:  # nobody who had the lock before has committed it
                writers = tuple(self._writers)
                self._commit(writers)
                del self._writers[: len(writers)]
        if isinstance(writer.error, OSError | file.Error):
            raise self._error(writer.error) from None
        if writer.error is not None:
            raise writer.error
        result: T = writer.result
        return result

    def _commit(self, writers: tuple[_Writer, ...]) -> None:
        """Commit writers at once; each by itself where one has an error of its own."""
        error: Exception | None = None
        try:
            with self._begun(durable=True):
                for writer in writers:
                    writer.result = writer.write(self._connection)
        except Exception as raised:
            error = raised
            if len(writers) > 1 and not isinstance(error, OSError | file.Error):
                for writer in writers:
                    self._commit((writer,))
                return
        for writer in writers:
            writer.error, writer.done = error, True

    @contextmanager
    def _begun(self, *, durable: bool) -> Iterator[None]:
        try:
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            yield
            self._connection.execute("COMMIT")
        finally:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close it."""
        with self._lock:
            file.close(self._connection)

    def _error(self, error: Exception) -> StentorError:
        return StentorError(f"what 'stentor serve' keeps cannot be used: {file.why(error, self.path)}")
