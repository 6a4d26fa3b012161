"""The tables of what is kept. A change is a new line in ``MIGRATIONS``, never an edit of an old one."""

from __future__ import annotations

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
