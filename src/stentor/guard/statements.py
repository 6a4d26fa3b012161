"""What clients of databases are told: statements which drop, truncate or delete everything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard.calls import Call
from stentor.guard.inner import name_of
from stentor.guard.match import Hit
from stentor.guard.rules_code import literal
from stentor.guard.tools import read_line

CLIENTS = "mysql mariadb psql sqlite3 duckdb mongo mongosh cqlsh clickhouse-client influx sqlcmd"
_DROPS = re.compile(
    r"\b(drop\s+(database|table|schema|keyspace|tablespace|owned|user|role|measurement|bucket|collection)\b"
    r"|truncate\s+\S|alter\s+table\s+\S+\s+drop\b|flushall\b|flushdb\b)"
    r"|\b(dropDatabase|deleteMany|remove)\s*\(\s*(\{\s*\}\s*)?\)|\.drop\s*\(\s*\)",
    re.IGNORECASE,
)
_ALL_ROWS = re.compile(
    r"\b(delete\s+from\s+\S+|update\s+\S+\s+set\s+(?!.*\bwhere\b)[^;]+)\s*(;|$)", re.IGNORECASE
)
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")


def told(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Judge what a client is told by its words, or by its standard input."""
    line = read_line(words)
    texts = [*line.operands, *(value for _, value in line.options if " " in value or "(" in value)]
    said = literal(call)
    name = name_of(words)
    for text in (*texts, *([said] if said else [])):
        outside = _TEXT.sub("''", text)
        if _DROPS.search(outside):
            yield "drop-data", f"{name} drops what is in the database"
        elif any(_ALL_ROWS.search(one) for one in outside.split(";")):
            yield "drop-data", f"{name} changes or deletes every row of a table"
