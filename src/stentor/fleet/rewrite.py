"""Writing a fleet file: checked as a whole before it is written, replaced in one step."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from stentor import atomic_write
from stentor.errors import FleetError
from stentor.fleet.load import Location, find, read_file
from stentor.opening import regular
from stentor.typed import NamedTuple


class Rewritten(NamedTuple):
    """A change of a file, written or not."""

    path: str  # of the file
    before: str  # its text
    after: str  # its new text

    def diff(self, name: str) -> str:
        """Return the change as a unified diff; empty when there is none."""
        import difflib

        lines = difflib.unified_diff(
            self.before.splitlines(keepends=True), self.after.splitlines(keepends=True), name, name
        )
        return "".join(line if line.endswith("\n") else line + "\n" for line in lines)


@contextmanager
def locked(path: str | None, *, environ: Mapping[str, str], cwd: str) -> Iterator[None]:
    """Let one program at a time read and write the fleet's files; the others wait.

    The directory is locked and not the file, which is replaced.

    Args:
        path: what ``--fleet`` says.

    Raises:
        FleetError: there is no fleet.
    """
    folder = os.path.dirname(os.path.realpath(find(path, environ=environ, cwd=cwd).nodes))
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with suppress(OSError):  # a file system without locks: `write` still compares
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def rewritten(
    path: str | None, change: Callable[[str], str], *, environ: Mapping[str, str], cwd: str
) -> Rewritten:
    """Change the text of ``nodes.yaml`` and check the fleet; write nothing.

    Args:
        path: what ``--fleet`` says.
        change: old text to new text.

    Raises:
        FleetError: there is no fleet, the file cannot be changed by a program, or the fleet would
            have a fault after it (the first is named).
    """
    location = find(path, environ=environ, cwd=cwd)
    try:
        before = read_file(location.nodes).decode()
    except OSError as error:
        raise FleetError(f"cannot be read: {error.strerror or error}", where=location.nodes) from None
    except UnicodeDecodeError as error:
        raise FleetError(f"cannot be read: {error}", where=location.nodes) from None
    try:
        if "\r\n" in before and before.count("\r\n") == before.count("\n"):
            after = change(before.replace("\r\n", "\n")).replace("\n", "\r\n")
        else:
            after = change(before)
    except FleetError:
        _check(location, before)  # a fault of the file's says more
        raise
    _check(location, after)
    return Rewritten(location.nodes, before, after)


def _check(location: Location, text: str) -> None:
    from stentor.fleet.check import Source, check

    sources = [Source("nodes", location.nodes, text.encode())]
    policy = os.path.join(location.root, "policy.yaml")
    if os.path.isfile(policy):
        with open(policy, "rb", opener=regular) as file:
            sources.append(Source("policy", policy, file.read()))
    faults = check(sources, location.root).faults
    if faults:
        first = faults[0]
        raise FleetError(f"not written: {first.what}", where=first.where, hint=first.hint)


def write(change: Rewritten) -> None:
    """Replace the file in one step, unless it has changed meanwhile.

    Raises:
        FleetError: it cannot be written, or has changed.
    """
    if change.before == change.after:
        return
    real = os.path.realpath(change.path)
    try:
        with open(real, encoding="utf-8", newline="", opener=regular) as file:
            if file.read() != change.before:
                raise FleetError(
                    "the file has changed meanwhile", where=real, hint="look at it, then try again"
                )
        atomic_write.write(real, change.after)
    except OSError as error:
        raise FleetError(f"cannot be written: {error.strerror}", where=real) from None
