"""Nodes which answer from a script, whatever is asked: harmless, but nothing that a good node would say.

A forced command in ``authorized_keys`` takes the place of every shell: of commands, scripts and sftp. It has
what was asked (``SSH_ORIGINAL_COMMAND``), so it can give the true answer, cut off or changed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import IO, NamedTuple

from stentor.lab import Lab

# $1 is the word by which stentor knows that a command begins; "mark" says it as a good node does.
_FRONT = r"""
asked=$SSH_ORIGINAL_COMMAND
word=$(printf '%s' "$asked" | grep -o 'stentor-[0-9a-f]*' | head -n 1)
mark() { echo "$word $$ /bin/sh" >&2; }
real() { sh -c "$asked" 2>/dev/null; }
much=$(cat much)
"""
MODES = {
    "says nothing": "mark",
    "ends at once": "exit 3",
    "prints on and on": "mark; yes stentor_inventory=1 | head -c $much",
    "prints before it begins": "yes hello | head -c $much; mark; real",
    "complains on and on": "mark; yes complaint | head -c $much >&2; real",
    "one line without end": "mark; tr '\\0' x </dev/zero | head -c $much",
    "cut off": "mark; real | head -c 300",
    "cut off in a line": "mark; real | head -c 777",
    "odd digits": "mark; real | sed 's/[0-9]/²/g'",
    "large numbers": "mark; real | sed 's/[0-9][0-9]*/99999999999999999999999/g'",
    "negative numbers": "mark; real | sed 's/[0-9][0-9]*/-1/g'",
    "no text": "mark; head -c 100000 \"$0\" | tr '\\n-~' '\\200-\\377\\0-\\37'",
    "controls the terminal": r"mark; real | sed 's/^/\x1b]0;title\x07\x1b[2J\x1b[31m/; s/$/\r\x08\xc2\x9b/'",
    "controls at ends of lines": r"mark; real | sed 's/$/\x1b]0;title\x07\x1b[2J\r\xc2\x9b2J/'",
    "odd complaints": 'mark; sh -c "$asked" 2>&1 >odd'
    " | sed 's/ ok / ² /; s/ no / /; s/$/\\x1b[2J/' >&2; cat odd",
    "an odd marker": 'echo "$word ² /bin/sh" >&2; real',
    "a large marker": 'echo "$word 99999999999999999999 /bin/sh" >&2; real',
    "a marker without end": "printf '%s ' \"$word\" >&2; yes 1 | tr -d '\\n' | head -c 300000 >&2; real",
    "two answers": "mark; real; real",
    "wrong lock": "mark; printf 'held x 99999999999999999999 you\\033[2J all\\n'",
    "wrong archive": "mark; head -c 2000 /dev/zero; real | tail -c +7",
    "words": "mark; printf 'begun x\nstate confirmed\nsnapshot taken\nend ²\nneed ² yes\ncheck ² ²\n'",
}


def make_hostile(lab: Lab, alias: str, mode: str, much: int = 0, *, said: str = "") -> None:
    """Have a node answer in a mode of ``MODES``.

    Args:
        lab: of the node.
        alias: the node.
        mode: of ``MODES``.
        much: bytes that it prints where it prints on and on.
        said: the lines of sh of a mode of your own.
    """
    home = lab.home(alias)
    (home / "answers").write_text(_FRONT + (said or MODES[mode]) + "\n")
    (home / "much").write_text(str(much))
    keys = home / ".ssh" / "authorized_keys"
    key = keys.read_text()
    if not key.startswith("command="):
        keys.write_text(f'command="exec sh answers" {key}')


class Measured(NamedTuple):
    """What came of a command, and what it took."""

    code: int
    stdout: str
    stderr: str
    memory: int  # bytes, the most that it had at once
    seconds: float


def measure(
    words: list[str], environ: Mapping[str, str], *, largest_file: int, timeout: float = 120
) -> Measured:
    """Run stentor; no file that it writes may become larger than ``largest_file`` bytes."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        since = time.monotonic()
        argv = [sys.executable, "-m", "stentor", *words]
        process = subprocess.Popen(
            argv,
            env=dict(environ),
            cwd=environ["HOME"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            preexec_fn=limit,
        )
        end = since + timeout
        pid = 0
        while not pid:
            pid, status, used = os.wait4(process.pid, os.WNOHANG)
            if not pid and time.monotonic() > end:
                process.kill()
                _, status, used = os.wait4(process.pid, 0)
                break
            time.sleep(0.02)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - since
        stdout, stderr = _text(out), _text(err)
    return Measured(process.returncode, stdout, stderr, used.ru_maxrss * 1024, seconds)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "surrogateescape")
