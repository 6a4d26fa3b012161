"""Write a file whole or not at all."""

from __future__ import annotations

import os

from stentor.errors import Refused, StentorError


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
    real = os.path.realpath(path)
    temporary = f"{real}.{os.getpid()}.new"
    try:
        if ours and os.path.exists(real) and not _begins(real, ours):
            hint = "give another name, or move it away"
            raise Refused(f"it is there, and not by '{by}'", where=path, hint=hint)
        try:
            with open(temporary, "w", encoding="utf-8", newline="") as file:
                file.write(text)
            os.replace(temporary, real)
        except BaseException:
            if os.path.exists(temporary):
                os.unlink(temporary)
            raise
    except OSError as error:
        raise StentorError(f"it cannot be written: {error.strerror}", where=path) from None


def _begins(path: str, line: str) -> bool:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size == 0 or file.readline().rstrip(b"\r\n") == line.encode()
