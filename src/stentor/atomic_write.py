"""Write a file atomically: a reader sees the old contents or the new, never a part."""

from __future__ import annotations

import os

from stentor.errors import Refused, StentorError


def write(
    path: str, text: str, *, errors: str = "strict", mode: int | None = None, durable: bool = True
) -> None:
    """Replace a file's contents in one step; a reader sees the old contents meanwhile.

    Args:
        path: of the file, which may be new; a link is followed.
        text: all of it.
        errors: as of ``open``.
        mode: the file's permissions; None keeps those of the old file; a new one gets the default.
        durable: whether the contents must survive a power cut, which costs an fsync.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        # /dev/null, /dev/stdout, a pipe: written to, not replaced.
        with open(path, "w", encoding="utf-8", errors=errors, newline="") as device:
            device.write(text)
        return
    real = os.path.realpath(path)
    temporary = f"{real}.{os.getpid()}.new"
    created = mode if mode is not None else 0o666
    if mode is None and os.path.exists(real):
        created = os.stat(real).st_mode & 0o777
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, created)
    try:
        with open(descriptor, "w", encoding="utf-8", errors=errors, newline="") as file:
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # whatever the umask says
            file.write(text)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def write_output(path: str, text: str, *, ours: str = "", by: str = "") -> None:
    """Write a command's output to a file in one step.

    Args:
        path: of the file; a link is followed.
        text: all of it.
        ours: the first line of such files; an existing file that begins otherwise is not overwritten.
        by: the command that writes such files, for the message.

    Raises:
        Refused: the file exists and was not written by this command.
        StentorError: it cannot be written.
    """
    try:
        if ours and os.path.exists(path) and not _begins(path, ours):
            hint = "give another name, or move it away"
            raise Refused(f"exists and was not written by '{by}'; not overwritten", where=path, hint=hint)
        write(path, text)
    except OSError as error:
        raise StentorError(f"cannot be written: {error.strerror}", where=path) from None


def _begins(path: str, line: str) -> bool:
    with open(path, "rb") as file:
        return os.fstat(file.fileno()).st_size == 0 or file.readline().rstrip(b"\r\n") == line.encode()
