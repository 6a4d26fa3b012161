"""The names of faults."""

from __future__ import annotations

import argparse

import pytest

from stentor.cli.dispatch import parser_for
from stentor.errors import UsageError
from stentor.lab import faults


def test_help_lists_every_fault_with_its_summary() -> None:
    parser, _ = parser_for("lab")
    (verbs,) = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    told = verbs.choices["break"].epilog.partition("\n\n")[0].splitlines()
    listed = dict(line.split(maxsplit=1) for line in told[1:])
    assert listed == {name: fault.summary for name, fault in faults.FAULTS.items()}


def test_a_fault_without_a_value_gets_its_default() -> None:
    assert faults.parse("slow-login") == ("slow-login", "3")
    assert faults.parse("clock-skew=-2h") == ("clock-skew", "-2h")
    assert faults.parse("down") == ("down", "")


@pytest.mark.parametrize(
    ("text", "hint"),
    [("dwon", "did you mean 'down'?"), ("x", "choose one of down, "), ("", "choose one of down, ")],
)
def test_unknown_names_get_a_hint(text: str, hint: str) -> None:
    with pytest.raises(UsageError) as raised:
        faults.parse(text)
    assert raised.value.hint.startswith(hint)
