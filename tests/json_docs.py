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
    for name, rows in (("shared", _shared()), ("commands", _commands())):
        table = "\n".join(
            f"| {' | '.join(cells)} |" for cells in (rows[0], ["---"] * len(rows[0]), *rows[1:])
        )
        marks = f"<!-- {name}: by tests/json_docs.py -->", f"<!-- end of {name} -->"
        found = re.compile(f"{re.escape(marks[0])}.*?{re.escape(marks[1])}", re.S)
        assert found.search(text), marks[0]
        text = found.sub(lambda _: "\n\n".join((marks[0], table, marks[1])), text)  # noqa: B023
    return text


def _shared() -> list[list[str]]:
    """The records that several commands have in common, each once, with the groups that it is in."""
    rows, said = [["in", "type", "what it is", "fields"]], ""
    for record in dict.fromkeys(record for group in json_schema.GROUPS.values() for record in group):
        groups = ", ".join(f"*{name}*" for name, group in json_schema.GROUPS.items() if record in group)
        rows.append(["" if groups == said else groups, *_cells(record)])
        said = groups
    return rows


def _commands() -> list[list[str]]:
    """What each command says besides, below its name; a record of several is explained at the first."""
    rows, seen = [["command", "type", "what it is", "fields"]], set[type[Shape]]()
    for command, records in json_schema.RECORDS.items():
        left, said = [record for record in records if not _first_line(record)], []
        for name, group in json_schema.GROUPS.items():
            if set(group) <= set(left):
                said.append(f"*{name}*")
                left = [record for record in left if record not in group]
        known = {record for group in json_schema.GROUPS.values() for record in group} | seen
        said += [f"`{json_schema.tag(record)}`" for record in left if record in known]
        new = [record for record in left if record not in known]
        title = f"`{command}`" + (f": {', '.join(said)}" if said else "")
        rows += [[title if record is new[0] else "", *_cells(record)] for record in new] or [
            [title, "", "", ""]
        ]
        seen |= {*new}
    return rows


def _first_line(record: type[Shape]) -> bool:
    """Whether it says no more than that a command begins."""
    return record.__struct_encode_fields__ == ("stentor",)


def _cells(record: type[Shape]) -> list[str]:
    fields = ", ".join(f"`{name}`" for name in record.__struct_encode_fields__)
    return [f"`{json_schema.tag(record)}`", _summary(record), fields]


def _summary(record: type[Shape]) -> str:
    return cleandoc(record.__doc__ or "").partition("\n\n")[0].replace("\n", " ").replace("``", "`")


if __name__ == "__main__":
    SCHEMA.write_text(schema())
    PAGE.write_text(page(PAGE.read_text()))
