"""Another program on our terminal, for a while."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence


def outside(argv: Sequence[str]) -> int:
    """Run a program in the foreground; Ctrl-C is its own. Return its exit code as a shell would.

    Args:
        argv: the program and its arguments.
    """
    # A handler that does nothing is not inherited by the program, as being deaf would be.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        code = subprocess.run(argv, check=False).returncode
    finally:
        signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code
