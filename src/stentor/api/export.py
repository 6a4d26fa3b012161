"""The fleet as other tools' files: behind ``stentor export`` and ``stentor report``."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from stentor import atomic_write
from stentor.errors import FleetError, UsageError
from stentor.opening import regular

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.export.formats import Format
    from stentor.export.view import Left, Made, View
    from stentor.fleet.check import Checked
    from stentor.fleet.model import Node
    from stentor.fleet.services import Services
    from stentor.probe.report import Memory
    from stentor.ssh.blocks import Blocks


class Places:
    """Reads the files of a fleet again, once, when the first place is asked for."""

    def __init__(self, fleet: BaseFleet) -> None:
        self.fleet = fleet

    @cached_property
    def _checked(self) -> Checked:
        from stentor.fleet.load import find_and_check

        return find_and_check(self.fleet.data.root, environ=self.fleet.environ, cwd=os.getcwd())[1]

    @property
    def origins(self) -> Mapping[tuple[str, str], str]:
        """(alias, field) to the place; see :class:`stentor.fleet.check.Checked`."""
        return self._checked.origins

    @cached_property
    def _sites(self) -> dict[str, str]:
        services = self._checked.services
        return {site.fqdn: site.place for site in services.sites} if services else {}

    @cached_property
    def _group_of(self) -> dict[str, str]:
        groups = self.fleet.data.groups.items()
        return {alias: name for name, members in groups if name != "all" for alias in members}

    def added(self, left: Sequence[Left]) -> list[Left]:
        """Return what was left out, each with its place."""
        return [one._replace(where=self._of(one)) for one in left]

    def _of(self, one: Left) -> str:
        if one.field == "fqdn":
            return self._sites.get(one.what, "")
        keys = [(one.node, f"{one.field}.{one.what}"), (one.node, one.field)]
        if one.field == "groups":
            keys.append((f"@{one.what or self._group_of.get(one.node)}", "group"))
        return next((self.origins[key] for key in [*keys, (one.node, "name")] if key in self.origins), "")


def make(
    selection: BaseSelection,
    form: str,
    /,
    *,
    selector: str | None = None,
    program: str = "stentor",
    seen_from: str | None = None,
    **options: Any,
) -> Made:
    """Return these nodes in another tool's format.

    Args:
        form: the name of the format, as in ``stentor.export.formats.FORMATS``.
        selector: the expression that named the nodes, for files that ask stentor again.
        program: how stentor is called by such files.
        seen_from: the node on which the file will be; None for this machine.
        options: of the format.

    Raises:
        UsageError: there is no such format.
        CannotSayError: a value would mean something else there; with its place in the fleet file.
    """
    from stentor.export.texts import text_beside
    from stentor.export.view import CannotSayError

    row = _format(form)
    if options.get("plugin"):
        options["plugin"] = text_beside("ansible_plugin.py")
    module = importlib.import_module(f"stentor.export.{row.module}")
    try:
        view = view_of(selection, row, selector, program, options)
        return module.make(view._replace(local=seen_from) if seen_from else view)  # type: ignore[no-any-return]
    except CannotSayError as error:
        place = Places(selection.fleet).origins.get((error.node, error.field), error.where)
        raise FleetError(error.message, where=place, hint=error.hint) from None


def _format(name: str) -> Format:
    from stentor.export.formats import FORMATS

    if name not in FORMATS:
        from stentor.fleet.suggest import did_you_mean

        listed = "formats: " + ", ".join(FORMATS)
        raise UsageError(f"there is no format '{name}'", hint=did_you_mean(name, FORMATS, otherwise=listed))
    return FORMATS[name]


def view_of(
    selection: BaseSelection, form: Format, selector: str | None, program: str, options: Mapping[str, Any]
) -> View:
    """Gather what the format is made from: facts and ssh_config only for those that use them."""
    from stentor.export.view import Known, View
    from stentor.fleet.services import Services

    fleet, nodes = selection.fleet, selection.nodes
    if selector is None:
        everything = len(nodes) == len(fleet.data.nodes)
        selector = "@all" if everything else ",".join(node.alias for node in nodes)
    known: dict[str, Known] = {}
    if "facts" in form.uses:
        known = {alias: Known(*dated) for alias, dated in fleet.dated_facts().items()}
    by_name: set[str] = set()
    if "ssh" in form.uses:
        by_name = _by_name(fleet, [node for node in nodes if node.addresses])
    services = _services(fleet) if "sites" in form.uses else Services()
    members = {}
    if "members" in form.uses:
        from stentor.api.bootstrap import member_of

        members = {node.alias: member_of(fleet, node) for node in nodes}
    return View(fleet.data, nodes, known, fleet.local, by_name, selector, program, services, options, members)


def _services(fleet: BaseFleet) -> Services:
    """Read the web names of services.yaml; none where there is no such file.

    Raises:
        FleetError: it has faults.
    """
    from stentor.fleet.load import error_of
    from stentor.fleet.services import Services

    checked = _surveyed(fleet)
    if checked.faults:
        raise error_of(checked.faults)
    return checked.services or Services()


def _surveyed(fleet: BaseFleet) -> Checked:
    from stentor.fleet.load import find_and_check

    return find_and_check(fleet.data.root, environ=fleet.environ, cwd=os.getcwd())[1]


def write(path: str, name: str, made: Made) -> bool:
    """Put an export into a file, in one step; whether that changed it.

    A format of several files goes into a folder (``path`` is one, or ends with a slash); lists in it that
    stentor wrote and that are no longer there are removed.

    Raises:
        Refused: the file was not made by stentor.
        StentorError: it cannot be read or written.
    """
    if not made.files or not (path.endswith("/") or os.path.isdir(path)):
        return _write_one(path, name, made)
    try:
        os.makedirs(path, exist_ok=True)
        stale = stale_lists(path, name, made)
    except OSError as error:
        raise atomic_write.not_written(error, path) from None
    changed = [
        _write_one(os.path.join(path, file), name, made._replace(text=text))
        for file, text in made.files.items()
    ]
    for file in stale:
        os.unlink(file)
    return any(changed) or bool(stale)


def stale_lists(path: str, name: str, made: Made) -> list[str]:
    """Return the files in a folder that stentor wrote and that are no longer exported."""
    from stentor.export.marked import only_ours

    others = [os.path.join(path, file) for file in sorted(os.listdir(path)) if file not in made.files]
    return [file for file in others if os.path.isfile(file) and only_ours(name, read_old(file) or "")]


def _write_one(path: str, name: str, made: Made) -> bool:
    try:
        old, text = merged_text(path, name, made)
        if text == old:
            return False
        mode = made.mode if old is None else None
        atomic_write.write(path, text, errors="surrogateescape", mode=mode)
    except OSError as error:
        raise atomic_write.not_written(error, path) from None
    return True


def merged_text(path: str, name: str, made: Made) -> tuple[str | None, str]:
    """Return what is in a file, and what it would hold with our part in it.

    Raises:
        Refused: the file was not made by stentor.
        OSError: it cannot be read.
    """
    from stentor.export.marked import merged

    old = read_old(path)
    return old, merged(name, made, old, path)


def read_old(path: str) -> str | None:
    """Return what is in a file, whatever its encoding; None for a new one, and for a device or a pipe."""
    if not os.path.exists(path) or (not os.path.isfile(path) and not os.path.isdir(path)):
        return None
    with open(path, encoding="utf-8", errors="surrogateescape", newline="", opener=regular) as file:
        return file.read()


def _by_name(fleet: BaseFleet, nodes: Sequence[Node]) -> set[str]:
    """The nodes of which ssh makes something else by their alias than by their address."""
    from stentor.probe.places import run_programs
    from stentor.ssh.target import by_address, destination

    blocks = _blocks(fleet)
    nodes = [node for node in nodes if not blocks.alike(node.alias, node.addresses[0])]
    asked = []
    for node in nodes:
        asked += [destination(fleet.data, node), by_address(fleet.data, node, node.addresses[0])]
    said = run_programs([["ssh", "-G", *words] for words in asked], fleet.environ) if asked else []
    told = [_comparable(text) for text in said]
    return {
        node.alias
        for node, of_alias, of_address in zip(nodes, told[::2], told[1::2], strict=True)
        if of_alias != of_address
    }


def _blocks(fleet: BaseFleet) -> Blocks:
    """The blocks of the configuration that ssh reads; ssh takes the home directory of the user database."""
    import glob
    import pwd

    from stentor.ssh.blocks import read_blocks

    try:
        home = pwd.getpwuid(os.geteuid()).pw_dir
    except KeyError:
        home = fleet.environ.get("HOME", "/")
    own, system = os.path.join(home, ".ssh"), "/etc/ssh"
    files = [(os.path.join(own, "config"), own), (os.path.join(system, "ssh_config"), system)]
    if fleet.data.ssh_config:
        files = [(fleet.data.ssh_config, own)]

    def read(path: str) -> str:
        with open(path, encoding="utf-8", opener=regular) as file:
            return file.read()

    return read_blocks(files, read, glob.glob, home)


def _comparable(said: str) -> dict[str, str]:
    """What ``ssh -G`` said, but for what has the name itself in it."""
    from stentor.ssh.target import parse_config

    found, _ = parse_config(said)
    return {
        key: value
        for key, value in found.items()
        if key not in ("host", "controlpath", "canonicalizehostname")
    }


def report(fleet: BaseFleet, form: str = "md", *, selector: str = "@all", operations: int = 10) -> str:
    """Return the state of a fleet as a document; see ``Fleet.report``. No node is touched."""
    from stentor.fleet.services import Services
    from stentor.probe.report import markdown
    from stentor.probe.report_html import html

    nodes = {node.alias: node for node in fleet.nodes(selector)}
    groups = {name: tuple(filter(nodes.__contains__, held)) for name, held in fleet.data.groups.items()}
    shown = fleet.data._replace(
        nodes=nodes, groups={name: held for name, held in groups.items() if held or name == "all"}
    )
    memory = _remembered(fleet, operations)
    if os.path.isfile(os.path.join(fleet.data.root, "services.yaml")):
        checked = _surveyed(fleet)
        memory = memory._replace(services=checked.services or Services(), faults=len(checked.faults))
    return (html if form == "html" else markdown)(shown, memory)


def _remembered(fleet: BaseFleet, operations: int) -> Memory:
    """Read the journal: how each node was last seen, facts, needs, revisions, operations."""
    from stentor import journal
    from stentor.journal.query import Filter, history
    from stentor.probe.report import Done, Memory, Seen

    with journal.read(fleet.environ) as book:
        root = fleet.data.root
        rows = book.rows(
            "SELECT node, nodes.kind, at FROM nodes JOIN operations ON operations.id = nodes.operation"
            " WHERE fleet = ? AND nodes.kind NOT IN ('', 'cancelled') ORDER BY at",
            (root,),
        )
        seen = {node: Seen(kind, at) for node, kind, at in rows}
        facts, needs = book.recall(root, "facts"), book.recall(root, "needs")
        for node, (at, _) in (*facts.items(), *needs.items()):
            if node not in seen or seen[node].at < at:
                seen[node] = Seen("ok", at)
        records = history(book, Filter(fleet=root), limit=operations) if operations else []
        done = [
            Done(record.id, record.began, record.kind, record.command, _outcome(record.exit_code))
            for record in records
        ]
        revisions, missed = (
            {node: data["rev"] for node, (_, data) in book.recall(root, topic).items() if data.get("rev")}
            for topic in ("dotfiles", journal.MISSED)
        )
        return Memory(seen, facts, needs, revisions, missed, done)


def _outcome(code: int | None) -> str:
    if code is None:
        return "not ended"
    return "ok" if code == 0 else f"exit code {code}"
