"""A backup of a service's data, as its own command prints it, in a file here."""

from __future__ import annotations

from collections.abc import Iterator

from stentor.atomic_write import not_written, replacing
from stentor.engines.reach import Reach
from stentor.fanout.events import Finished, Output
from stentor.fanout.task import STREAMED
from stentor.fleet.model import Node
from stentor.fleet.service import Service
from stentor.outcome import Outcome
from stentor.services import remote

MOST_BYTES = 100_000_000_000


class _NoBackupError(Exception):
    """The command failed: nothing is put in the old file's place."""


def backup(
    reach: Reach, node: Node, service: Service, path: str, *, most_bytes: int = MOST_BYTES
) -> Iterator[Outcome | int]:
    """Write what a service's backup command prints into a file, in one step.

    Args:
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
    settings = STREAMED._replace(connect_timeout=reach.settings.connect_timeout, most_bytes=most_bytes)
    try:
        with replacing(path, mode=0o600) as file:
            for event in reach.command([node], remote.as_root(service.backup), settings):
                if isinstance(event, Output) and event.stream == "stdout":
                    file.write(event.data)
                    size += len(event.data)
                    yield size
                elif isinstance(event, Output):
                    complaints = (complaints + event.data)[-4096:]
                elif isinstance(event, Finished):
                    outcome = event.outcome
            if outcome.ok and not size:
                outcome = outcome._replace(kind="failed", code=None, reason="the command printed nothing")
            if not outcome.ok:
                raise _NoBackupError  # noqa: TRY301 - leaves the block without replacing the file
    except _NoBackupError:
        pass  # the old file is as it was
    except OSError as error:
        raise not_written(error, path) from None
    last = complaints.decode("utf-8", "replace").strip().rpartition("\n")[2]
    if not outcome.ok and last:
        outcome = outcome._replace(reason=f"{outcome.reason or outcome.kind}: {last}")
    yield outcome
