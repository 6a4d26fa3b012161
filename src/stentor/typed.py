"""What the modules on the way to ``stentor run`` take from :mod:`typing`, without importing it.

With ``from __future__ import annotations`` no annotation is evaluated, so most of these names need no meaning
while the program runs; to a type checker they are those of :mod:`typing`. ``NamedTuple`` works as it does
there, and a class of it takes a fifth of the time to make (``docs/decisions/0011-start-up.md``).
"""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import (
        IO,
        Any,
        BinaryIO,
        Literal,
        NamedTuple,
        NoReturn,
        Protocol,
        Self,
        TextIO,
        cast,
        get_args,
    )
else:
    try:  # as in collections
        from _collections import _tuplegetter
    except ImportError:

        def _tuplegetter(place, documentation):
            """Return a property for one field."""
            return property(lambda self: self[place], doc=documentation)

    class Any:
        """Only ever in annotations, as are the next."""

    IO = BinaryIO = NoReturn = Self = TextIO = Any

    class Literal:
        """For aliases; keeps the values for :func:`get_args`."""

        def __init__(self, values):
            self.__args__ = values

        def __class_getitem__(cls, values):
            return cls(values if isinstance(values, tuple) else (values,))

    def get_args(alias):
        """Return the values of an alias."""
        return alias.__args__

    class Protocol:
        """The base of classes that describe what another must have."""

    def cast(_, value):
        """Return the value."""
        return value

    def _bound(cls, values, named):
        """The values in the order of the fields, from those that were given and the defaults."""
        fields = cls._fields
        rest = fields[len(values) :]
        if len(values) > len(fields) or not named.keys() <= set(rest):
            raise TypeError(f"{cls.__name__} takes ({', '.join(fields)}), got {values} and {named}")
        try:
            return values + tuple(
                [named[name] if name in named else cls._field_defaults[name] for name in rest]
            )
        except KeyError as missing:
            raise TypeError(f"{cls.__name__} needs a value for {missing}") from None

    class _Shared(tuple):
        """What all named tuples have."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012 - each class has its own

        def __new__(cls, *values, **named):
            if named or len(values) != len(cls._fields):
                values = _bound(cls, values, named)
            return tuple.__new__(cls, values)

        @classmethod
        def _make(cls, values):
            """Make one from a sequence of all values."""
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has {len(cls._fields)} fields, got {len(made)} values")
            return made

        def _replace(self, **named):
            """Return one in which some values are others."""
            made = self._make(map(named.pop, self._fields, self))
            if named:
                problem = TypeError if sys.version_info >= (3, 13) else ValueError  # as NamedTuple's
                raise problem(f"{type(self).__name__} has no field {', '.join(named)}")
            return made

        def _asdict(self):
            """Return the values by the names of their fields."""
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self):
            pairs = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True))
            return f"{type(self).__name__}({pairs})"

        def __getnewargs__(self):
            return tuple(self)

    class _Maker(type):
        """Makes a plain subclass of ``_Shared`` of a class whose base is ``NamedTuple``."""

        def __new__(mcs, name, _, namespace):
            fields = tuple(namespace.get("__annotations__", ()))
            namespace["_fields"] = namespace["__match_args__"] = fields
            namespace["_field_defaults"] = {field: namespace[field] for field in fields if field in namespace}
            namespace["__slots__"] = ()
            for place, field in enumerate(fields):
                namespace[field] = _tuplegetter(place, f"Field {place}.")
            return type(name, (_Shared,), namespace)

    NamedTuple = type.__new__(_Maker, "NamedTuple", (), {"__doc__": "The base of a class with fields."})

__all__ = [
    "IO",
    "TYPE_CHECKING",
    "Any",
    "BinaryIO",
    "Literal",
    "NamedTuple",
    "NoReturn",
    "Protocol",
    "Self",
    "TextIO",
    "cast",
    "get_args",
]
