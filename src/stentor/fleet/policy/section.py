"""What a section of the policy is: named values with defaults, cheap to define and to restore.

Every command reads the policy, so a section is neither a dataclass nor a msgspec struct, nor a named
tuple: defining one of those costs ten times as much (docs/decisions/0002).
"""

from __future__ import annotations

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from typing import Any, ClassVar, dataclass_transform
else:

    def dataclass_transform(**_):
        """Mark a class for type checkers: its subclasses are to be read as dataclasses."""
        return lambda cls: cls


@dataclass_transform(frozen_default=True, kw_only_default=True)
class Section:
    """Base of the sections. A field is an annotation with its default, as in a dataclass.

    An instance holds only what the fleet files say, so it is false where they say nothing.
    """

    all_keys = ""
    """The one field that takes all keys of the section in a file; empty where each key is a field."""

    fields: ClassVar[dict[str, str]] = {}
    """Name of a field to its annotation, as written."""

    def __init_subclass__(cls) -> None:
        cls.fields = {**cls.fields, **cls.__annotations__}

    def __init__(self, **values: Any) -> None:
        for name in values:
            if name not in self.fields:
                raise TypeError(f"{type(self).__name__} has no field '{name}'")
        self.__dict__.update(values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} is immutable")

    def __bool__(self) -> bool:
        return bool(self.__dict__)

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in self.fields)

    __hash__ = None  # type: ignore[assignment]  # a section may hold mappings

    def __repr__(self) -> str:
        given = ", ".join(f"{name}={value!r}" for name, value in self.__dict__.items())
        return f"{type(self).__name__}({given})"


def to_plain(value: Any) -> Any:
    """Return a section, or a value of one, as dicts, lists, texts, numbers, booleans and None."""
    if isinstance(value, Section):
        value = value.__dict__.get(value.all_keys, {}) if value.all_keys else value.__dict__
    if isinstance(value, dict):
        return {key: to_plain(inner) for key, inner in value.items()}
    if isinstance(value, (tuple, list)):
        return [to_plain(inner) for inner in value]
    return value
