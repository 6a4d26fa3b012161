"""Write a file atomically: a reader sees the old contents or the new, never a part."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from stentor.errors import Refused, StentorError, of_path
from stentor.opening import open_sink, regular
from stentor.typed import IO


def write(
    path: str, text: str, *, errors: str = "strict", mode: int | None = None, durable: bool = True
) -> None:
    """Replace a file's contents in one step; a reader sees the old contents meanwhile.

    Args:
        path: of the file, which may be new. A link is followed, unless another user made it.
        errors: as of ``open``.
        mode: the file's permissions; None keeps those of the old file; a new one gets the default. The
            old file's owner is kept as far as we may.
        durable: whether the contents must survive a power cut, which costs an fsync.

    Raises:
        OSError: it cannot be written; the file is as it was.
    """
    with replacing(path, mode=mode, durable=durable) as file:
        file.write(text.encode("utf-8", errors))


@contextmanager
def replacing(path: str, *, mode: int | None = None, durable: bool = True) -> Iterator[IO[bytes]]:
    """Give a file that takes another one's place where the block comes to its end, in one step.

    What is no file (``/dev/stdout``, a pipe) is written to as it is. Arguments are those of :func:`write`.

    Raises:
        OSError: it cannot be written; the old file is as it was, as it is after every other error.
    """
    _refuse_foreign_link(path)
    if os.path.exists(path) and not os.path.isfile(path):
        with open(open_sink(path), "wb") as device:
            yield device
        return
    real = os.path.realpath(path)
    temporary = f"{real}.{os.urandom(8).hex()}.new"
    old = os.stat(real) if os.path.exists(real) else None
    if mode is None and old:
        mode = old.st_mode & 0o777
    created = 0o666 if mode is None else mode & 0o700
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, created)
    try:
        with open(descriptor, "wb") as file:
            if old and (old.st_uid, old.st_gid) != (os.geteuid(), os.getegid()):
                with suppress(OSError):  # only root may give a file to others
                    os.fchown(file.fileno(), old.st_uid, old.st_gid)
            if mode is not None:
                os.fchmod(file.fileno(), mode)  # whatever the umask says
            yield file
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.replace(temporary, real)
    except BaseException:
        os.unlink(temporary)
        raise


def _refuse_foreign_link(path: str) -> None:
    """In ``/tmp`` a link may be another user's, and lead to a file of ours."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return
    if stat.S_ISLNK(found.st_mode) and found.st_uid not in (0, os.geteuid()):
        raise PermissionError(errno.EPERM, "it is a link that another user made", path)


def write_output(path: str, text: str, *, ours: str = "", by: str = "", folder: bool = False) -> None:
    """Write a command's output to a file in one step.

    Args:
        path: of the file; a link is followed.
        ours: the first line of such files; an existing file that begins otherwise is not overwritten.
        by: the command that writes such files, for the message.
        folder: whether its folder is made where there is none.

    Raises:
        Refused: the file exists and was not written by this command.
        StentorError: it cannot be written.
    """
    try:
        if ours and os.path.isfile(path) and not _begins(path, ours):
            hint = "give another name, or move it away"
            raise Refused(f"exists and was not written by '{by}'; not overwritten", where=path, hint=hint)
        if folder:
            os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
        write(path, text)
    except OSError as error:
        raise not_written(error, path) from None


def not_written(error: OSError, path: str) -> StentorError:
    """Return the error for an output file that the user named."""
    folder = os.path.dirname(os.path.abspath(path))
    missing = error.errno == errno.ENOENT and not os.path.lexists(folder)
    return of_path(error, "cannot be written", path, f"there is no folder {folder}" if missing else "")


def _begins(path: str, line: str) -> bool:
    with open(path, "rb", opener=regular) as file:
        return os.fstat(file.fileno()).st_size == 0 or file.readline().rstrip(b"\r\n") == line.encode()
