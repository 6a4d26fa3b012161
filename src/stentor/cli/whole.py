"""Write the file which a command was told to write."""

from __future__ import annotations

import os

from stentor.errors import Refused, StentorError
from stentor.fleet.whole import put


def write_whole(path: str, text: str, *, ours: str = "", by: str = "") -> None:
    """Put a text into a file; whoever reads it meanwhile sees the old one.

    Args:
        path: of the file; a link is followed.
        text: all of it.
        ours: the first line which such a file has; one which is there and begins otherwise is not touched.
        by: the command that writes such files, for the message.

    Raises:
        Refused: another's file is there.
        StentorError: it cannot be written.
    """
    try:
        if ours and os.path.exists(path) and not _begins(path, ours):
            hint = "give another name, or move it away"
            raise Refused(f"it is there, and not by '{by}'", where=path, hint=hint)
        put(path, text)
    except OSError as error:
        raise StentorError(f"it cannot be written: {error.strerror}", where=path) from None


def _begins(path: str, line: str) -> bool:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size == 0 or file.readline().rstrip(b"\r\n") == line.encode()
