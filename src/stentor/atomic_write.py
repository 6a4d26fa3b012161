"""Write a file atomically: a reader sees the old contents or the new, never a part."""

from __future__ import annotations

import os

from stentor.errors import Refused, StentorError


def write(path: str, text: str, *, errors: str = "strict") -> None:
    """Replace a file's contents in one step; whoever reads it meanwhile sees the old ones.

    Args:
        path: of the file, which may be new; a link is followed, and the mode stays.
        text: all of it.
        errors: what is done with what UTF-8 cannot hold, as ``open`` has it.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        # /dev/null, /dev/stdout, a pipe: these are written to; a file in their place would be a surprise.
        with open(path, "w", encoding="utf-8", errors=errors, newline="") as device:
            device.write(text)
        return
    real = os.path.realpath(path)
    temporary = f"{real}.{os.getpid()}.new"
    mode = os.stat(real).st_mode & 0o777 if os.path.exists(real) else 0o666
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with open(descriptor, "w", encoding="utf-8", errors=errors, newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def write_output(path: str, text: str, *, ours: str = "", by: str = "") -> None:
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
        write(path, text)
    except OSError as error:
        raise StentorError(f"it cannot be written: {error.strerror}", where=path) from None


def _begins(path: str, line: str) -> bool:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size == 0 or file.readline().rstrip(b"\r\n") == line.encode()
