"""A call of a command: for people or for programs, and the question before a change."""

from __future__ import annotations

import argparse
import io
import json
from typing import Any

import pytest

from stentor.cli.call import Call
from stentor.cli.context import Context
from stentor.cli.displays import json_lines
from stentor.errors import Refused
from stentor.outcome import Outcome


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def call_of(typed: str = "", *, terminal: bool = True, **options: Any) -> Call:
    stream = Terminal if terminal else io.StringIO
    out = io.TextIOWrapper(io.BytesIO())
    context = Context(out, stream(), stream(typed), {})
    arguments = argparse.Namespace(**{"yes": False, "json": False, "selector": ["crtr"], **options})
    call = Call(arguments, context)
    call.records = json_lines(arguments, call.screen, "uninstall", ["crtr"], results=True)
    return call


def written(call: Call) -> str:
    out = call.context.stdout
    out.flush()
    return out.buffer.getvalue().decode()  # type: ignore[attr-defined, no-any-return]


@pytest.mark.parametrize("answer", ["y\n", "YES\n"])
def test_yes_goes_on(answer: str) -> None:
    call_of(answer).ask("remove it?")


@pytest.mark.parametrize("answer", ["\n", "n\n", "maybe\n", ""])
def test_all_else_is_a_no(answer: str) -> None:
    with pytest.raises(Refused, match=r"^not confirmed$") as caught:
        call_of(answer).ask("remove it?", "nothing was removed")
    assert caught.value.hint == "nothing was removed"


class Interrupted(Terminal):
    """Ctrl-C in place of an answer."""

    def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]
        raise KeyboardInterrupt


@pytest.mark.parametrize(("typed", "end"), [(Terminal(""), Refused), (Interrupted(), KeyboardInterrupt)])
def test_what_is_said_after_ctrl_d_and_ctrl_c_begins_a_line(typed: Terminal, end: type[Exception]) -> None:
    call = call_of()
    call.context = call.context._replace(stdin=typed)
    with pytest.raises(end):
        call.ask("remove it?")
    assert call.context.stderr.getvalue() == "remove it? [y/N] \n"  # type: ignore[attr-defined]


def test_a_long_question_is_broken_between_words() -> None:
    call = call_of("y\n")
    call.context = call.context._replace(environ={"COLUMNS": "40"})
    call.ask("pin the keys of crtr and drtr in the fleet?")
    said = call.context.stderr.getvalue()  # type: ignore[attr-defined]
    assert said == "pin the keys of crtr and drtr in the\n  fleet? [y/N] "


@pytest.mark.parametrize(("terminal", "program"), [(False, False), (True, True)])
def test_where_nobody_can_be_asked_it_is_refused(terminal: bool, program: bool) -> None:
    with pytest.raises(Refused, match="no terminal to ask on") as caught:
        call_of("y\n", terminal=terminal, json=program).ask("remove it?")
    assert caught.value.hint == Call.unasked


@pytest.mark.parametrize(("terminal", "program"), [(False, False), (True, True)])
def test_yes_in_advance_asks_nobody(terminal: bool, program: bool) -> None:
    call_of(yes=True, terminal=terminal, json=program).ask("remove it?")


def test_programs_read_records_alone() -> None:
    call = call_of(json=True)
    call.print(["a result"])
    call.say("a remark")
    assert call.finish([Outcome("crtr", "failed", code=3)]) == 1
    assert [json.loads(line)["type"] for line in written(call).splitlines()] == ["operation", "report"]


def test_people_read_lines_alone() -> None:
    call = call_of()
    call.print(["a result"])
    assert call.finish([Outcome("crtr", "ok")]) == 0
    assert written(call) == "a result\n"
