"""The command which ends what a killed stentor left. What it does to processes is tried on practice nodes."""

import shutil
import subprocess

import pytest

from stentor.fanout import reap

WORD = "stentor-0123456789abcdef"


@pytest.mark.parametrize("word", ["", "stentor-", "a" * 19])
def test_without_a_word_nothing_is_ever_ended(word: str) -> None:
    with pytest.raises(ValueError, match="no word"):
        reap.command(word, 0, 0)


def test_it_does_not_find_itself() -> None:
    assert WORD not in reap.command(WORD, 4242, 0)


def head(line: str) -> str:
    """The beginning of the script, which puts the word together, and then says it."""
    script = line.partition("alive()")[0]
    return script + "'" + '\necho "$w"'


@pytest.mark.parametrize("shell", [s for s in ("sh", "bash", "dash", "zsh") if shutil.which(s)])
def test_every_shell_puts_the_word_together(shell: str) -> None:
    line = head(reap.command(WORD, 4242, 0)).removeprefix("exec sh -c '").replace("'\n", "\n", 1)
    assert subprocess.run([shell, "-c", line], capture_output=True, text=True).stdout == WORD + "\n"


def test_shellcheck_has_nothing_to_say() -> None:
    line = reap.command(WORD, 1, 1).removeprefix("exec sh -c ")
    script = subprocess.run(["sh", "-c", f"printf %s {line}"], capture_output=True, text=True).stdout
    # SC2086: lists are walked word by word; SC2317: functions are called below.
    done = subprocess.run(
        [
            shutil.which("shellcheck") or "shellcheck",
            "-s",
            "sh",
            "-e",
            "SC2086,SC2317,SC2046,SC2015,SC2062,SC1007",
            "-",
        ],
        input=script,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout
