"""End what a killed stentor left on its nodes: by a guardian process, or at the next operation."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from contextlib import suppress

from stentor import programs
from stentor.errors import StentorError


class Guardian:
    """A shell that waits for our end, and runs ``stentor reap`` unless it was told that all is well.

    It has a session of its own: Ctrl-C and the end of the terminal are not meant for it.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._pipe = -1
        theirs, ours = os.pipe()
        argv = ["/bin/sh", "-c", 'read -r end; [ "$end" ] || exec "$@"', "stentor", *_reap_argv()]
        try:
            programs.detach(argv, environ, stdin=theirs)
            self._pipe = ours
        except StentorError:
            os.close(ours)
        finally:
            os.close(theirs)

    def dismiss(self) -> None:
        """Tell it that this was a good end."""
        if self._pipe >= 0:
            with suppress(OSError):
                os.write(self._pipe, b"well\n")
            os.close(self._pipe)
            self._pipe = -1


def reap(environ: Mapping[str, str]) -> None:
    """Start ``stentor reap`` in the background; that it cannot be started is nobody's failure."""
    with suppress(StentorError):
        programs.detach(_reap_argv(), environ)


def _reap_argv() -> list[str]:
    return [sys.executable, "-m", "stentor", "reap"]
