"""The table of the fleet files: what every section in it must keep to."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Annotated, Any, Union, get_args, get_origin

import msgspec
import pytest

from stentor.fleet import policy, schema
from stentor.fleet.document import parse
from stentor.fleet.schema import kinds
from stentor.fleet.schema.policy import SECTIONS
from stentor.fleet.shape import Shape


def structs() -> list[type[msgspec.Struct]]:
    found: list[type[msgspec.Struct]] = []

    def visit(kind: Any) -> None:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct) and kind not in found:
            found.append(kind)
            for field in msgspec.structs.fields(kind):
                visit(field.type)
        for inner in get_args(kind):
            visit(inner)

    for file in schema.FILES.values():
        visit(file)
    return found


def unions(kind: Any) -> Iterator[tuple[Any, ...]]:
    if get_origin(kind) in (Union, types.UnionType):
        yield get_args(kind)
    for inner in get_args(kind):
        yield from unions(inner)


def _bare(kind: Any) -> Any:
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def test_one_or_several_are_written_one_way() -> None:
    """As ``ONE_OR_MORE``, which every version of msgspec bears."""
    for struct in structs():
        for field in msgspec.structs.fields(struct):
            for choices in unions(field.type):
                bounded = any(get_origin(one) is Annotated and get_args(one)[0] is str for one in choices)
                listed = any(get_origin(_bare(one)) is list for one in choices)
                assert not (bounded and listed), f"{struct.__name__}.{field.name}"


def test_policy_sections_may_all_be_left_out_and_refuse_unknown_keys() -> None:
    for name, section in SECTIONS.items():
        if policy.SECTIONS[name].all_keys:  # its keys are names of the user's
            assert get_origin(_bare(section)) is dict, name
            continue
        assert section.__struct_config__.forbid_unknown_fields, name
        assert not any(field.required for field in msgspec.structs.fields(section)), name
        assert section.__doc__, name


def test_every_key_of_a_policy_says_what_it_is() -> None:
    definitions = schema.json_schema("policy")["$defs"]
    for name in {*definitions} - {"PolicyFile"}:
        described = definitions[name]["properties"]
        silent = {key for key, value in described.items() if not value.get("description")}
        assert not silent, name


@pytest.mark.parametrize("file", schema.FILES)
def test_one_or_more_is_said_in_the_words_of_json_schema(file: str) -> None:
    assert "'one'" not in repr(schema.json_schema(file))


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    """Both ways of writing it."""

    inside: Annotated[list[kinds.Word], kinds.ONE_OR_MORE] | None = None
    around: Annotated[list[kinds.Word] | None, kinds.ONE_OR_MORE] = None


@pytest.mark.parametrize(("text", "value"), [("a", ["a"]), ("[a, b]", ["a", "b"]), ("[]", []), ("", None)])
def test_one_or_more_is_always_a_list(text: str, value: list[str] | None) -> None:
    tree, _ = parse(f"{{inside: {text}, around: {text}}}".encode(), "f")
    assert tree is not None
    shape = Shape("f")
    assert shape.struct(tree, Sample, "f") == {"inside": value, "around": value}
    assert shape.faults == []


def test_one_or_more_in_json_schema() -> None:
    made = schema._one_or_more(msgspec.json.schema(Sample))["$defs"]["Sample"]["properties"]
    for key in ("inside", "around"):
        kinds = [str(one.get("type")) for one in _flat(made[key])]
        assert sorted(kinds) == ["array", "null", "string"]


def _flat(made: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if "anyOf" not in made:
        yield made
    for one in made.get("anyOf", []):
        yield from _flat(one)
