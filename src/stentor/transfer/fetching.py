"""What nodes send, put in place here: a folder for each node, whole or not at all, nothing outside."""

from __future__ import annotations

import os
import stat
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import closing, suppress
from typing import IO, Any, NamedTuple

from stentor import scratch
from stentor.fanout.collect import parsed
from stentor.fanout.events import Event, Finished, Notice, Output
from stentor.outcome import Outcome
from stentor.transfer.arriving import PREFIX, Arrival, Count, Limits
from stentor.transfer.copying import explained
from stentor.transfer.plain_files import PlainFiles


class Unpacked(NamedTuple):
    """What came out of a stream."""

    files: int  # how many
    size: int  # their bytes
    left_out: tuple[str, ...]  # names of what was not taken, with the reason

    def after(self, earlier: Unpacked | None) -> Unpacked:
        """Return this together with what came before."""
        if earlier is None:
            return self
        return Unpacked(
            self.files + earlier.files, self.size + earlier.size, earlier.left_out + self.left_out
        )


_LINKS = 100_000_000  # letters of links, which are kept in memory until all else is there
_LONGEST_HEADER = 1_000_000
_LONG_HEADERS = (
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
)


class _Item(tarfile.TarInfo):
    """tarfile reads long names and attributes into memory, as long as the archive says that they are."""

    def _proc_member(self, archive: tarfile.TarFile) -> Any:
        if self.type in _LONG_HEADERS and self.size > _LONGEST_HEADER:
            raise tarfile.ReadError("a header is too long")
        return super()._proc_member(archive)  # type: ignore[misc]  # it is tarfile's own place for this


class Fetching:
    """Takes the streams out of a fan-out's events.

    Args:
        folder: which gets a folder for each node.
        limits: what a node may send.
    """

    def __init__(self, folder: str, limits: Limits | None = None) -> None:
        self.received = 0
        self._limits = limits or Limits()
        self.found: dict[str, Unpacked] = {}
        self._names: dict[str, set[str]] = {}  # put in place before, by node
        self._folder = folder
        self._streams: dict[str, Arrival] = {}
        self._errors: dict[str, bytes] = {}

    def follow(self, events: Iterator[Event]) -> Iterator[Event]:
        """Pass events on but for output, and put each node's files in place before its end is told."""
        scratch.clean(self._folder, PREFIX)
        try:
            for event in events:
                if isinstance(event, Output):
                    self._take(event)
                elif isinstance(event, Finished):
                    told = len(self._left_out(event.node))
                    outcome = self._end(event.outcome)
                    for name in self._left_out(event.node)[told:]:
                        yield Notice(event.node, f"left out: {name}")
                    yield Finished(event.node, outcome)
                else:
                    yield event
        finally:
            for stream in self._streams.values():
                stream.close()

    def _left_out(self, node: str) -> tuple[str, ...]:
        return self.found[node].left_out if node in self.found else ()

    def _take(self, event: Output) -> None:
        node = event.node
        if event.stream == "stderr":
            self._errors[node] = (self._errors.get(node, b"") + event.data)[-4096:]
            return
        if node not in self._streams:
            self._streams[node] = Arrival(self._folder, self._limits)
        self._streams[node].take(event.data)
        self.received += len(event.data)

    def _end(self, outcome: Outcome) -> Outcome:
        node = outcome.node
        arrival = self._streams.pop(node, None)
        outcome = explained(outcome, self._errors.pop(node, b""))
        if arrival is None:
            return outcome._replace(kind="failed", reason="nothing came") if outcome.ok else outcome
        with closing(arrival):
            if not outcome.ok:
                return outcome
            return parsed(self._keep, (arrival, outcome), lambda outcome: outcome, outcome, arrival.head)

    def _keep(self, arrival: Arrival, outcome: Outcome) -> Outcome:
        node = outcome.node
        try:
            found = place(arrival, self._folder, node, self._names.setdefault(node, set()))
            self.found[node] = found.after(self.found.get(node))
        except (OSError, tarfile.TarError) as error:
            why: object = error
            if isinstance(error, OSError) and error.strerror:  # without Python's "[Errno 28]"
                why = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
            return outcome._replace(kind="failed", code=None, reason=f"not kept: {why}")
        return outcome


def place(arrival: Arrival, folder: str, node: str, names: set[str]) -> Unpacked:
    """Unpack what is left of it, then move each name into the node's folder.

    Args:
        arrival: all that came.
        folder: which has the node's.
        names: that have come from the node already; those of this stream are added.

    Raises:
        FileExistsError: two sources have the same name, or a file would replace a directory, or the reverse.
        OSError: it cannot be written.
        tarfile.TarError: the stream is broken, or tries to leave its folder.
    """
    arrival.end()
    new, old = arrival.new, os.path.join(arrival.stage, "old")
    os.mkdir(old)
    found = Unpacked(arrival.count.files, arrival.count.size, ())
    if arrival.rest:
        arrival.rest.seek(0)
        found = unpack(arrival.rest, new, arrival.count)
    come = set(os.listdir(new))
    if twice := sorted(come & names):
        raise FileExistsError(f"two sources would both be {twice[0]}; fetch them into two folders")
    names |= come
    with suppress(FileExistsError):
        os.mkdir(os.path.join(folder, node))
    if not os.path.isdir(os.path.join(folder, node)):
        raise FileExistsError(f"{os.path.join(folder, node)} is no directory; move it away")
    # Others may write to the folder (/tmp): no link is followed, and what was looked at is written to.
    own = os.open(os.path.join(folder, node), os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name in come:
            come_as = os.path.join(new, name)
            is_folder = os.path.isdir(come_as) and not os.path.islink(come_as)
            _same_kind(os.path.join(folder, node, name), _kind(name, own), is_folder)
        for name in come:
            if _kind(name, own):  # a full folder cannot be replaced in one step
                os.rename(name, os.path.join(old, name), src_dir_fd=own)
            os.replace(os.path.join(new, name), name, dst_dir_fd=own)
    finally:
        os.close(own)
    for place_, folders, _ in os.walk(arrival.stage):  # folders without the right to write would stay
        for name in folders:
            if not os.path.islink(os.path.join(place_, name)):
                os.chmod(os.path.join(place_, name), 0o700)
    return found


def _kind(name: str, parent: int) -> bool | None:
    """Whether it is a folder; None where there is nothing."""
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)
    except FileNotFoundError:
        return None


def _same_kind(path: str, here: bool | None, there: bool) -> None:
    """Refuse a file in place of a folder, and the reverse."""
    if here is not None and here is not there:
        words = ("a directory", "a file") if here else ("a file", "a directory")
        raise FileExistsError(f"{path} is {words[0]}, and {words[1]} on the node; move it away")


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


def unpack(archive: IO[bytes], into: str, count: Count) -> Unpacked:
    """Unpack a node's tar stream; what it sends is not trusted.

    Absolute names and ``..`` are refused, devices by tarfile's own filter (PEP 706). Links come last, so
    that nothing is ever written through one, and those which lead out of the folder are left out.

    Args:
        archive: a file; read from its beginning.
        into: a folder of ours, without links in it.
        count: of what is in it already.

    Raises:
        tarfile.TarError: the stream is broken, tries to leave the folder, or is more than it may be.
    """
    linked = 0
    links: dict[str, str] = {}
    plain = PlainFiles(archive, into)
    # Not compressed, as it was asked for: a few bytes could become very many.
    with tarfile.open(fileobj=archive, mode="r:", errors="surrogateescape", tarinfo=_Item) as stream:
        for item in stream:
            stream.members = []  # type: ignore[attr-defined]  # it would keep them all
            count.add(item)
            if item.issym() or (item.islnk() and item.linkname in links):
                links[item.name] = links[item.linkname] if item.islnk() else item.linkname
                linked += len(item.name) + len(item.linkname)
                if linked > _LINKS:
                    raise tarfile.ReadError("too many links; fetch a part of it")
                continue
            if plain.extract(item):
                pass
            elif item.islnk() and not os.path.exists(os.path.join(into, item.linkname)):
                raise tarfile.ReadError(f"a hard link to what has not come: {item.name[:200]!r}")
            elif hasattr(tarfile, "data_filter"):
                stream.extract(item, into, filter="data")
            else:
                stream.extract(_harmless(item), into)
    return Unpacked(count.files, count.size, tuple(_link(links, os.path.realpath(into))))


def _link(links: Mapping[str, str], root: str) -> Iterator[str]:
    """Make the links; yield those which were left out.

    Raises:
        tarfile.TarError: a name leads through a link.
    """
    for name, target in links.items():
        place_ = os.path.join(root, name)
        leads = os.path.normpath(os.path.join(os.path.dirname(place_), target))
        if os.path.realpath(os.path.dirname(place_)) != os.path.dirname(os.path.normpath(place_)):
            raise tarfile.ReadError(f"a name leads through a link: {name!r}")
        if os.path.isabs(target) or not f"{leads}/".startswith(f"{root}/"):
            yield f"{name} (a link to {target})"
            continue
        os.makedirs(os.path.dirname(place_), exist_ok=True)
        os.symlink(target, place_)
