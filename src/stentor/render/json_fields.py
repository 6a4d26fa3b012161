"""What the records of ``--json`` have in common: their base, and values which many of them hold."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import Meta

from stentor.outcome import KINDS

Node = Annotated[str, Meta(description="A node's alias.")]
Stream = Annotated[str, Meta(extra_json_schema={"enum": ["stdout", "stderr"]})]
Kind = Annotated[str, Meta(description="What came of a node.", extra_json_schema={"enum": list(KINDS)})]
Seconds = Annotated[float, Meta(ge=0)]
Moment = Annotated[float, Meta(description="In seconds since 1970-01-01T00:00:00Z.")]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """The base of every record and of what is nested in one; numbers are rounded to three decimals."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            value = getattr(self, name)
            if type(value) is float:
                setattr(self, name, round(value, 3))

    @classmethod
    def of(cls, *sources: object, **fields: Any) -> Self:
        """Build a record from attributes of the same names.

        Args:
            sources: values of the features; a later one goes before an earlier one.
            fields: what no source has under that name; goes before every source.
        """
        found = {
            name: getattr(source, name)
            for source in sources
            for name in cls.__struct_fields__
            if hasattr(source, name)
        }
        return cls(**(found | fields))


class Header(Shape, kw_only=True):
    """The base of the first line."""

    stentor: Annotated[Literal[1], Meta(description="Version of this format.")] = 1
