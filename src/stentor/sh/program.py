"""Programs which nodes read from standard input, as files."""

from __future__ import annotations

import os

from stentor.sh import join

_paths: dict[tuple[str, str], str] = {}


def path(name: str, front: str = "") -> str:
    """Return the path of a file with a program, to be a command's standard input.

    It can be read as long as this process lives: it lies in memory, or where a system has no such files among
    the temporary ones, and goes with the process.

    Args:
        name: of a file of ``sh/``; its function of that name (of the folder's, for a file ``main``) is called
            with what follows ``sh -s --``.
        front: see :func:`stentor.sh.join`.
    """
    if (name, front) not in _paths:
        call = f'{name.removesuffix("/main")} "$@"'
        _paths[name, front] = _written(join(name, front=front, call=call).encode())
    return _paths[name, front]


def _written(data: bytes) -> str:
    if hasattr(os, "memfd_create"):
        number = os.memfd_create("stentor-program")
        path = f"/proc/{os.getpid()}/fd/{number}"
        if os.path.exists(path):
            os.write(number, data)
            return path
        os.close(number)
    import atexit
    import contextlib
    import tempfile

    number, path = tempfile.mkstemp(prefix="stentor-program-")
    with os.fdopen(number, "wb") as file:
        file.write(data)

    def remove() -> None:
        with contextlib.suppress(OSError):
            os.remove(path)

    atexit.register(remove)
    return path
