"""Put a text into a file, whole or not at all."""

from __future__ import annotations

import os


def put(path: str, text: str, *, errors: str = "strict") -> None:
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
