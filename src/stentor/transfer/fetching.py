"""What nodes send, put in place here: a folder for each node, whole or not at all, nothing outside."""

from __future__ import annotations

import os
import tarfile
import tempfile
from collections.abc import Iterator
from typing import IO, NamedTuple

from stentor.fanout.events import Event, Finished, Notice, Output
from stentor.outcome import Outcome
from stentor.transfer.copying import explained


class Unpacked(NamedTuple):
    """What came out of a stream.

    Attributes:
        files: how many.
        size: their bytes.
        left_out: names of what was not taken, with the reason.
    """

    files: int
    size: int
    left_out: tuple[str, ...]


class Fetching:
    """Takes the streams out of a fan-out's events.

    Args:
        folder: which gets a folder for each node.
    """

    def __init__(self, folder: str) -> None:
        self.received = 0
        self.found: dict[str, Unpacked] = {}
        self._folder = folder
        self._streams: dict[str, IO[bytes]] = {}
        self._errors: dict[str, bytes] = {}

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on but for output, and put each node's files in place before its end is told."""
        try:
            for event in events:
                if isinstance(event, Output):
                    self._take(event)
                elif isinstance(event, Finished):
                    outcome = self._end(event.outcome)
                    for name in self.found[event.node].left_out if event.node in self.found else ():
                        yield Notice(event.node, f"left out: {name}")
                    yield Finished(event.node, outcome)
                else:
                    yield event
        finally:
            for stream in self._streams.values():
                stream.close()

    def _take(self, event: Output) -> None:
        node = event.node
        if event.stream == "stderr":
            self._errors[node] = (self._errors.get(node, b"") + event.data)[-4096:]
            return
        if node not in self._streams:
            # In the same folder: what fits there fits there twice, /tmp may be small.
            self._streams[node] = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115
        self._streams[node].write(event.data)
        self.received += len(event.data)

    def _end(self, outcome: Outcome) -> Outcome:
        node = outcome.node
        stream = self._streams.pop(node, None)
        outcome = explained(outcome, self._errors.pop(node, b""))
        if stream is None:
            return outcome._replace(kind="failed", reason="nothing came") if outcome.ok else outcome
        with stream:
            if not outcome.ok:
                return outcome
            stream.seek(0)
            try:
                self.found[node] = place(stream, self._folder, node)
            except (OSError, tarfile.TarError) as error:
                return outcome._replace(kind="failed", code=None, reason=f"not kept: {error}")
        return outcome


def place(stream: IO[bytes], folder: str, node: str) -> Unpacked:
    """Unpack beside the node's folder, then move each name into it.

    Raises:
        OSError: it cannot be written.
        tarfile.TarError: the stream is broken, or tries to leave its folder.
    """
    with tempfile.TemporaryDirectory(prefix=f".{node}-", dir=folder) as stage:
        new, old = os.path.join(stage, "new"), os.path.join(stage, "old")
        os.mkdir(new)
        os.mkdir(old)
        found = unpack(stream, new)
        own = os.path.join(folder, node)
        os.makedirs(own, exist_ok=True)
        for name in os.listdir(new):
            target = os.path.join(own, name)
            if os.path.isdir(target) and not os.path.islink(target):
                os.rename(target, os.path.join(old, name))  # a full folder cannot be replaced in one step
            os.replace(os.path.join(new, name), target)
        for place_, folders, _ in os.walk(stage):  # folders without the right to write would stay
            for name in folders:
                if not os.path.islink(os.path.join(place_, name)):
                    os.chmod(os.path.join(place_, name), 0o700)
    return found


def _harmless(item: tarfile.TarInfo) -> tarfile.TarInfo:
    """Do what tarfile's own filter does, for Python 3.11.2 (Debian 12's), which has none yet.

    ``unpack`` has looked at the name already, and writes symbolic links after all else.

    Raises:
        tarfile.TarError: it is none of file, folder and hard link, or links to what is outside.
    """
    if not (item.isfile() or item.isdir() or item.islnk()):
        raise tarfile.TarError(f"neither a file nor a folder: {item.name!r}")
    if item.islnk() and (item.linkname.startswith("/") or ".." in item.linkname.split("/")):
        raise tarfile.TarError(f"a link leads out of the folder: {item.name!r}")
    item.mode = 0o755 if item.isdir() else item.mode & 0o755 | 0o600
    item.uid, item.gid, item.uname, item.gname = os.getuid(), os.getgid(), "", ""
    return item


def unpack(archive: IO[bytes], into: str) -> Unpacked:
    """Unpack a node's tar stream; what it sends is not trusted.

    Absolute names, ``..`` and devices are refused by tarfile's own filter (PEP 706). Links come last, so
    that nothing is ever written through one, and those which lead out of the folder are left out.

    Raises:
        tarfile.TarError: the stream is broken, or tries to leave the folder.
    """
    files = size = 0
    links: list[tarfile.TarInfo] = []
    left_out: list[str] = []
    with tarfile.open(fileobj=archive, mode="r|*", errors="surrogateescape") as stream:
        for item in stream:
            if item.name.startswith("/") or ".." in item.name.split("/"):
                raise tarfile.TarError(f"a name leads out of the folder: {item.name!r}")
            if item.issym():
                links.append(item)
                continue
            if hasattr(tarfile, "data_filter"):
                stream.extract(item, into, filter="data")
            else:
                stream.extract(_harmless(item), into)
            files += item.isfile()
            size += item.size if item.isfile() else 0
    root = os.path.realpath(into)
    for item in links:
        place_ = os.path.join(root, item.name)
        leads = os.path.normpath(os.path.join(os.path.dirname(place_), item.linkname))
        if os.path.realpath(os.path.dirname(place_)) != os.path.dirname(os.path.normpath(place_)):
            raise tarfile.TarError(f"a name leads through a link: {item.name!r}")
        if os.path.isabs(item.linkname) or not f"{leads}/".startswith(f"{root}/"):
            left_out.append(f"{item.name} (a link to {item.linkname})")
            continue
        os.makedirs(os.path.dirname(place_), exist_ok=True)
        os.symlink(item.linkname, place_)
    return Unpacked(files, size, tuple(left_out))
