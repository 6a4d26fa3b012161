"""A backup of a service's data, as its own command prints it, in a file here."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import suppress

from stentor.atomic_write import not_written
from stentor.engines.reach import Reach
from stentor.fanout.events import Finished, Output
from stentor.fanout.task import STREAMED
from stentor.fleet.model import Node
from stentor.fleet.service import Service
from stentor.opening import open_sink
from stentor.outcome import Outcome
from stentor.services import remote

MOST_BYTES = 100_000_000_000


def backup(
    reach: Reach, node: Node, service: Service, path: str, *, most_bytes: int = MOST_BYTES
) -> Iterator[Outcome | int]:
    """Write what a service's backup command prints into a file, in one step.

    Args:
        reach: how the node is reached.
        node: where the service runs.
        service: with a command that prints a backup.
        path: of the file; it is replaced if the command succeeded, and left alone if not.
        most_bytes: what the command may print; more is its failure.

    Yields:
        The bytes so far, now and then, and at last the outcome.

    Raises:
        StentorError: the file cannot be written.
    """
    size = 0
    outcome = Outcome(node.alias, "cancelled", reason="interrupted")
    complaints = b""
    part = ""
    try:
        descriptor, part = _opened(path)
        with open(descriptor, "wb") as file:
            settings = STREAMED._replace(
                connect_timeout=reach.settings.connect_timeout, most_bytes=most_bytes
            )
            for event in reach.command([node], remote.as_root(service.backup), settings):
                if isinstance(event, Output) and event.stream == "stdout":
                    file.write(event.data)
                    size += len(event.data)
                    yield size
                elif isinstance(event, Output):
                    complaints = (complaints + event.data)[-4096:]
                elif isinstance(event, Finished):
                    outcome = event.outcome
            file.flush()
            if part:
                os.fsync(file.fileno())
        if outcome.ok and not size:
            outcome = outcome._replace(kind="failed", code=None, reason="the command printed nothing")
        if outcome.ok and part:
            os.replace(part, os.path.realpath(path))
            part = ""
    except OSError as error:
        raise not_written(error, path) from None
    finally:
        if part:
            with suppress(OSError):
                os.unlink(part)
    last = complaints.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if not outcome.ok and last:
        outcome = outcome._replace(reason=f"{outcome.reason or outcome.kind}: {last}")
    yield outcome


def _opened(path: str) -> tuple[int, str]:
    """A descriptor, and the file that is to be put in the place of ``path``; empty for what is no plain file.

    A device or a pipe (``/dev/null``) is written to, never replaced.
    """
    if os.path.isdir(path):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
    if os.path.exists(path) and not os.path.isfile(path):
        return open_sink(path), ""
    part = f"{os.path.realpath(path)}.{os.urandom(8).hex()}.part"
    return os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), part
