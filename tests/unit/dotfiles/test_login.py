"""What new logins prove, and how a change is confirmed in the last of them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from stentor import programs
from stentor.dotfiles import login
from stentor.dotfiles.login import Proof, Terms, prove
from stentor.engines.reach import Reach
from stentor.fanout.cancellation import Cancellation
from stentor.fleet.model import Fleet, Node
from stentor.programs import Completed

NODE = Node("crtr", "cooperator", ("192.168.254.10",), requires=("git",))
FLEET = Fleet("/fleet", {"crtr": NODE}, {"all": ("crtr",)})
SHELLS = b"stentor-dotfiles 1 shells\nshell plain ok\nend 0\n"


class Logins:
    """Answers logins in their order, and keeps their commands."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.quiet = Completed(0, b"", b"")
        self.shells = Completed(0, SHELLS, b"")
        self.said = b"state confirmed\n"
        self.argvs: list[list[str]] = []
        self.reach = Reach(FLEET, {"HOME": "/home/me"})
        monkeypatch.setattr(programs, "run", self._run)
        monkeypatch.setattr(login, "_typed", lambda *_: self.said)

    def _run(self, argv: list[str], _: object, **__: object) -> Completed:
        self.argvs.append(argv)
        return self.quiet if len(self.argvs) == 1 else self.shells

    def prove(self, **terms: Any) -> Proof:
        return prove(self.reach, NODE, "op1", "token", Terms(7, **terms))


@pytest.fixture
def logins(monkeypatch: pytest.MonkeyPatch) -> Logins:
    return Logins(monkeypatch)


def test_three_logins_confirm_the_change(logins: Logins) -> None:
    assert logins.prove(requires=("chezmoi",)) == Proof((), confirmed=True)
    first, second = logins.argvs
    assert first[0] == "ssh"
    assert first[-1] == "true"
    assert "BatchMode=yes" in first
    assert "chezmoi git" in second[-1]


@pytest.mark.parametrize(
    ("quiet", "fault"),
    [
        (Completed(137, b"", b"", timed_out=True), "a new login did not come up within 12 s"),
        (Completed(0, b"hi!", b""), "a session without a terminal printed 3 bytes (scp and git break on it)"),
        (Completed(1, b"", b"one\nlast words\n"), "a new login ended with code 1: last words"),
        (Completed(3, b"", b""), "a new login ended with code 3"),
    ],
)
def test_login_that_is_not_quiet_is_a_fault(logins: Logins, quiet: Completed, fault: str) -> None:
    logins.quiet = quiet
    assert logins.prove() == Proof((fault,))
    assert len(logins.argvs) == 1


@pytest.mark.parametrize(
    ("shells", "fault"),
    [
        (Completed(0, SHELLS.replace(b"ok", b"hangs"), b""), "the plain shell hangs"),
        (Completed(0, b"", b""), "a new login did not reach a shell"),
        (Completed(0, SHELLS, b"", timed_out=True), "a new login did not reach a shell"),
    ],
)
def test_shell_that_does_not_come_up_is_a_fault(logins: Logins, shells: Completed, fault: str) -> None:
    logins.shells = shells
    assert logins.prove() == Proof((fault,))


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (b"state reverted\n", "the node had already reverted the change"),
        (b"$ ", "the login shell with a terminal did not come up within 12 s"),
    ],
)
def test_change_that_was_not_confirmed_is_a_fault(logins: Logins, said: bytes, fault: str) -> None:
    logins.said = said
    assert logins.prove() == Proof((fault,))


def test_request_to_stop_proves_nothing_and_finds_no_fault(logins: Logins) -> None:
    cancellation = Cancellation()
    cancellation.request("Ctrl-C")
    logins.reach = logins.reach._replace(cancellation=cancellation)
    logins.quiet = Completed(137, b"", b"", timed_out=True)
    assert logins.prove() == Proof(())
    cancellation.close()


def test_this_machine_is_entered_by_its_own_shell(logins: Logins) -> None:
    logins.reach = logins.reach._replace(local="crtr")
    logins.prove()
    assert logins.argvs[0][1:] == ["-c", "true"]
    environ = login._environment(logins.reach, NODE)
    assert (environ["HOME"], environ["TERM"]) == ("/home/me", "xterm")
    assert "SSH_CONNECTION" in environ


def dialogue(answer: bytes, *, limit: float = 5.0, close: bool = False) -> tuple[bytes, bytes]:
    """What was read, and what was typed."""
    reads, out = os.pipe()
    typed, writes = os.pipe()
    os.write(out, answer)
    if close:
        os.close(out)
    try:
        said = login._dialogue(Reach(FLEET, {}), reads, writes, "confirm", limit)
    finally:
        os.close(writes)
        if not close:
            os.close(out)
    with open(typed, "rb") as file:
        found = file.read()
    os.close(reads)
    return said, found


@pytest.mark.parametrize("answer", [b"Welcome\nstate confirmed\n", b"state reverted\n"])
def test_line_is_typed_once_where_the_node_answers(answer: bytes) -> None:
    assert dialogue(answer) == (answer, b"confirm\n")


def test_login_that_ends_is_not_waited_for() -> None:
    assert dialogue(b"bye\n", close=True) == (b"bye\n", b"confirm\n")


def test_line_is_typed_three_times_in_all(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter(range(100))
    clock: Callable[[], float] = lambda: next(now)  # noqa: E731 - a clock that goes on by a second
    monkeypatch.setattr("time.monotonic", clock)
    monkeypatch.setattr(programs, "read", lambda *_: None)
    assert dialogue(b"", limit=30.0) == (b"", b"confirm\n" * 3)
