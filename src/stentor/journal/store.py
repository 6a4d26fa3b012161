"""Record operations: before they act, as their outcomes come, and when they end.

Every failure of the journal turns it off, with its reason in ``problem``; no operation fails because of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from stentor.fleet.policy.sections import Journal as Policy
from stentor.fleet.policy.values import Keep
from stentor.journal import file
from stentor.journal.keep import Keeper
from stentor.journal.operation import Kept, Operation
from stentor.journal.owner import identity, origin
from stentor.journal.reader import Reader
from stentor.journal.schema import MIGRATIONS
from stentor.outcome import Outcome
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Write = Callable[[file.Connection], Any]
    _Write = tuple[Write, Write | None]

OPEN_AT_MOST = 7 * 86400.0
"""Seconds after which an operation without an end is deleted like others; until then it may still run."""

# The row of a node has a column for each field of its outcome; the node itself is the row's key.
_FIELDS = Outcome._fields[1:]
_SET_OUTCOME = ", ".join(f"{field} = ?" for field in _FIELDS)
_SET_STARTED = "UPDATE nodes SET started = 1, pid = ? WHERE operation = ? AND node = ?"
_SET_ENDED = (
    f"UPDATE nodes SET {_SET_OUTCOME}, at = ?, stdout = ?, stdout_cut_at = ?, stdout_cut = ?, stderr = ?,"  # noqa: S608
    " stderr_cut_at = ?, stderr_cut = ? WHERE operation = ? AND node = ?"
)
_AT_ONCE = 256  # rows that are held; each may have the output of its node
_WAITING_AT_MOST = 5000  # rows that wait for another process
_FREE_TEXT = tuple(_FIELDS.index(field) for field in ("reason", "hint", "remote"))
_NOTHING = Kept(b"", 0, 0)


def to_row(outcome: Outcome, secrets: tuple[bytes, ...] = ()) -> tuple[Any, ...]:
    """Return the values of an outcome's columns, all but the node, without secrets."""
    values = list(outcome[1:])
    for place in _FREE_TEXT:
        if values[place]:
            values[place] = _mask(str(values[place]), secrets)
    return tuple(values)


def from_row(row: tuple[Any, ...]) -> Outcome:
    """Return the outcome of a row that begins with the columns ``Outcome._fields``."""
    outcome = Outcome(*row[: len(Outcome._fields)])
    return outcome._replace(started=bool(outcome.started))


def open_journal(
    environ: Mapping[str, str],
    policy: Policy,
    fleet: str,
    *,
    clock: Callable[[], float] = time.time,
    migrations: tuple[str, ...] = MIGRATIONS,
) -> Journal:
    """Open the user's journal to record operations of a fleet. Never fails: look at ``problem``.

    Args:
        environ: the environment, for the place, the user and where they came from.
        fleet: the fleet directory; only its operations are deleted when the policy does not keep them.
        clock: seconds since 1970.
        migrations: another schema, for tests.
    """
    journal = Journal(environ, policy, fleet, clock)
    journal.connect(migrations)
    return journal


class Journal(Reader):
    """A journal opened to record operations of one fleet, or one that is off because of its ``problem``."""

    def __init__(
        self, environ: Mapping[str, str], policy: Policy, fleet: str, clock: Callable[[], float]
    ) -> None:
        super().__init__(environ)
        self.clock = clock
        self.fleet = fleet
        self._environ = environ
        self._policy = policy
        self._secrets: dict[int, tuple[bytes, ...]] = {}
        self._number = 0  # of the operation that is recorded; 0 before it begins, and from its end on
        self._hurried = False  # whether another process is no longer waited for
        self._holding = False
        self._held: list[_Write] = []

    def connect(self, migrations: tuple[str, ...] = MIGRATIONS) -> None:
        """Open the file and bring it to this version's schema."""
        self._connect(lambda: file.connect(self.path, migrations))

    def begin(self, operation: Operation) -> int:
        """Record what is about to be done; return its number, 0 if it could not be recorded."""
        secrets = tuple(secret.encode() for secret in operation.secrets if secret)
        options = "{}"
        if operation.options:
            import json  # not at every start

            options = json.dumps(
                _masked(dict(operation.options), secrets), ensure_ascii=False, sort_keys=True
            )
        row = (
            operation.kind,
            _mask(operation.command, secrets),
            operation.selector,
            options,
            operation.fleet,
            operation.revision,
            *origin(self._environ),
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

        self._number = 0
        number = self._write(write) or 0
        self._secrets[number] = secrets
        self._number = number
        return number

    def keeper(self, number: int) -> Keeper:
        """Return what collects one stream's output for :meth:`outcome` within the policy's limit."""
        return Keeper(self._policy.max_size // 2, self._secrets.get(number, ()))

    def hold(self, on: bool) -> None:
        """Write what is held; and whether to hold from now on what becomes of nodes, until the next call.

        Together a hundred of them cost a third. Who has them held calls again before it waits for anything.
        """
        if self._held:
            self._write_held()
        self._holding = on

    def started(self, number: int, node: str, pid: int) -> None:
        """Record that the command runs on a node, in this process group."""
        row = (pid, number, node)
        self._soon(lambda database: database.execute(_SET_STARTED, row))

    def outcome(
        self, number: int, outcome: Outcome, stdout: bytes | Kept = b"", stderr: bytes | Kept = b""
    ) -> None:
        """Record the outcome of a node.

        Args:
            number: from :meth:`begin`.
            stdout: its output; bytes are cut to the limit here.
            stderr: the same.
        """
        out, err = self._kept(number, stdout), self._kept(number, stderr)
        secrets = self._secrets.get(number, ())
        came = (*to_row(outcome, secrets), self.clock())

        def write(database: file.Connection, out: Kept = out, err: Kept = err) -> None:
            kept = (out.data, out.cut_at, out.cut, err.data, err.cut_at, err.cut)
            database.execute(_SET_ENDED, (*came, *kept, number, outcome.node))

        # On a full disk there may be room for what came of it, if not for what it said.
        self._soon(write, lambda database: write(database, _none_of(out), _none_of(err)))

    def amend(self, number: int, outcome: Outcome) -> None:
        """Replace a node's outcome and leave its output: a gate found later that it had failed."""
        row = to_row(outcome, self._secrets.get(number, ()))
        self._write(
            lambda database: database.execute(
                f"UPDATE nodes SET {_SET_OUTCOME} WHERE operation = ? AND node = ?",  # noqa: S608
                (*row, number, outcome.node),
            )
        )

    def step(self, number: int, node: str, text: str) -> None:
        """Record a step, for operations that have several; ``node`` may be empty."""
        row = (number, self.clock(), node, _mask(text, self._secrets.get(number, ())))
        self._write(
            lambda database: database.execute(
                "INSERT INTO steps (operation, at, node, text) VALUES (?, ?, ?, ?)", row
            )
        )

    def end(self, number: int, exit_code: int | None = None, note: str = "") -> None:
        """Record the end of an operation, and delete those of this fleet which the policy does not keep."""
        now = self.clock()
        self._number = 0  # what waits is written now or never
        if self._hurried and self._database is not None:
            file.wait_for_others(self._database, file.BUSY)
            self._write_held()

        def write(database: file.Connection) -> None:
            database.execute("BEGIN IMMEDIATE")
            database.execute(
                "UPDATE operations SET ended = ?, exit_code = ?, note = ? WHERE id = ?",
                (now, exit_code, note, number),
            )
            _delete_old(database, self.fleet, self._policy.keep, now)
            database.execute("COMMIT")

        if number and self._database is None:
            # Closing may have made room by moving what the WAL held; an operation should have its end.
            self.connect()
        self._write(write)

    def claim(self, number: int, process: str) -> bool:
        """Make this process the owner of an operation, if ``process`` still is its owner."""
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

    def _kept(self, number: int, data: bytes | Kept) -> Kept:
        if isinstance(data, Kept):
            return data
        if not data:  # as stderr nearly always
            return _NOTHING
        keeper = self.keeper(number)
        keeper.feed(data)
        return keeper.kept()

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query, which sees what is held; none if the file cannot be read."""
        if self._held:
            self._write_held()
        return super().rows(query, values)

    def _unreadable(self, why: str) -> list[tuple[Any, ...]]:
        self.problem = self.problem or why  # what can be written still is
        return []

    def _soon(self, write: Write, smaller: Write | None = None) -> None:
        """Write now, or with others where they are held."""
        self._held.append((write, smaller))
        if not self._holding or len(self._held) >= _AT_ONCE:
            self._write_held()

    def _write_held(self) -> None:
        held, self._held = self._held, []
        if len(held) > 1 and self._database is not None and self._written(held, self._database):
            return
        for place, (write, smaller) in enumerate(held):
            self._write_now(write, smaller)
            if self._held:  # another process writes; the others stay behind it, in their order
                self._held += held[place + 1 :]
                return

    def _written(self, held: list[_Write], database: file.Connection) -> bool:
        """Write all in one transaction; whether that went well. Else each is to be tried by itself."""
        try:
            database.execute("BEGIN IMMEDIATE")
            for write, _ in held:
                write(database)
            database.execute("COMMIT")
        except (OSError, file.Error, UnicodeEncodeError):
            with suppress(file.Error):  # it may have been taken back already
                database.execute("ROLLBACK")
            return False
        return True

    def _write(self, write: Write, smaller: Write | None = None) -> Any:
        if self._held:
            self._write_held()
        if self._held:
            self._held.append((write, smaller))
            return None
        return self._write_now(write, smaller)

    def _write_now(self, write: Write, smaller: Write | None = None) -> Any:
        if self._database is None:
            return None
        try:
            return write(self._database)
        except (OSError, file.Error, UnicodeEncodeError) as error:
            if self._number and file.busy(error) and len(self._held) < _WAITING_AT_MOST:
                # It is written when the other process is done: at the end at the latest.
                self._held.append((write, smaller))
                file.wait_for_others(self._database, 0.0)
                self._hurried = True
                return None
            if smaller is None:
                self._off(file.why(error, self.path))
                return None
            self.problem = file.why(error, self.path)
        return self._write_now(smaller)


def _delete_old(database: file.Connection, fleet: str, keep: Keep, now: float) -> None:
    """Delete those operations of a fleet which are not kept. One that may still run stays."""
    mine = "DELETE FROM operations WHERE fleet = ? AND (ended IS NOT NULL OR began < ?)"
    values = (fleet, now - OPEN_AT_MOST)
    if keep.operations is not None:
        last = "SELECT id FROM operations WHERE fleet = ? ORDER BY id DESC LIMIT 1 OFFSET ?"
        database.execute(f"{mine} AND id <= ({last})", (*values, fleet, keep.operations))
    if keep.seconds is not None:
        database.execute(f"{mine} AND began < ?", (*values, now - keep.seconds))


def _none_of(kept: Kept) -> Kept:
    """What is recorded where there is no room: only how much there was."""
    return Kept(b"", 0, len(kept.data) + kept.cut)


def _mask(text: str, secrets: tuple[bytes, ...]) -> str:
    if secrets:
        import re  # not at every start

        longest_first = sorted((secret.decode() for secret in secrets), key=len, reverse=True)
        text = re.sub("|".join(map(re.escape, longest_first)), "[secret]", text)
    return text.encode("utf-8", "replace").decode()


def _masked(data: Any, secrets: tuple[bytes, ...]) -> Any:
    """The same without secrets in its texts; its form stays, which a secret as short as ``1`` would break."""
    if isinstance(data, str):
        return _mask(data, secrets)
    if isinstance(data, Mapping):
        return {name: _masked(value, secrets) for name, value in data.items()}
    return [_masked(one, secrets) for one in data] if isinstance(data, (list, tuple)) else data
