"""What clients of databases are told: statements which drop, truncate or delete everything."""

from __future__ import annotations

import re
from collections.abc import Iterator

from stentor.guard.calls import Call, name_of
from stentor.guard.match import Hit
from stentor.guard.quick import CLIENTS
from stentor.guard.rules_code import literal
from stentor.guard.tools import read_line

_DROPS = re.compile(
    r"\b(drop\s+(database|table|schema|keyspace|tablespace|owned|user|role|measurement|bucket|collection|index|view"
    r"|materialized|function|procedure|trigger|type|sequence|extension|domain|policy|publication|subscription|server"
    r"|event|column|dictionary|aggregate|login)\b|truncate\s+\S|alter\s+table\s+\S+\s+(drop|delete)\b|flushall\b|flushdb\b|flush\s+tables\s+with\s+read"
    r"|revoke\s+all\b|reset\s+(master|slave|replica)\b|purge\s+(binary|master)\s+logs|reset\s+persist\b"
    r"|alter\s+(user|role)\s.*\b(nologin|account\s+lock|password|identified)\b|alter\s+system\s+reset\b"
    r"|system\s+(shutdown|kill|drop\s+replica)\b|detach\s+(table|database|partition)\b|reassign\s+owned\b)"
    r"|^\s*shutdown\b|\bpg_terminate_backend\s*\((?!\s*\d)|\bpg_(promote|switch_wal|drop_replication_slot)\s*\("
    r"|\b(dropDatabase|dropUser|dropAllUsersFromDatabase|shutdownServer|stepDown|dropIndexes)\s*\("
    r"|\b(deleteMany|remove)\s*\(\s*(\{\s*\}\s*)?\)|\.drop\s*\(\s*\)|\brs\.(remove|reconfig)\s*\(|\bsh\.removeShard",
    re.IGNORECASE,
)
_ALL_ROWS = re.compile(
    r"\b(delete\s+from\s+\S+|update\s+\S+\s+set\s+(?!.*\bwhere\b)[^;]+)\s*(where\s+(1\s*=\s*1|1|true)\s*)?(;|$)",
    re.IGNORECASE,
)
_EXPLAINED = re.compile(r"\b(explain|desc(ribe)?)\s+(?!.*\banaly[sz]e\b)[^;]*", re.IGNORECASE)
_TEXT = re.compile(r"'[^']*'|\"[^\"]*\"")


def told(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Judge what a client is told by its words, or by its standard input."""
    line = read_line(words)
    texts = [*line.operands, *(value for _, value in line.options if " " in value or "(" in value)]
    said = literal(call)
    # What a client prints for another is made of statements in quotes.
    made = [
        word
        for source in call.fed_by
        if name_of(source.words) in CLIENTS.split()
        for word in source.words[1:]
    ]
    texts += [word.replace("'", " ") for word in made]
    name = name_of(words)
    for text in (*texts, *([said] if said else [])):
        outside = _TEXT.sub("''", text)
        outside = _EXPLAINED.sub("", outside)
        if any(_DROPS.search(one) for one in outside.split(";")):
            yield "drop-data", f"{name} drops what is in the database"
        elif any(_ALL_ROWS.search(one) for one in outside.split(";")):
            yield "drop-data", f"{name} changes or deletes every row of a table"
