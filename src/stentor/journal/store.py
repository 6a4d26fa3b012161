"""Write operations down: before they act, as their outcomes come, and when they end.

Every failure of the journal turns it off, with its reason in ``problem``, and is nobody else's failure.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from stentor.errors import StentorError
from stentor.journal import file
from stentor.journal.file import state_directory
from stentor.journal.keep import Keeper, parse_keep, parse_size
from stentor.journal.operation import KEEP, MAX_SIZE, Kept, NodeRecord, Operation, Record
from stentor.journal.owner import identity, whence
from stentor.journal.schema import MIGRATIONS
from stentor.typed import Any

_left_open: list[Journal] = []


def open_journal(
    environ: Mapping[str, str],
    policy: Mapping[str, Any] | None = None,
    *,
    path: str | None = None,
    clock: Callable[[], float] = time.time,
    migrations: tuple[str, ...] = MIGRATIONS,
) -> Journal:
    """Open the user's journal. Never fails: look at ``problem``.

    Args:
        environ: the environment, for the place, the user and where they came from.
        policy: the fleet's ``journal:`` section: ``keep`` and ``max_size``.
        path: another file.
        clock: seconds since 1970.
        migrations: another schema, for tests.

    Raises:
        FleetError: the policy is malformed.
    """
    policy = policy or {}
    for left in _left_open[:]:
        left.close()
    journal = Journal(
        path or os.path.join(state_directory(environ), "journal.db"),
        environ,
        max_size=parse_size(policy.get("max_size", MAX_SIZE)),
        keep=parse_keep(policy.get("keep", KEEP)),
        clock=clock,
    )
    journal.connect(migrations)
    return journal


class Journal:
    """An open journal, or one that is off because of its ``problem``."""

    def __init__(
        self,
        path: str,
        environ: Mapping[str, str],
        *,
        max_size: int,
        keep: tuple[int | None, float | None],
        clock: Callable[[], float],
    ) -> None:
        self.path = path
        self.problem = ""
        self.clock = clock
        self._environ = environ
        self._max_size = max_size
        self._keep = keep
        self._database: file.Connection | None = None
        self._secrets: dict[int, tuple[bytes, ...]] = {}

    def connect(self, migrations: tuple[str, ...] = MIGRATIONS) -> None:
        """Open the file and bring it to this version's schema."""
        try:
            self._database = file.connect(self.path, migrations)
        except file.NewerError as newer:
            self._off(f"{newer} ({self.path})")
        except (OSError, file.Error) as error:
            self._off(file.why(error, self.path))

    @property
    def on(self) -> bool:
        """Whether it is written."""
        return self._database is not None

    def begin(self, operation: Operation) -> int:
        """Write down what is about to be done; return its number, 0 if it could not be written."""
        import json

        secrets = tuple(secret.encode() for secret in operation.secrets if secret)
        options = json.dumps(dict(operation.options), ensure_ascii=False, sort_keys=True)
        row = (
            operation.kind,
            _mask(operation.command, secrets),
            operation.selector,
            _mask(options, secrets),
            operation.fleet,
            operation.revision,
            *whence(self._environ),
            identity(),
            self.clock(),
            operation.word,
        )

        def write(database: file.Connection) -> int:
            database.execute("BEGIN IMMEDIATE")
            cursor = database.execute(
                "INSERT INTO operations (kind, command, selector, options, fleet, revision, user, host,"
                " origin, directory, process, began, word) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                row,
            )
            number = int(cursor.lastrowid or 0)
            database.executemany(
                "INSERT INTO nodes (operation, position, node) VALUES (?, ?, ?)",
                [(number, position, node) for position, node in enumerate(operation.nodes)],
            )
            database.execute("COMMIT")
            return number

        number = self._write(write) or 0
        self._secrets[number] = secrets
        return number

    def keeper(self, number: int) -> Keeper:
        """Return what collects one stream's output for :meth:`outcome` within the policy's limit."""
        return Keeper(self._max_size // 2, self._secrets.get(number, ()))

    def started(self, number: int, node: str, pid: int) -> None:
        """Write down that the command runs on a node, in this process group."""
        self._write(
            lambda database: database.execute(
                "UPDATE nodes SET started = 1, pid = ? WHERE operation = ? AND node = ?", (pid, number, node)
            )
        )

    def outcome(
        self, number: int, outcome: Any, stdout: bytes | Kept = b"", stderr: bytes | Kept = b""
    ) -> None:
        """Write down what came of a node.

        Args:
            number: from :meth:`begin`.
            outcome: a :class:`stentor.outcome.Outcome`, or anything with its attributes.
            stdout: what the node said; bytes are cut to the limit here.
            stderr: the same.
        """
        out, err = self._kept(number, stdout), self._kept(number, stderr)
        secrets = self._secrets.get(number, ())
        came = (
            *(outcome.kind, outcome.code, _mask(outcome.reason, secrets), _mask(outcome.hint, secrets)),
            *(outcome.seconds, int(outcome.started), outcome.remote, outcome.attempts, self.clock()),
        )

        def write(database: file.Connection, out: Kept = out, err: Kept = err) -> None:
            kept = (out.data, out.cut_at, out.cut, err.data, err.cut_at, err.cut)
            database.execute(
                "UPDATE nodes SET kind = ?, code = ?, reason = ?, hint = ?, seconds = ?, started = ?,"
                " remote = ?, attempts = ?, at = ?, stdout = ?, stdout_cut_at = ?, stdout_cut = ?,"
                " stderr = ?, stderr_cut_at = ?, stderr_cut = ? WHERE operation = ? AND node = ?",
                (*came, *kept, number, outcome.node),
            )

        # On a full disk there may be room for what came of it, if not for what it said.
        self._write(write, smaller=lambda database: write(database, _none_of(out), _none_of(err)))

    def amend(self, number: int, outcome: Any) -> None:
        """Replace a node's outcome and leave its output: a gate said later that it was not well."""
        row = (outcome.kind, outcome.code, outcome.reason, outcome.hint, int(outcome.started), outcome.remote)
        self._write(
            lambda database: database.execute(
                "UPDATE nodes SET kind = ?, code = ?, reason = ?, hint = ?, started = ?, remote = ?"
                " WHERE operation = ? AND node = ?",
                (*row, number, outcome.node),
            )
        )

    def step(self, number: int, node: str, text: str) -> None:
        """Write down a step on the way, for operations that have several (``node`` may be empty)."""
        row = (number, self.clock(), node, _mask(text, self._secrets.get(number, ())))
        self._write(
            lambda database: database.execute(
                "INSERT INTO steps (operation, at, node, text) VALUES (?, ?, ?, ?)", row
            )
        )

    def end(self, number: int, exit_code: int | None = None, note: str = "") -> None:
        """Write down that the operation is over, and let go of the oldest ones."""
        now = self.clock()

        def write(database: file.Connection) -> None:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "UPDATE operations SET ended = ?, exit_code = ?, note = ? WHERE id = ?",
                (now, exit_code, note, number),
            )
            count, age = self._keep
            if count is not None:
                database.execute("DELETE FROM operations WHERE id <= ?", (number - count,))
            if age is not None:
                database.execute("DELETE FROM operations WHERE began < ?", (now - age,))
            database.execute("COMMIT")

        if number and self._database is None:
            # Closing made room, perhaps, by moving what the WAL held; an operation should have its end.
            self.connect()
        self._write(write)

    def claim(self, number: int, process: str) -> bool:
        """Make an operation this process's, if it still is that of ``process``."""
        changed = self._write(
            lambda database: (
                database.execute(
                    "UPDATE operations SET process = ? WHERE id = ? AND process = ? AND ended IS NULL",
                    (identity(), number, process),
                ).rowcount
            )
        )
        return bool(changed)

    def remember(self, fleet: str, node: str, topic: str, data: Any) -> None:
        """Keep the latest of something known of a node (facts, for when it is down)."""
        import json

        row = (fleet, node, topic, self.clock(), json.dumps(data, ensure_ascii=False))
        self._write(
            lambda database: database.execute("INSERT OR REPLACE INTO memories VALUES (?, ?, ?, ?, ?)", row)
        )

    def recall(self, fleet: str, topic: str) -> dict[str, tuple[float, Any]]:
        """Return what is remembered of this topic: by node, with its time."""
        import json

        rows = self.rows("SELECT node, at, data FROM memories WHERE fleet = ? AND topic = ?", (fleet, topic))
        return {node: (at, json.loads(data)) for node, at, data in rows}

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Read. A journal that is off has no rows.

        Raises:
            StentorError: the file cannot be read.
        """
        if self._database is None:
            return []
        try:
            return self._database.execute(query, values).fetchall()
        except file.Error as error:
            raise StentorError(f"the journal cannot be read: {file.why(error, self.path)}") from None

    def require(self) -> None:
        """Make sure that it can be read.

        Raises:
            StentorError: it is off.
        """
        if not self.on:
            raise StentorError(f"there is no journal to read: {self.problem}")

    def leave(self) -> None:
        """Be done with it without the cost of closing; see :mod:`stentor.journal.file`."""
        if self._database is not None:
            _left_open.append(self)
            file.leave(self._database)

    def close(self) -> None:
        """Close the file."""
        if self in _left_open:
            _left_open.remove(self)
        if self._database is not None:
            file.close(self._database)
            self._database = None

    def _kept(self, number: int, data: bytes | Kept) -> Kept:
        if isinstance(data, Kept):
            return data
        keeper = self.keeper(number)
        keeper.feed(data)
        return keeper.kept()

    def _write(
        self,
        write: Callable[[file.Connection], Any],
        smaller: Callable[[file.Connection], Any] | None = None,
    ) -> Any:
        if self._database is None:
            return None
        try:
            return write(self._database)
        except (OSError, file.Error, UnicodeEncodeError) as error:
            if smaller is None:
                self._off(file.why(error, self.path))
                return None
            self.problem = file.why(error, self.path)
        return self._write(smaller)

    def _off(self, problem: str) -> None:
        self.close()
        self.problem = problem


def _none_of(kept: Kept) -> Kept:
    """What is written where there is no room: only how much there was."""
    return Kept(b"", 0, len(kept.data) + kept.cut)


def _mask(text: str, secrets: tuple[bytes, ...]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret.decode(), "[secret]")
    return text.encode("utf-8", "replace").decode()


__all__ = ["Journal", "Kept", "NodeRecord", "Record", "open_journal", "state_directory"]
