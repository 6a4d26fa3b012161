from __future__ import annotations

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentor.errors import UsageError
from stentor.fanout.script import command, quote


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"echo hello\n", "sh -s -- one 'two three'"),
        (b"#!/bin/sh\n", "/bin/sh -s -- one 'two three'"),
        (b"#!/bin/bash -eu\r\n", "/bin/bash -eu -s -- one 'two three'"),
        (b"#! /usr/bin/env bash\n", "/usr/bin/env bash -s -- one 'two three'"),
        (b"#!/usr/bin/env -S python3 -u\n", "/usr/bin/env python3 -u - one 'two three'"),
        (b"#!/usr/bin/env LANG=C perl\n", "/usr/bin/env 'LANG=C' perl - one 'two three'"),
        (b"#!/usr/bin/python3.11\n", "/usr/bin/python3.11 - one 'two three'"),
        (b"#!/bin/busybox sh\n", "/bin/busybox sh -s -- one 'two three'"),
        (b"#!/usr/bin/awk -f\n", "/usr/bin/awk -f /dev/stdin one 'two three'"),
        (b"#!/usr/bin/fish", "/usr/bin/fish /dev/stdin one 'two three'"),
    ],
)
def test_the_interpreter_is_that_of_the_first_line(head: bytes, expected: str) -> None:
    assert command(head, ["one", "two three"]) == expected


@pytest.mark.parametrize("head", [b"\x7fELF\x00", b"#!\n", b"#!/usr/bin/env\n"])
def test_what_is_no_script_is_refused(head: bytes) -> None:
    with pytest.raises(UsageError):
        command(head, [])


def test_words_that_need_no_quotes_have_none() -> None:
    assert [quote(word) for word in ("a-1", "/x/y", "", "it's", "a\\b", "100%", "%1")] == [
        "a-1",
        "/x/y",
        "''",
        "'it'\\''s'",
        "'a'\\\\'b'",
        "100%",
        "'%1'",
    ]


SHELLS = [shell for shell in ("sh", "bash", "zsh", "fish", "csh", "tcsh") if shutil.which(shell)]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("ab '\"\\!$`*~#=-\t%{};&|<>()é", max_size=8), min_size=1, max_size=5))
def test_every_shell_reads_the_word_as_it_is(words: list[str]) -> None:
    line = "printf '%s|' " + " ".join(map(quote, words))
    for shell in SHELLS:
        done = subprocess.run([shell, "-c", line], capture_output=True, text=True, check=True)
        assert done.stdout == "".join(f"{word}|" for word in words), shell
