"""The records of ``--json`` are one vocabulary, all of it published."""

from __future__ import annotations

import argparse
import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import fields

import stentor
from stentor.cli.table import COMMANDS
from stentor.outcome import KINDS
from stentor.render import json_schema
from stentor.render.json_fields import Kind, Shape
from tests import json_docs
from tests.parsers import parser_of

PUBLISHED = {record for records in json_schema.RECORDS.values() for record in records}


def trees(word: str) -> Iterator[tuple[Path, ast.Module]]:
    """Every module that has this word, as it is written; most have it not, and need not be parsed."""
    for path in Path(stentor.__file__).parent.rglob("*.py"):
        if word in (text := path.read_text()):
            yield path, ast.parse(text)


def shapes(base: type[Shape] = Shape) -> Iterator[type[Shape]]:
    """Every class of a record or of what is nested in one."""
    for shape in base.__subclasses__():
        yield shape
        yield from shapes(shape)


def test_the_published_schema_is_that_of_the_records() -> None:
    assert json_docs.SCHEMA.read_text() == json_docs.schema(), "run: make schema"


def test_the_page_has_every_command_and_record() -> None:
    text = json_docs.PAGE.read_text()
    assert text == json_docs.page(text), "run: make schema"


def test_the_schema_knows_every_kind() -> None:
    assert all(f'"{kind}"' in json_docs.schema() for kind in KINDS)


def test_every_first_line_has_to_say_the_version() -> None:
    for shape in json_schema.schema()["$defs"].values():
        assert ("stentor" in shape["properties"]) == ("stentor" in shape["required"])


def test_every_record_is_written_by_a_command() -> None:
    assert {shape for shape in shapes() if shape.__struct_config__.tag} == PUBLISHED


def test_all_records_are_in_modules_that_the_schema_reads() -> None:
    found = {
        (path.stem, node.name)
        for path, tree in trees("tag=")
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and any(keyword.arg == "tag" for keyword in node.keywords)
    }
    assert found == {(record.__module__.rpartition(".")[2], record.__name__) for record in PUBLISHED}


def test_no_record_is_built_as_a_dictionary() -> None:
    built = [
        f"{path}:{node.lineno}"
        for path, tree in trees('"type"')
        if path.name != "openapi.py"  # a schema, in which "type" is a word of JSON Schema
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        and "type" in [key.value for key in node.keys if isinstance(key, ast.Constant)]
    ]
    assert not built, "build structs of stentor.render"


@pytest.mark.parametrize("shape", sorted(set(shapes()), key=repr))
def test_kind_is_always_what_came_of_a_node(shape: type[Shape]) -> None:
    named = {field.encode_name: str(field.type) for field in fields(shape)}
    assert not named.keys() & {"alias", "outcome"}
    assert str(list(KINDS)) in named.get("kind", str(Kind))


def json_parsers(parser: argparse.ArgumentParser, name: str) -> Iterator[str]:
    """The commands and their verbs that have ``--json``."""
    for action in parser._actions:
        if "--json" in action.option_strings:
            yield name
        if isinstance(action, argparse._SubParsersAction):
            for verb, sub in action.choices.items():
                yield from json_parsers(sub, f"{name} {verb}")


def test_the_table_has_every_command_with_json() -> None:
    commands = {one for name in COMMANDS for one in json_parsers(parser_of(name)[0], name)}
    missing = {one for one in commands if not {one, one.split()[0]} & json_schema.RECORDS.keys()}
    assert not missing
    words = {one.split()[0] for one in commands}
    assert all(one.split()[0] in words for one in json_schema.RECORDS)
