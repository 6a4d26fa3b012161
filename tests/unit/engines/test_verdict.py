"""What an exit code says of a command, and of the login shell before it."""

from __future__ import annotations

import pytest

from stentor.engines.verdict import exit_reason, verdict


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        (1, "exit code 1"),
        (128, "exit code 128"),
        (129, "exit code 129 (128 + SIGHUP)"),
        (137, "exit code 137 (128 + SIGKILL)"),
        (160, "exit code 160"),
        (192, "exit code 192 (128 + SIGRTMAX)"),
        (193, "exit code 193"),
        (255, "exit code 255"),
    ],
)
def test_exit_code_over_128_names_its_signal(code: int, reason: str) -> None:
    assert exit_reason(code) == reason


@pytest.mark.parametrize(
    ("code", "said", "begun", "kind"),
    [
        (0, b"", True, "ok"),
        (0, b"", False, "shell-broken"),
        (3, b"", True, "failed"),
        (3, b"anything", False, "shell-broken"),
        (2, b"sh: 1: Syntax error: Unterminated quoted string", False, "failed"),
    ],
)
def test_a_shell_that_did_not_come_to_the_command_is_broken_unless_it_could_not_read_it(
    code: int, said: bytes, begun: bool, kind: str
) -> None:
    assert verdict(code, said, begun=begun, shell="")[:2] == (kind, code)


def test_the_hint_names_the_shell_where_it_is_known() -> None:
    assert verdict(1, b"", begun=False, shell="fish")[3].endswith("start-up files of fish")
    assert verdict(1, b"", begun=False, shell="")[3].endswith("start-up files of its shell")
