"""Writes docs/json.schema.json, and the tables of docs/json.md: ``make schema``."""

from __future__ import annotations

import json
import re
from inspect import cleandoc
from pathlib import Path

from stentor.render import json_schema
from stentor.render.json_fields import Shape

DOCS = Path(__file__).parents[1] / "docs"
PAGE, SCHEMA = DOCS / "json.md", DOCS / "json.schema.json"


def schema() -> str:
    """Return what docs/json.schema.json holds."""
    return json.dumps(json_schema.schema(), indent=2) + "\n"


def page(text: str) -> str:
    """Return docs/json.md with both tables as the records say."""
    for name, rows in (("commands", _commands()), ("records", _records())):
        table = "\n".join(
            f"| {' | '.join(cells)} |" for cells in (rows[0], ["---"] * len(rows[0]), *rows[1:])
        )
        marks = f"<!-- {name}: by tests/json_docs.py -->", f"<!-- end of {name} -->"
        found = re.compile(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", re.S)
        assert found.search(text), marks[0]
        text = found.sub(lambda _: "\n\n".join((marks[0], table, marks[1])), text)  # noqa: B023
    return text


def _commands() -> list[list[str]]:
    rows = [["command", "records"]]
    for name, group in json_schema.GROUPS.items():
        rows.append([f"*{name}*", ", ".join(f"`{json_schema.tag(one)}`" for one in group)])
    for command, records in json_schema.RECORDS.items():
        left, cells = list(records), []
        for name, group in json_schema.GROUPS.items():
            if set(group) <= set(left):
                cells.append(f"*{name}*")
                left = [record for record in left if record not in group]
        rows.append([f"`{command}`", ", ".join([*cells, *(f"`{json_schema.tag(one)}`" for one in left)])])
    return rows


def _records() -> list[list[str]]:
    every = dict.fromkeys(record for records in json_schema.RECORDS.values() for record in records)
    rows = [["type", "what it is", "fields"]]
    for record in sorted(every, key=json_schema.tag):
        fields = ", ".join(f"`{name}`" for name in record.__struct_encode_fields__)
        rows.append([f"`{json_schema.tag(record)}`", _summary(record), fields])
    return rows


def _summary(record: type[Shape]) -> str:
    return cleandoc(record.__doc__ or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")


if __name__ == "__main__":
    SCHEMA.write_text(schema())
    PAGE.write_text(page(PAGE.read_text()))
