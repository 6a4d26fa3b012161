"""The journal's tables. A change of them is a new line in ``MIGRATIONS``, never an edit of an old one."""

from __future__ import annotations

MIGRATIONS = (
    """
    CREATE TABLE operations (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        kind TEXT NOT NULL, command TEXT NOT NULL, selector TEXT NOT NULL, options TEXT NOT NULL,
        fleet TEXT NOT NULL, revision TEXT NOT NULL,
        user TEXT NOT NULL, host TEXT NOT NULL, origin TEXT NOT NULL, directory TEXT NOT NULL,
        process TEXT NOT NULL, began REAL NOT NULL,
        ended REAL, exit_code INTEGER, note TEXT NOT NULL DEFAULT ''
    );
    CREATE INDEX operations_began ON operations (began);
    CREATE TABLE nodes (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        position INTEGER NOT NULL, node TEXT NOT NULL,
        kind TEXT NOT NULL DEFAULT '', code INTEGER, reason TEXT NOT NULL DEFAULT '',
        hint TEXT NOT NULL DEFAULT '', seconds REAL NOT NULL DEFAULT 0,
        started INTEGER NOT NULL DEFAULT 0, remote TEXT NOT NULL DEFAULT '',
        attempts INTEGER NOT NULL DEFAULT 1, at REAL NOT NULL DEFAULT 0,
        stdout BLOB, stdout_cut_at INTEGER NOT NULL DEFAULT 0, stdout_cut INTEGER NOT NULL DEFAULT 0,
        stderr BLOB, stderr_cut_at INTEGER NOT NULL DEFAULT 0, stderr_cut INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (operation, node)
    );
    CREATE INDEX nodes_node ON nodes (node, operation);
    CREATE TABLE steps (
        operation INTEGER NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
        at REAL NOT NULL, node TEXT NOT NULL, text TEXT NOT NULL
    );
    CREATE INDEX steps_operation ON steps (operation);
    CREATE TABLE memories (
        fleet TEXT NOT NULL, node TEXT NOT NULL, topic TEXT NOT NULL,
        at REAL NOT NULL, data TEXT NOT NULL,
        PRIMARY KEY (fleet, node, topic)
    ) WITHOUT ROWID;
    """,
    # What a killed stentor leaves on nodes must be found again: the word in the environment
    # of all its processes there, and each node's process group.
    """
    ALTER TABLE operations ADD COLUMN word TEXT NOT NULL DEFAULT '';
    CREATE INDEX operations_unended ON operations (id) WHERE ended IS NULL;
    ALTER TABLE nodes ADD COLUMN pid INTEGER NOT NULL DEFAULT 0;
    """,
    # Retention and "last" are per fleet.
    """
    CREATE INDEX operations_fleet ON operations (fleet, id);
    """,
)
"""What each version adds to the one before it; the n-th leads to ``PRAGMA user_version`` n."""
