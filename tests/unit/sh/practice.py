"""A file of ``sh/`` by itself, in every sh that must take it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping

import pytest

from stentor import sh
from tests.support import need

SHELLS = {"dash": ["dash"], "bash": ["bash", "--posix"], "busybox": ["busybox", "sh"]}
every_sh = pytest.mark.parametrize("shell", SHELLS)


def run(
    shell: str, name: str, call: str, *words: str, environ: Mapping[str, str] | None = None, **given: str
) -> str:
    """Return what a call of a file's functions prints; the test fails if it says anything on standard error.

    Args:
        shell: one of ``SHELLS``.
        name: of the file.
        call: lines of sh.
        words: positional parameters.
        environ: of the shell, beside PATH.
        given: variables which are set before the file.
    """
    program, *options = SHELLS[shell]
    need(program)
    text = sh.join(name, front=sh.assign(**given), call=call)
    done = subprocess.run(
        [shutil.which(program) or program, *options, "-c", text, "sh", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PATH": os.environ["PATH"], "HOME": "/dev/null/none", **(environ or {})},
    )
    assert done.stderr == ""
    return done.stdout
