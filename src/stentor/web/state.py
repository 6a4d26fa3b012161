"""Who serves now: a file in the state of ``stentor serve``, for its other commands."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TextIO

import msgspec

from stentor.atomic_write import write
from stentor.errors import Refused
from stentor.journal import state_directory
from stentor.web.settings import Settings, networks

_FILE = "serving.json"


class Serving(msgspec.Struct, frozen=True):
    """Who serves."""

    pid: int  # the process
    url: str  # how a browser calls the page
    since: float  # seconds since 1970
    fleet: str  # the fleet directory
    address: str  # and the other fields of its ``stentor.web.settings.Settings``
    port: int
    names: tuple[str, ...] = ()
    certificate: str = ""
    key: str = ""
    proxies: tuple[str, ...] = ()
    proxy_header: str = ""
    tokens: str = ""

    @property
    def settings(self) -> Settings:
        """With what it serves."""
        return Settings(
            self.address,
            self.port,
            self.names,
            self.certificate,
            self.key,
            networks(self.proxies),
            self.proxy_header,
            self.tokens,
        )


def directory_of(environ: Mapping[str, str]) -> str:
    """Return the folder of ``stentor serve``'s state."""
    return os.path.join(state_directory(environ), "serve")


@contextmanager
def alone(directory: str) -> Iterator[None]:
    """Be the only one of this user who serves: two would work on the same deliveries, and ping twice.

    Raises:
        Refused: another process serves.
    """
    os.makedirs(directory, mode=0o700, exist_ok=True)
    with open(os.path.join(directory, "lock"), "a", encoding="utf-8") as held:  # the system lets go of it
        if not _take(held):
            found = serving(directory)
            who = (
                f"process {found.pid} serves {found.fleet} on {found.url}" if found else "another one begins"
            )
            raise Refused(
                f"a page is served already: {who}", hint="end that one first: 'stentor serve doctor' has more"
            )
        yield


def _take(held: TextIO) -> bool:
    """Take the lock; False where another has it, or removed the file since it was opened."""
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(held.fileno()), os.stat(held.name))
    except (BlockingIOError, FileNotFoundError):
        return False


def begin(directory: str, settings: Settings, fleet: str) -> None:
    """Say that this process serves."""
    fields = settings._replace(proxies=())._asdict() | {"proxies": tuple(map(str, settings.proxies))}
    made = Serving(os.getpid(), settings.url, time.time(), fleet, **fields)
    said = msgspec.json.encode(made).decode()
    write(os.path.join(directory, _FILE), said + "\n", mode=0o600, durable=False)


def end(directory: str) -> None:
    """This process serves no more."""
    found = serving(directory)
    if found is not None and found.pid == os.getpid():
        with suppress(FileNotFoundError):
            os.unlink(os.path.join(directory, _FILE))


def serving(directory: str) -> Serving | None:
    """Return who serves now; None for nobody.

    Args:
        directory: the state of ``stentor serve``.
    """
    try:
        with open(os.path.join(directory, _FILE), "rb") as file:
            found = msgspec.json.decode(file.read(4096), type=Serving)
        os.kill(found.pid, 0)
    except (OSError, msgspec.MsgspecError):
        return None
    return found
