"""Host keys: what nodes show beside what is known of them, and pinning: behind ``stentor trust``."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

from stentor.api.operations import operation
from stentor.errors import Refused, UsageError
from stentor.fanout.collect import collect
from stentor.fanout.task import Settings
from stentor.operation.request import Request
from stentor.probe.pinning import PinChange
from stentor.probe.scan import look
from stentor.probe.trust import Verdict, choose, matching

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.operation.operation import Operation
    from stentor.ssh.hostkeys import Key


def verdicts(
    selection: BaseSelection, *, via: str = "", connect_timeout: float = 5.0, keeping: bool = False
) -> list[Verdict]:
    """Return what each node shows, judged by what is known of it; nobody logs in to it for that.

    Args:
        via: a selector of nodes from which they are looked at as well, over verified logins.
        connect_timeout: for each server, seconds.
        keeping: after Ctrl-C return what was seen until then, all other nodes as cancelled.
    """
    fleet = selection.fleet

    def run(alias: str, command: str, connect_timeout: float, timeout: float) -> tuple[str, int | None, str]:
        settings = Settings(connect_timeout=connect_timeout, timeout=timeout)
        reach = fleet.reach(settings)
        (result,) = collect(reach.command(reach.nodes([alias]), command))
        return result.text, result.code, "" if result.ok else result.outcome.reason or result.kind

    others = [node.alias for node in fleet.nodes(via)] if via else []
    return look(
        fleet.data,
        selection.nodes,
        environ=fleet.environ,
        run=run,
        timeout=connect_timeout,
        via=others,
        keeping=keeping,
    )


def by_fingerprint(verdict: Verdict, fingerprint: str, *, confirmed: str = "") -> tuple[Key, ...]:
    """Return the keys of a node that have this fingerprint.

    Args:
        fingerprint: ``SHA256:...``.
        confirmed: the node's name, which is required where its key changed.

    Raises:
        Refused: it shows no such key, or its key changed and the name was not given.
    """
    alias = verdict.node.alias
    if verdict.state in ("silent", "revoked"):
        raise Refused(verdict.outcome.reason, where=alias)
    keys = choose(verdict, fingerprint)
    if not keys:
        shown = ", ".join(f"{key.name} {key.fingerprint}" for key in verdict.keys)
        raise Refused("it shows no key with this fingerprint", where=alias, hint=f"it shows {shown}")
    if verdict.state == "changed" and confirmed != alias:
        raise Refused(
            "its key changed; it is pinned only after its name is typed",
            where=alias,
            hint=f"to confirm without a question: --yes-really {alias}",
        )
    return keys


def trust_operation(
    fleet: BaseFleet,
    chosen: Sequence[tuple[Verdict, Sequence[Key]]],
    *,
    selector: str = "",
) -> Operation:
    """Return the operation that pins host keys in the fleet's known_hosts.

    Args:
        selector: as it was typed.
    """
    aliases = tuple(verdict.node.alias for verdict, _ in chosen)
    selector = selector or ",".join(aliases)
    path = os.path.join(fleet.data.root, "known_hosts")
    change = PinChange(path, chosen, f"stentor trust {selector}")
    return operation(fleet, Request("trust", change.title, selector, aliases), change)


def trust(
    selection: BaseSelection, *, via: str = "", fingerprint: str = "", yes: bool = False, yes_really: str = ""
) -> tuple[Verdict, ...]:
    """Return what nodes show, and pin what is asked for; see ``Selection.trust``."""
    from stentor.api.results import results

    if fingerprint and len(selection.nodes) != 1:
        raise UsageError(f"a fingerprint is for one node, and {len(selection.nodes)} are selected")
    found = verdicts(selection, via=via)
    chosen: list[tuple[Verdict, Sequence[Key]]] = []
    if fingerprint:
        chosen = [(found[0], by_fingerprint(found[0], fingerprint, confirmed=yes_really))]
    elif yes:
        chosen = [(v, matching(v.keys, v.before)) for v in found if v.state == "yours"]
    if chosen:
        results(trust_operation(selection.fleet, chosen))
    return tuple(found)
