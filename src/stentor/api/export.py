"""The fleet as other tools' files: behind ``stentor export`` and ``stentor report``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.fleet.model import Node
    from stentor.probe.report import Memory


def ansible_inventory(selection: BaseSelection) -> str:
    """Return an Ansible inventory of these nodes, with their facts."""
    from stentor.export.ansible import Known, inventory

    fleet, nodes = selection.fleet, selection.nodes
    by_name = _by_name(fleet, [node for node in nodes if node.addresses and node.alias != fleet.local])
    known = {alias: Known(*dated) for alias, dated in fleet.dated_facts().items()}
    return inventory(fleet.data, nodes, known, local=fleet.local, by_name=by_name)


def tmux_snippet(
    selection: BaseSelection, *, name: str = "cluster", key: str = "C", sync_key: str = "S"
) -> str:
    """Return a snippet of tmux.conf that opens these nodes.

    Args:
        selection: the nodes.
        name: of the window.
        key: after the prefix, opens the window.
        sync_key: after the prefix, turns synchronised input on and off.
    """
    from stentor.export.tmux import snippet

    fleet = selection.fleet
    return snippet(fleet.data, selection.nodes, local=fleet.local, name=name, key=key, sync_key=sync_key)


def _by_name(fleet: BaseFleet, nodes: Sequence[Node]) -> set[str]:
    """The nodes of which ssh makes something else by their alias than by their address."""
    from stentor.export.ansible import addressed
    from stentor.probe.places import run_programs
    from stentor.ssh.target import destination

    asked = [words(fleet.data, node) for node in nodes for words in (destination, addressed)]
    said = run_programs([["ssh", "-G", *words] for words in asked], fleet.environ)
    told = [_comparable(text) for text in said]
    return {
        node.alias
        for node, by_alias, by_address in zip(nodes, told[::2], told[1::2], strict=True)
        if by_alias != by_address
    }


def _comparable(said: str) -> dict[str, str]:
    """What ``ssh -G`` said, but for what has the name itself in it."""
    from stentor.ssh.target import parse_config

    found, _ = parse_config(said)
    return {key: value for key, value in found.items() if key not in ("host", "controlpath")}


def report(fleet: BaseFleet, form: str = "md", *, operations: int = 10) -> str:
    """Return the state of a fleet as a document; see ``Fleet.report``. No node is touched."""
    from stentor.probe.report import markdown
    from stentor.probe.report_html import html

    return (html if form == "html" else markdown)(fleet.data, _remembered(fleet, operations))


def _remembered(fleet: BaseFleet, operations: int) -> Memory:
    """Read the journal: how each node was last seen, facts, needs, revisions, operations."""
    from stentor import journal
    from stentor.journal.query import Filter, history
    from stentor.probe.report import Done, Memory, Seen

    book = journal.read(fleet.environ)
    try:
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
    finally:
        book.close()


def _outcome(code: int | None) -> str:
    if code is None:
        return "not ended"
    return "ok" if code == 0 else f"exit code {code}"
