"""From a screen's line to the command that Enter would send, judged by the real guard."""

from __future__ import annotations

import pytest

from stentor.guard import examine
from stentor.tmux import line
from stentor.tmux.line import Seen


def judge(text: str) -> list[tuple[str, str]]:
    return [(finding.rule, finding.reason) for finding in examine(text)]


def danger(text: str, *, above: tuple[str, ...] = (), cursor: int | None = None) -> str:
    seen = Seen("n", above, text, len(text) if cursor is None else cursor)
    return line.danger([seen], judge, "unreadable")


PROMPTS = [
    "crtr@crtr:~$ ",
    "root@drtr:/etc# ",
    "prtr% ",
    "~/src ❯ ",  # noqa: RUF001 - a real prompt
    "➜  ~ ",
    "[crtr@crtr ~]$ ",
    "12:03 crtr main > ",
    " crtr \ue0b0 ~ \ue0b0 ",
    "crtr ~> ",
    "(venv) crtr:~$ ",
]


@pytest.mark.parametrize("prompt", PROMPTS)
def test_dangerous_line_is_found_after_any_prompt(prompt: str) -> None:
    assert danger(prompt + "sudo rm -rf /etc")
    assert danger(prompt + "reboot")
    assert danger(prompt + "echo done; dd if=/dev/zero of=/dev/sda")


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize(
    "command", ["uptime", "ls -l /etc | grep ssh", "git status", "echo 'a b'", "", "tail -f log"]
)
def test_harmless_line_passes_after_any_prompt(prompt: str, command: str) -> None:
    assert danger(prompt + command) == ""


def test_prompt_sign_within_the_command_is_no_prompt() -> None:
    assert danger("crtr$ uname -n >> done") == ""
    assert danger("crtr$ echo 5 > then") == ""
    assert danger("~/src > main $ rm -rf /")


def test_prompt_without_a_sign_is_recognised() -> None:
    assert danger("crtr ~ rm -rf /")
    assert danger("crtr ~ ls") == ""


def test_unreadable_line_asks_only_after_a_prompt() -> None:
    assert danger('crtr$ echo "open')
    assert danger("Is it all right? (it's) [y/N] y") == ""
    assert danger("[sudo] password for crtr: ") == ""


def test_right_hand_prompt_is_not_part_of_the_line() -> None:
    text = "crtr$ ls" + " " * 40 + "(main) 12:03"
    assert danger(text, cursor=8) == ""
    assert danger("crtr$ rm -rf /" + " " * 40 + "(main) 12:03", cursor=14)


def test_text_after_the_cursor_is_part_of_the_line() -> None:
    assert danger("crtr$ rm -rf /etc", cursor=6)


def test_continued_lines_are_read_as_one() -> None:
    assert danger("> /etc", above=("crtr$ sudo rm -rf \\",))
    assert danger("> /home", above=("x", "crtr$ rm \\", "> -rf \\"))
    assert danger("> done", above=("crtr$ for f in /etc /home; do", "> rm -rf $f"))
    assert danger("> two", above=("crtr$ echo one \\",)) == ""


def test_dangerous_line_in_any_pane_asks() -> None:
    harmless, harmful = Seen("a", (), "a$ ls", 5), Seen("b", (), "b$ mkfs.ext4 /dev/sda1", 22)
    assert line.danger([harmless, harmful], judge, "unreadable")
    assert line.danger([harmless, harmless], judge, "unreadable") == ""


def test_empty() -> None:
    assert line.empty(Seen("n", (), "crtr$ ", 6))
    assert line.empty(Seen("n", (), "", 0))
    assert not line.empty(Seen("n", (), "crtr$ ls", 8))


def read(text: str, *above: str, cursor: int | None = None) -> line.Readings:
    return line.readings(Seen("n", above, text, len(text) if cursor is None else cursor))


def test_text_at_the_right_edge_is_left_out_and_kept_as_a_possibility() -> None:
    assert read("a$ ls   12:03 $", cursor=5) == line.Readings(("ls",), ("ls   12:03 $",))
    assert read("a$ ls  x", cursor=6) == line.Readings(("ls",), ("ls  x",))
    assert read("a$ ls -l", cursor=8) == line.Readings(("ls -l",), ())
    assert read("a$ ls  x", cursor=8) == line.Readings(("ls  x",), ())


def test_without_a_sign_any_word_may_begin_the_command() -> None:
    assert read("me here ls") == line.Readings((), ("me here ls", "here ls", "ls"))
    assert len(read(" ".join(["x"] * 80)).possible) == 60


def test_behind_an_arrow_the_directory_may_be_the_prompts() -> None:
    assert read("➜ ~ ls") == line.Readings(("~ ls",), ("➜ ~ ls", "~ ls", "ls"))
    assert len(read("➜ a b c d e f g h").possible) == 6


def test_rows_that_a_command_goes_on_from_are_read_with_it() -> None:
    assert read("-rf /", "b$ ls", "a$ rm \\") == line.Readings(("rm \\\n-rf /",), ("-rf /", "/"))
    assert read("> x", "old$ y", "a$ echo '").likely == ("echo '\nx",)
    assert read("x", "old \\", "a$ ls").likely == ()
