"""tmux commands on command lines, in files and in strings."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.sh.quoting import quote
from stentor.tmux import command


def test_a_chain_puts_semicolons_between_and_keeps_those_of_arguments() -> None:
    assert command.chain([("a", "b;"), ("c", ";")]) == ["a", "b\\;", ";", "c", "\\;"]


def test_words_are_quoted_for_tmux() -> None:
    assert quote("it's") == "'it'\\''s'"
    assert quote("") == "''"
    assert quote("plain-1.2") == "plain-1.2"
    assert quote("=cluster:") == "'=cluster:'"
    assert quote("#{x} $HOME ~ {") == "'#{x} $HOME ~ {'"


def test_long_chains_are_passed_by_a_file() -> None:
    short = [("new-window", "-n", "x")]
    assert command.shell(["tmux"], short) == "tmux new-window -n x\n"
    long = [("set-option", "-g", "@x", "y" * 100)] * 200
    assert not command.fits(command.chain(long))
    assert command.shell(["tmux", "-L", "s"], long).startswith(
        "tmux -L s source-file - <<'EOF'\nset-option -g"
    )


WORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(WORDS, min_size=1).map(tuple), min_size=1, max_size=4))
def test_printed_commands_are_those_that_run(commands: list[tuple[str, ...]]) -> None:
    shown = command.shell(["printf", "%s\\0"], commands)
    done = subprocess.run(["sh", "-c", shown], capture_output=True, check=True)
    assert done.stdout.decode().split("\0")[:-1] == command.chain(commands)
