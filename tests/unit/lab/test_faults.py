"""The names of faults."""

from __future__ import annotations

import pytest

from stentor.cli.commands import lab as command
from stentor.errors import UsageError
from stentor.lab import faults


def test_the_help_lists_what_there_is() -> None:
    assert {name: fault.summary for name, fault in faults.FAULTS.items()} == command.FAULTS


def test_a_value_or_its_default() -> None:
    assert faults.parse("slow-login") == ("slow-login", "3")
    assert faults.parse("clock-skew=-2h") == ("clock-skew", "-2h")
    assert faults.parse("down") == ("down", "")


@pytest.mark.parametrize(
    ("text", "hint"), [("dwon", "did you mean down?"), ("x", "choose of down, "), ("", "choose of down, ")]
)
def test_unknown_names_get_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        faults.parse(text)
    assert raised.value.hint.startswith(hint)
