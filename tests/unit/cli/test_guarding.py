"""The guard's question: the number of nodes is typed."""

from __future__ import annotations

import pytest

from stentor.cli.context import Context
from stentor.cli.guarding import confirm_by
from stentor.errors import Refused, UsageError
from stentor.guard.calls import Finding
from stentor.operation.guarding import Danger, refuse

DANGER = Danger(("a", "b"), (Finding("rm", "rm -rf /", "deletes everything"),))


def confirm(monkeypatch: pytest.MonkeyPatch, typed: str) -> bool:
    monkeypatch.setattr(Context, "interactive", lambda _: True)
    monkeypatch.setattr(Context, "answer", lambda *_: typed)
    return confirm_by(Context.from_process(), None, {})(DANGER)


def test_number_of_nodes_confirms_and_enter_does_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert confirm(monkeypatch, "2")
    assert not confirm(monkeypatch, "")


def test_any_other_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match="not sent: 2 was expected"):
        confirm(monkeypatch, "y")


def test_without_a_person_it_is_refused_and_a_script_says_the_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Context, "interactive", lambda _: False)
    assert confirm_by(Context.from_process(), None, {}) is refuse
    assert confirm_by(Context.from_process(), "2", {})(DANGER)
    with pytest.raises(UsageError):
        confirm_by(Context.from_process(), "3", {})(DANGER)
