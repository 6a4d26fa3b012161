"""The journal's file: create it, open it, bring it to this version's schema, leave it without closing.

SQLite in WAL mode with ``synchronous=NORMAL``: a commit costs no fsync, a killed process loses
nothing that it had written, and a power cut loses at most the latest lines, never the file
(https://www.sqlite.org/wal.html).

The connection is on purpose not closed at the end of a command: closing would copy the WAL
into the file with two fsyncs, 5 to 20 ms in which the user waits. The next process that opens it
uses the WAL; SQLite itself checkpoints it every thousand pages.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlite3
else:
    # The core of sqlite3. The package around it imports datetime for conversions that are not used
    # here, which is half of its cost; it is used where an interpreter has no such module.
    try:
        import _sqlite3 as sqlite3
    except ImportError:
        import sqlite3

# What SQLite says of a damaged file.
_DAMAGED = ("not a database", "malformed", "no such table", "no such column", "has no column")
_INDEX = 32768  # bytes of the smallest -shm file
BUSY = 5.0  # seconds to wait for another stentor's commit, which takes less than a millisecond


class Connection(sqlite3.Connection):
    """A connection with attributes.

    One that is no longer used closes itself. SQLite's own does so as well, but Python 3.13 warns of it.
    """

    def __del__(self) -> None:
        try:
            self.close()
        except sqlite3.Error:  # it was never open
            return


Error = sqlite3.Error


class NewerError(Exception):
    """The file was written by a newer stentor."""


_USUAL = {"XDG_STATE_HOME": ".local/state", "XDG_CACHE_HOME": ".cache", "XDG_CONFIG_HOME": ".config"}


def user_directory(environ: Mapping[str, str], variable: str) -> str:
    """Return where a user's files are, by a variable of the XDG Base Directory Specification 0.8."""
    base = environ.get(variable, "")
    if os.path.isabs(base):
        return base
    return os.path.join(environ.get("HOME") or os.path.expanduser("~"), _USUAL[variable])


def state_directory(environ: Mapping[str, str]) -> str:
    """Return where state of the user's is kept."""
    return os.path.join(user_directory(environ, "XDG_STATE_HOME"), "stentor")


def connect(path: str, migrations: tuple[str, ...]) -> Connection:
    """Open the file, creating it if necessary, and bring it to the schema of these migrations.

    Raises:
        NewerError: its schema is that of a newer stentor.
        OSError: its directory cannot be created.
        sqlite3.Error: it cannot be read or written.
    """
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    known = os.path.exists(path)
    if known and _resting(path):
        from urllib.parse import quote

        database = _open(f"file:{quote(path)}?immutable=1")
        if _version(database) == len(migrations):
            return database
        database.close()  # it cannot be migrated here; and a full disk may have left it without tables
    database = _open(path)
    try:
        if not known:
            os.chmod(path, 0o600)
        _prepare(database, migrations)
    except BaseException:
        database.close()
        raise
    return database


def connect_to_read(path: str, migrations: tuple[str, ...]) -> Connection:
    """Open the file so that it cannot be changed; one that does not exist is an empty journal.

    Raises:
        NewerError: its schema is that of a newer stentor.
        OSError: its directory cannot be read.
        sqlite3.Error: it cannot be read, or not be brought to this schema.
    """
    try:
        os.stat(path)
    except FileNotFoundError:
        database = _open(":memory:")
        _prepare(database, migrations)
    else:
        database = connect(path, migrations)
    database.execute("PRAGMA query_only = ON")
    return database


def _open(place: str) -> Connection:
    return sqlite3.connect(
        place,
        timeout=BUSY,
        isolation_level=None,
        check_same_thread=False,
        factory=Connection,
        uri=place.startswith("file:"),
    )


def _resting(path: str) -> bool:
    """Whether the file system is read-only, and the WAL is empty.

    SQLite cannot read such a file unless told that it will not change: it wants to create the
    index of the WAL first.
    """
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY) and not os.path.getsize(path + "-wal")
    except FileNotFoundError:
        return True


def leave(database: Connection) -> None:
    """Let the process end without closing this connection, if it ends with :func:`freeze`."""
    # At its end the interpreter closes what it frees. It does not free what refers to itself and is frozen.
    database.__dict__["itself"] = database


def freeze() -> None:
    """Have the interpreter free nothing that refers to itself; not before the end, or garbage would stay."""
    import gc

    gc.freeze()


def close(database: Connection) -> None:
    """Close it, even if it was left."""
    import contextlib

    database.__dict__.clear()
    with contextlib.suppress(sqlite3.Error):
        database.close()


def busy(error: Exception) -> bool:
    """Whether another process writes, for longer than is waited for."""
    return isinstance(error, sqlite3.OperationalError) and "locked" in str(error)


def wait_for_others(database: Connection, seconds: float) -> None:
    """Wait so long for another process's commit from now on."""
    database.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def why(error: Exception, path: str) -> str:
    """Say in a few words what is wrong with the file, and where it is."""
    if isinstance(error, OSError):
        return f"{(error.strerror or str(error)).lower()} ({error.filename or path})"
    if os.path.lexists(path) and not os.path.isfile(path):
        return f"it is no regular file ({path}); {_begin_anew(path)}"
    said = str(error)
    if "disk is full" in said or ("disk I/O" in said and _full(path)):
        said = "the disk is full"
    elif "readonly" in said:
        said = "it is read-only"
    anew = f"; {_begin_anew(path)}" if any(words in said for words in _DAMAGED) else ""
    return f"{said} ({path}){anew}"


def damaged(path: str) -> str:
    """Say that the file is, and how to go on."""
    return why(sqlite3.DatabaseError("database disk image is malformed"), path)


def _begin_anew(path: str) -> str:
    """Say how to begin another one and keep this. The WAL goes with it: it is not the new one's."""
    from stentor.sh.quoting import quote

    folder, name = os.path.split(path)
    away = quote(os.path.join(folder, "broken"))
    return f"to begin a new one and keep this: mkdir {away} && mv {quote(folder)}/{name}* {away}/"


def _full(path: str) -> bool:
    """Whether less is free than the index of a WAL needs."""
    try:
        state = os.statvfs(os.path.dirname(path))
    except OSError:
        return False
    return state.f_bavail * state.f_frsize < _INDEX


def _prepare(database: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    database.execute("PRAGMA foreign_keys = ON")
    database.execute("PRAGMA synchronous = NORMAL")
    version = _version(database)
    if version > len(migrations):
        known = f"schema {version}, this one knows {len(migrations)}"
        raise NewerError(f"it was written by a newer stentor ({known})")
    if version < len(migrations):
        _patiently(lambda: _migrate(database, migrations))


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("PRAGMA user_version").fetchone()[0])


def _patiently(action: Callable[[], None]) -> None:
    """Try again while another stentor creates the same file: switching to WAL does not wait by itself."""
    end = time.monotonic() + BUSY
    while True:
        try:
            return action()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > end:
                raise
        time.sleep(0.01)


def _migrate(database: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    """Migrate the schema. Two processes may try at once: the second finds the work done."""
    if database.in_transaction:
        database.execute("ROLLBACK")
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("BEGIN IMMEDIATE")
    (version,) = database.execute("PRAGMA user_version").fetchone()
    for number, script in enumerate(migrations[version:], version + 1):
        for statement in script.split(";"):
            if statement.strip():
                database.execute(statement)
        database.execute(f"PRAGMA user_version = {number}")
    database.execute("COMMIT")
