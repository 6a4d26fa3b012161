"""Copy files to nodes and fetch them: the operations behind ``stentor copy`` and ``stentor fetch``."""

from __future__ import annotations

from collections.abc import Sequence

from stentor.api.operations import TERMS, Terms, check, operation, plan_of, request_of
from stentor.errors import StentorError, UsageError
from stentor.operation.lock import claim, locked
from stentor.sh.quoting import quoted
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
    alone: bool = True,
    checksum: bool = False,
    use_rsync: bool = True,
    plan: Plan | None = None,
) -> CopyChange:
    """Return the change that copies files to nodes.

    Args:
        selection: the nodes.
        found: the source.
        destination: on the nodes.
        terms: on which terms.
        alone: one source was named, so that a single file may get a new name.
        checksum: compare contents even where size and time are the same.
        use_rsync: send what differs in large files by rsync where both sides have it.
        plan: the waves; with some, the operation holds the lock.

    Raises:
        UsageError: the destination is empty.
    """
    if not destination:
        raise UsageError("the destination is empty", hint="'~/' is the home on the nodes")
    fleet = selection.fleet
    # One file may be given a new name; anything else needs a directory.
    single = len(found.entries) == 1 and found.entries[0].kind == "file" and alone
    target = Target(destination, found.entries[0].name if single else "")
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
    selector: str = "",
    checksum: bool = False,
    use_rsync: bool = True,
) -> Operation:
    """Return the operation that copies files to nodes; ``change.shares`` says what each node gets.

    Args:
        selection: the nodes.
        found: the source.
        destination: on the nodes.
        terms: on which terms.
        words: sources and destination as they were typed.
        selector: as it was typed.
        checksum: compare contents even where size and time are the same.
        use_rsync: send what differs in large files by rsync where both sides have it.
    """
    check(selection, terms)
    plan = plan_of(selection, terms, run=True)
    change = copy_change(
        selection,
        found,
        destination,
        terms,
        alone=len(words) == 2,
        checksum=checksum,
        use_rsync=use_rsync,
        plan=plan,
    )
    typed = " ".join(words)
    request = request_of(
        selection,
        "copy",
        typed,
        selector,
        lock=plan is not None,
        rest=lambda nodes, _: f"stentor copy {','.join(nodes)} {quoted(words)}",
    )
    return operation(selection.fleet, request, change, terms, plan)


def fetch_operation(
    selection: BaseSelection, source: str, folder: str, terms: Terms = TERMS, *, selector: str = ""
) -> Operation:
    """Return the operation that fetches a file or directory of each node.

    Raises:
        UsageError: the source is empty.
        StentorError: the folder cannot be made.
    """
    import os

    if not source:
        raise UsageError("the source is empty", hint="a path on the nodes; '~' is the home there")
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise StentorError(f"cannot be made: {error.strerror}", where=folder) from None
    title = f"{source} {folder}"

    def rest(nodes: Sequence[str], _: int) -> str:
        return f"stentor fetch {','.join(nodes)} {quoted((source, folder))}"

    request = request_of(selection, "fetch", title, selector, rest=rest)
    return operation(selection.fleet, request, FetchChange(source, folder, title=title), terms)
