"""Single facts that outlive ``stentor serve``: when it last looked at night."""

from __future__ import annotations

from stentor.hooks.database import Database


def recall(database: Database, name: str) -> str:
    """Return what is kept under a name; empty if nothing is."""
    rows = database.rows("SELECT value FROM facts WHERE fleet = ? AND name = ?", (database.fleet, name))
    return str(rows[0][0]) if rows else ""


def remember(database: Database, name: str, value: str) -> None:
    """Keep a value under a name."""
    database.write(
        lambda connection: connection.execute(
            "INSERT OR REPLACE INTO facts VALUES (?, ?, ?)", (database.fleet, name, value)
        )
    )
