"""The queue of deliveries: written before they are answered, kept until their revision stands.

What came is on the disk before it is answered: a forge that got its answer does not send it again, so not
even a power cut may lose it. Nor may one lose an end: what was reverted is not tried again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from stentor.hooks.database import Database
from stentor.hooks.delivery import Delivery
from stentor.journal import file
from stentor.journal.owner import identity, lives

State = Literal["queued", "running", "done", "merged", "ignored", "refused", "failed", "reverted"]
KEEP: Mapping[tuple[State, ...], int] = {
    ("done", "merged", "failed"): 1000,
    ("reverted",): 500,
    ("ignored", "refused"): 500,
}
"""How many deliveries are kept per fleet, by what came of them: the newest of each line."""


class Delivered(NamedTuple):
    """A delivery as it is kept. Times are seconds since 1970.

    ``state`` is ``queued``, ``running``, ``done``, ``merged`` (a newer one was rolled out in its place),
    ``ignored`` (answered, nothing to be done), ``refused``, ``failed``, or ``reverted``.
    """

    id: int
    hook: str
    at: float
    delivery: str
    forge: str
    event: str
    ref: str
    before: str
    after: str
    state: State
    reason: str
    attempts: int
    interrupted: int
    due: float
    ended: float | None
    operation: int


_COLUMNS = ", ".join(Delivered._fields)


class Queue:
    """The deliveries of one fleet. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database  # with the fleet and the clock
        self.fleet = database.fleet
        self._clock = database.clock
        self._transaction = database.transaction
        self._rows = database.rows

    def add(self, hook: str, delivery: Delivery) -> tuple[int, int]:
        """Write a delivery of the forge's own; it is on the disk when this returns.

        One that was ignored may be sent again, and acted on where the policy has changed since.

        Returns:
            Its number, and 0; or 0, and the number of the same delivery that came before.

        Raises:
            StentorError: it could not be written.
        """
        state: State = "ignored" if delivery.ignored else "queued"

        def write(database: file.Connection) -> tuple[int, int]:
            same = database.execute(
                "SELECT id FROM deliveries WHERE fleet = ? AND hook = ? AND (delivery = ? OR digest = ?)"
                " AND state NOT IN ('refused', 'failed', ?) ORDER BY id DESC LIMIT 1",
                (self.fleet, hook, delivery.id, delivery.digest, "ignored" if state == "queued" else ""),
            ).fetchone()
            if same:
                return 0, int(same[0])
            return self._insert(database, hook, delivery, state, delivery.ignored), 0

        return self._database.write_together(write)

    def refuse(self, hook: str, delivery: Delivery, reason: str) -> None:
        """Write down that a delivery was refused, for people; old ones are deleted."""
        with self._transaction() as connection:
            self._insert(connection, hook, delivery, "refused", reason)

    def recover(self) -> int:
        """Put back what a process that is gone had under way, or this one before now; return how many."""
        rows = self._rows(
            "SELECT DISTINCT process FROM deliveries WHERE fleet = ? AND state = 'running'", (self.fleet,)
        )
        left = [str(row[0]) for row in rows if row[0] == identity() or not lives(str(row[0]))]
        if not left:
            return 0
        changed = 0
        with self._transaction() as connection:
            for process in left:
                changed += connection.execute(
                    "UPDATE deliveries SET state = 'queued', process = '', interrupted = interrupted + 1"
                    " WHERE fleet = ? AND state = 'running' AND process = ?",
                    (self.fleet, process),
                ).rowcount
        return changed

    def due(self) -> list[str]:
        """Return the names of the webhooks for which something is to be done now."""
        rows = self._rows(
            "SELECT hook, MAX(due) FROM deliveries WHERE fleet = ? AND state = 'queued' GROUP BY hook"
            " HAVING MIN(due) <= ? ORDER BY MIN(id)",
            (self.fleet, self._clock()),
        )
        return [str(row[0]) for row in rows]

    def take(self, hook: str) -> list[Delivered]:
        """Take all that waits for a webhook, the oldest first: from now on this process has it under way."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET state = 'running', process = ?, attempts = attempts + 1"
                " WHERE fleet = ? AND hook = ? AND state = 'queued'",
                (identity(), self.fleet, hook),
            )
            rows = connection.execute(
                f"SELECT {_COLUMNS} FROM deliveries WHERE fleet = ? AND hook = ? AND state = 'running'"  # noqa: S608
                " AND process = ? ORDER BY id",
                (self.fleet, hook, identity()),
            ).fetchall()
        return [Delivered(*row) for row in rows]

    def finish(self, numbers: Sequence[int], state: State, reason: str = "", operation: int = 0) -> None:
        """Write down what came of deliveries; one that has ended keeps its end."""
        with self._transaction(durable=True) as connection:
            connection.executemany(
                "UPDATE deliveries SET state = ?, reason = ?, operation = ?, ended = ?, process = ''"
                " WHERE id = ? AND state IN ('queued', 'running')",
                [(state, _kept(reason), operation, self._clock(), number) for number in numbers],
            )
            self._prune(connection)

    def postpone(
        self, numbers: Sequence[int], reason: str, seconds: float, *, interrupted: bool = False
    ) -> None:
        """Have deliveries that are under way taken again after some time."""
        due = self._clock() + seconds
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE deliveries SET state = 'queued', reason = ?, due = ?, process = '',"
                " interrupted = interrupted + ? WHERE id = ? AND state = 'running'",
                [(_kept(reason), due, int(interrupted), number) for number in numbers],
            )

    def waiting(self) -> int:
        """Return how many wait or are under way."""
        rows = self._rows(
            "SELECT COUNT(*) FROM deliveries WHERE fleet = ? AND state IN ('queued', 'running')",
            (self.fleet,),
        )
        return int(rows[0][0])

    def hurry(self) -> None:
        """Have what waits for a later attempt taken at once: a node has returned."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE deliveries SET due = 0 WHERE fleet = ? AND state = 'queued' AND due > 0",
                (self.fleet,),
            )

    def reverted(self, hook: str, revision: str) -> str:
        """Return why a revision was reverted before; empty if it was not."""
        rows = self._rows(
            "SELECT reason FROM deliveries WHERE fleet = ? AND hook = ? AND after = ? AND state = 'reverted'"
            " ORDER BY id DESC LIMIT 1",
            (self.fleet, hook, revision),
        )
        return (str(rows[0][0]) or "it was reverted") if rows else ""

    def brought(self, revision: str) -> bool:
        """Whether a revision was rolled out because of a delivery."""
        return bool(
            self._rows(
                "SELECT 1 FROM deliveries WHERE fleet = ? AND after = ? AND state IN ('done', 'merged')"
                " LIMIT 1",
                (self.fleet, revision),
            )
        )

    def deliveries(self, limit: int = 100) -> list[Delivered]:
        """Return what came, the newest first."""
        rows = self._rows(
            f"SELECT {_COLUMNS} FROM deliveries WHERE fleet = ? ORDER BY id DESC LIMIT ?",  # noqa: S608
            (self.fleet, limit),
        )
        return [Delivered(*row) for row in rows]

    def _insert(
        self, database: file.Connection, hook: str, delivery: Delivery, state: State, reason: str
    ) -> int:
        row = (self.fleet, hook, self._clock(), *delivery[:7], state, _kept(reason))
        cursor = database.execute(
            "INSERT INTO deliveries (fleet, hook, at, delivery, digest, forge, event, ref, before, after,"
            " state, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row,
        )
        number = int(cursor.lastrowid or 0)
        if number % 64 == 0:
            self._prune(database)
        return number

    def _prune(self, database: file.Connection) -> None:
        """Delete the oldest; what waits or is under way stays.

        What was reverted is counted by itself: it says what not to try again, and no flood of others ends it.
        """
        for states, keep in KEEP.items():
            marks = ", ".join("?" * len(states))
            database.execute(
                f"DELETE FROM deliveries WHERE fleet = ? AND state IN ({marks}) AND id <= (SELECT id FROM"  # noqa: S608
                f" deliveries WHERE fleet = ? AND state IN ({marks}) ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (self.fleet, *states, self.fleet, *states, keep),
            )


def _kept(reason: str) -> str:
    """A reason as it is kept: short, and with no byte of a name that is not UTF-8 (SQLite takes none)."""
    return reason[:500].encode("utf-8", "replace").decode()
