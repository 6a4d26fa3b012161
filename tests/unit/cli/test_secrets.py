"""Secrets: asked for once, sent by standard input, and never on a command line."""

from __future__ import annotations

import getpass
import io
from pathlib import Path

import pytest

from stentor.cli.context import Context
from stentor.cli.secrets import Secrecy, Secrets
from stentor.errors import Refused, UsageError
from stentor.fanout.events import Event, Finished, Output, Started
from stentor.outcome import Outcome


def context(**environ: str) -> Context:
    return Context(io.StringIO(), io.StringIO(), io.StringIO(), environ)


@pytest.fixture
def person(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Somebody who types a word at each question; the questions."""
    asked: list[str] = []
    monkeypatch.setattr(Context, "interactive", lambda _: True)

    def typed(prompt: str, stream: object) -> str:
        asked.append(prompt)
        return "typed"

    monkeypatch.setattr(getpass, "getpass", typed)
    return asked


def test_value_comes_from_the_environment_without_a_question(person: list[str]) -> None:
    secrets = Secrets(Secrecy(["TOKEN"]), context(TOKEN="s3"))
    assert (secrets.values, secrets.all, person) == ({"TOKEN": "s3"}, ("s3",), [])


def test_value_that_is_nowhere_is_asked_for(person: list[str]) -> None:
    secrets = Secrets(Secrecy(["TOKEN"], sudo="root"), context())
    assert secrets.all == ("typed", "typed")
    assert person == ["TOKEN: ", "sudo password for the nodes (empty if they ask for none): "]


def test_without_a_person_a_missing_value_is_refused_and_sudo_goes_without() -> None:
    with pytest.raises(Refused, match="--env-secret TOKEN: there is no such variable"):
        Secrets(Secrecy(["TOKEN"]), context())
    assert Secrets(Secrecy(sudo="root"), context()).all == ()


@pytest.mark.parametrize("name", ["A=1", "1A", "Ä", ""])
def test_name_that_is_none_is_an_error(name: str) -> None:
    with pytest.raises(UsageError):
        Secrets(Secrecy([name]), context())


def test_secrecy_is_needed_for_names_or_sudo() -> None:
    assert not Secrecy()
    assert Secrecy(["A"])
    assert Secrecy(sudo="root")


def test_secret_goes_by_standard_input_in_front_of_the_commands_own(tmp_path: Path) -> None:
    secrets = Secrets(Secrecy(["TOKEN"]), context(TOKEN="s\\3\nä"))
    prelude = secrets.prelude("deploy")
    assert "s\\3" not in prelude.command
    assert prelude.lines == secrets._word.encode() + b"\ns\\01343\\0012\\0303\\0244\n"
    own = tmp_path / "in"
    own.write_bytes(b"own input")
    path = secrets.channel(prelude.lines, str(own))
    assert path.startswith("/proc/self/fd/")
    assert Path(path).read_bytes() == prelude.lines + b"own input"
    secrets.close()


def test_password_is_the_last_line_and_separated_by_a_word() -> None:
    secrets = Secrets(Secrecy(["A"], sudo="www"), context(A="1"))
    prelude = secrets.prelude("id")
    assert prelude.lines == secrets._word.encode() + b"\n1\n\n"
    assert secrets._word in prelude.command.replace("\\", "")


def test_what_sudo_refused_becomes_an_outcome_of_its_own() -> None:
    secrets = Secrets(Secrecy(sudo="root"), context())
    word = secrets._word
    events: list[Event] = [
        Started("a"),
        Output("a", "stderr", b"warning\n" + word.encode() + b" wrong\n"),
        Output("a", "stdout", b"out"),
        Finished("a", Outcome("a", "failed", 1)),
        Output("b", "stderr", word[:5].encode()),
        Finished("b", Outcome("b", "failed", 2)),
        Output("c", "stderr", word.encode() + b" unheard-of\n"),
        Finished("c", Outcome("c", "failed", 1)),
    ]
    seen = list(secrets.follow(iter(events)))
    assert seen[:3] == [Started("a"), Output("a", "stderr", b"warning\n"), Output("a", "stdout", b"out")]
    ends = {event.node: event.outcome for event in seen if isinstance(event, Finished)}
    assert (ends["a"].kind, ends["a"].reason) == ("denied", "sudo: wrong password")
    assert ends["b"] == Outcome("b", "failed", 2)
    assert Output("b", "stderr", word[:5].encode()) in seen
    assert ends["c"].kind == "denied"


def test_without_sudo_events_pass_as_they_are() -> None:
    events: list[Event] = [Output("a", "stderr", b"x"), Finished("a", Outcome("a", "failed", 1))]
    assert list(Secrets(Secrecy(), context()).follow(iter(events))) == events
