"""The named tuples of ``stentor.typed`` behave as those of ``typing``."""

from __future__ import annotations

import copy
import pickle
import typing
from collections.abc import Callable
from typing import Any, Self

import pytest

from stentor import typed


class Ours(typed.NamedTuple):
    """Three fields."""

    first: int
    second: str = "x"
    third: tuple[int, ...] = ()

    @property
    def both(self) -> str:
        """First and second."""
        return f"{self.first}{self.second}"

    def made(self) -> Ours:
        """Another."""
        return self._replace(first=self.first + 1)


class Theirs(typing.NamedTuple):
    """Three fields."""

    first: int
    second: str = "x"
    third: tuple[int, ...] = ()


class Below(Ours):
    """A subclass which changes what it is made of."""

    def __new__(cls, first: int) -> Self:
        return super().__new__(cls, first * 2, "below")


USES: list[Callable[[Any], Any]] = [
    lambda made: tuple(made(1)),
    lambda made: tuple(made(1, "b", (2,))),
    lambda made: tuple(made(third=(1,), first=3)),
    lambda made: made(1, third=(4,)).third,
    lambda made: made(1)._asdict(),
    lambda made: tuple(made._make([1, "b", ()])),
    lambda made: tuple(made(1)._replace(second="c")),
    lambda made: repr(made(1, second="é")).partition("(")[2],
    lambda made: (made._fields, made._field_defaults, made.__match_args__, made.__doc__),
    lambda made: made(1) == made(1) == (1, "x", ()),
    lambda made: len({made(1), made(1)}),
    lambda made: made(2) > made(1, "z"),
    lambda made: typing.get_type_hints(made),
    lambda made: hasattr(made(1), "__dict__"),
]
WRONG: list[Callable[[Any], Any]] = [
    lambda made: made(),
    lambda made: made(second="x"),
    lambda made: made(1, "b", (), 4),
    lambda made: made(1, first=2),
    lambda made: made(1, fourth=2),
    lambda made: made._make([1]),
    lambda made: made(1)._replace(fourth=2),
    lambda made: setattr(made(1), "first", 2),
    lambda made: setattr(made(1), "fourth", 2),
]


@pytest.mark.parametrize("use", USES)
def test_what_can_be_done_with_one(use: Callable[[Any], Any]) -> None:
    assert use(Ours) == use(Theirs)


@pytest.mark.parametrize("use", WRONG)
def test_what_is_refused(use: Callable[[Any], Any]) -> None:
    with pytest.raises((TypeError, ValueError, AttributeError)) as theirs:
        use(Theirs)
    with pytest.raises(theirs.type):
        use(Ours)


def test_copies_are_equal() -> None:
    one = Ours(1, "b", (2,))
    for other in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert (other, type(other)) == (one, Ours)


def test_methods_properties_and_subclasses_work() -> None:
    assert Ours(1).both == "1x"
    assert Ours(1).made() == Ours(2)
    assert Below(2) == (4, "below", ())
    assert Below(2)._replace(first=1).second == "below"
    match Ours(5):
        case Ours(first, second):
            assert (first, second) == (5, "x")
        case _:
            pytest.fail("it does not match by position")


def test_every_name_is_one_of_typing() -> None:
    assert all(hasattr(typing, name) for name in typed.__all__)
