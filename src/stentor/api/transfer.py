"""Copy files to nodes and fetch them: the operations behind ``stentor copy`` and ``stentor fetch``."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.operations import TERMS, Terms, command_line, operation, plan_of, request_of
from stentor.errors import UsageError, filled, of_path
from stentor.operation.lock import claim, locked
from stentor.transfer.arriving import Limits
from stentor.transfer.change import CopyChange, FetchChange
from stentor.transfer.remote import Target
from stentor.transfer.source import Found
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from stentor.api.base import BaseSelection
    from stentor.fleet.model import Node
    from stentor.operation.operation import Operation
    from stentor.rollout.plan import Plan


def copy_change(
    selection: BaseSelection,
    found: Found,
    destination: str,
    terms: Terms = TERMS,
    *,
    checksum: bool = False,
    use_rsync: bool = True,
    plan: Plan | None = None,
) -> CopyChange:
    """Return the change that copies files to nodes.

    Args:
        found: the source.
        destination: on the nodes.
        checksum: compare contents even where size and time are the same.
        use_rsync: send what differs in large files by rsync where both sides have it.
        plan: the waves; with some, the operation holds the lock.

    Raises:
        UsageError: the destination is empty.
    """
    filled(destination, "the destination", hint="'~/' is the home on the nodes")
    fleet = selection.fleet
    target = Target(destination, found.single)
    what = f"copy to {target.path}"
    reach = fleet.reach(terms.settings)

    def login(node: Node) -> list[str]:
        return type(selection)(fleet, (node,)).login(user=terms.settings.user, tty=False)

    def lock(nodes: Sequence[Node]) -> AbstractContextManager[None]:
        return locked(reach, [node.alias for node in nodes], what)

    from shutil import which

    by_rsync = use_rsync and fleet.engine is None and which("rsync", path=fleet.environ.get("PATH"))
    own_lock = plan is None and terms.switches.lock
    return CopyChange(
        found.entries,
        target,
        title=what,
        checksum=checksum,
        login=login if by_rsync else None,
        claim=claim(fleet.environ, what) if own_lock else None,
        lock=lock if own_lock else None,
    )


def copy_operation(
    selection: BaseSelection,
    found: Found,
    destination: str,
    terms: Terms = TERMS,
    *,
    words: Sequence[str],
    checksum: bool = False,
    use_rsync: bool = True,
) -> Operation:
    """Return the operation that copies files to nodes; ``change.shares`` says what each node gets.

    Args:
        found: the source.
        destination: on the nodes.
        words: sources and destination as they were typed.
        checksum: compare contents even where size and time are the same.
        use_rsync: send what differs in large files by rsync where both sides have it.
    """
    plan = plan_of(selection, terms, run=True)
    change = copy_change(
        selection,
        found,
        destination,
        terms,
        checksum=checksum,
        use_rsync=use_rsync,
        plan=plan,
    )
    typed = " ".join(words)
    options = ["--checksum"] * checksum + ["--no-rsync"] * (not use_rsync)
    request = request_of(
        selection,
        "copy",
        typed,
        lock=plan is not None,
        rest=lambda nodes, _: command_line("copy", nodes, terms, options, _operands(words)),
    )
    return operation(selection.fleet, request, change, terms, plan)


def _operands(words: Sequence[str]) -> Sequence[str]:
    """Return words as they are typed, also where one begins as an option does."""
    return ("--", *words) if any(word.startswith("-") for word in words) else words


def fetch_operation(
    selection: BaseSelection,
    sources: Sequence[str],
    folder: str,
    terms: Terms = TERMS,
    *,
    max_size: int | None = None,
) -> Operation:
    """Return the operation that fetches files and directories of each node.

    Args:
        sources: on the nodes.
        folder: here.
        max_size: bytes that a node may send; more is its failure.

    Raises:
        UsageError: the source is empty.
        StentorError: the folder cannot be made.
    """
    import os

    for source in sources or ("",):
        filled(source, "the source", hint="a path on the nodes; '~' is the home there")
    filled(folder, "the destination", hint="a folder here")
    try:
        os.makedirs(folder, exist_ok=True)
    except FileExistsError:
        raise UsageError("it is a file; fetch writes into a directory", where=folder) from None
    except OSError as error:
        raise of_path(error, "cannot be made", folder) from None
    title = " ".join((*sources, folder))
    limits = Limits() if max_size is None else Limits(size=max_size)
    size = ("--max-size", str(limits.size)) if limits != Limits() else ()
    request = request_of(
        selection,
        "fetch",
        title,
        rest=lambda nodes, _: command_line("fetch", nodes, terms, size, _operands((*sources, folder))),
    )
    change = FetchChange(sources, folder, title=title, limits=limits)
    return operation(selection.fleet, request, change, terms)
