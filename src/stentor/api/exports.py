"""The files of ``exports:`` in the fleet: written, or compared with what is there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from stentor.api.base import BaseSelection
from stentor.api.export import Places, make, merged_text, read_old, stale_lists, write
from stentor.api.operations import TERMS, operation, request_of
from stentor.errors import FleetError, StentorError, of_path
from stentor.outcome import exit_code
from stentor.typed import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.api.results import Results
    from stentor.export.on_nodes import ExportChange
    from stentor.export.view import Left, Made
    from stentor.fanout.collect import Result
    from stentor.fleet.policy.sections import ExportFile

STALE = 1  # the exit code of put_export.sh for a difference


class Kept(NamedTuple):
    """What came of one file in one place."""

    format: str  # its format
    path: str  # where it is
    node: str = ""  # the node that has it; empty for this machine
    state: str = "current"  # ``written``, ``current``, ``stale``, ``skipped`` or ``failed``
    text: str = ""  # the difference of a stale file, or why it failed
    exit_code: int = 0  # 0, or what the command ends with
    left: tuple[Left, ...] = ()  # what the format cannot say


def keep_exports(fleet: BaseFleet, *, compare: bool = False, program: str = "stentor") -> Iterator[Kept]:
    """Write every file of ``exports:``, or only compare it; one result for each file and place.

    Args:
        compare: compare, and write nothing.
        program: how stentor is called by files that call it.

    Raises:
        FleetError: the fleet has no ``exports:``.
    """
    files = fleet.data.policy.exports.files
    if not files:
        raise FleetError(
            "the fleet has no exports",
            where=fleet.data.root,
            hint="write 'exports: {files: [{format: ssh, path: ~/.ssh/fleet.conf}]}' into nodes.yaml",
        )
    places = Places(fleet)
    for file in files:
        try:
            here = file.on is None
            found = (
                [_here(fleet, file, compare, program)] if here else _on_nodes(fleet, file, compare, program)
            )
            for kept in found:
                yield kept._replace(left=tuple(places.added(kept.left)))
        except StentorError as error:
            hint = f" ({error.hint})" if error.hint else ""
            yield Kept(file.format, file.path, "", "failed", f"{error}{hint}", error.exit_code)


def _options(file: ExportFile) -> dict[str, Any]:
    found: dict[str, Any] = {} if file.variant == "file" else {file.variant: True}
    found |= {"folder": True} if file.path.endswith("/") else {}
    return found if file.port is None else {**found, "port": file.port}


def _made(fleet: BaseFleet, file: ExportFile, program: str, node: str | None = None) -> Made:
    selector = "@all" if file.nodes is None else ",".join(file.nodes)
    return make(
        BaseSelection(fleet, fleet.nodes(selector)),
        file.format,
        selector=selector,
        program=program,
        seen_from=node,
        **_options(file),
    )


def _here(fleet: BaseFleet, file: ExportFile, compare: bool, program: str) -> Kept:
    made = _made(fleet, file, program)
    home = fleet.environ.get("HOME", "")
    path = os.path.join(home, file.path[2:]) if file.path.startswith("~/") else file.path
    path = os.path.join(fleet.data.root, path)
    left = tuple(made.left)
    if not compare:
        try:
            os.makedirs(os.path.dirname(path.rstrip("/")), exist_ok=True)  # as on nodes
        except OSError as error:
            raise of_path(error, "its folder cannot be made", path) from None
        state = "written" if write(path, file.format, made) else "current"
        return Kept(file.format, path, "", state, left=left)
    try:
        difference = _difference(path, file.format, made)
    except OSError as error:
        raise of_path(error, "cannot be read", path) from None
    state = "stale" if difference else "current"
    return Kept(file.format, path, "", state, difference, int(bool(difference)), left)


def _difference(path: str, form: str, made: Made) -> str:
    """The difference as a unified diff; empty where there is none."""
    import difflib

    if made.files and (path.endswith("/") or os.path.isdir(path)):
        each = {os.path.join(path, name): made._replace(text=text) for name, text in made.files.items()}
        wanted = {one: merged_text(one, form, text) for one, text in each.items()}
        for gone in stale_lists(path, form, made) if os.path.isdir(path) else ():
            wanted[gone] = read_old(gone), ""
    else:
        wanted = {path: merged_text(path, form, made)}
    lines: list[str] = []
    for one, (old, new) in wanted.items():
        pair = ((old or "").splitlines(keepends=True), new.splitlines(keepends=True))
        lines += difflib.unified_diff(*pair, fromfile=one, tofile="exported" if new else "removed")
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)


def _on_nodes(fleet: BaseFleet, file: ExportFile, compare: bool, program: str) -> Iterator[Kept]:
    from stentor.export.formats import FORMATS
    from stentor.export.on_nodes import ExportChange
    from stentor.fanout.collect import collect

    nodes = file.on or ()
    if not nodes:
        return
    if "local" in FORMATS[file.format].uses:
        made = {alias: _made(fleet, file, program, alias) for alias in nodes}
    else:
        made = dict.fromkeys(nodes, _made(fleet, file, program))
    change = ExportChange(file.path, file.format, made)
    if compare:
        found: Iterable[Result] = collect(change.compared(nodes, fleet.reach(TERMS.settings)))
    else:
        found = _written(fleet, nodes, change)
    for result in found:
        yield _kept(file, result, compare)._replace(left=tuple(made[result.node].left))


def _written(fleet: BaseFleet, nodes: Sequence[str], change: ExportChange) -> Results:
    from stentor.api.results import results

    selector = ",".join(nodes)
    selection = BaseSelection(fleet, fleet.nodes(selector), selector)

    def rest(*_: object) -> str:
        return "stentor export --all"

    request = request_of(selection, change.name, change.title, rest=rest)
    return results(operation(fleet, request, change, TERMS))


def _kept(file: ExportFile, result: Result, compared: bool) -> Kept:
    said = result.text.rstrip("\n")
    code = exit_code([result.outcome])
    if result.ok:
        state, text = ("current" if said.endswith(" is up to date") else "written"), ""
    elif compared and result.outcome.code == STALE:
        state, text = "stale", said.partition("\n")[2] + "\n"
    else:
        state = "skipped" if code == 0 else "failed"
        text = result.stderr.decode(errors="replace").strip() or result.outcome.reason
    return Kept(file.format, file.path, result.node, state, text, code)
