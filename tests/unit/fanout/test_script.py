from __future__ import annotations

import pytest

from stentor.errors import UsageError
from stentor.fanout.script import command


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
