"""Machines become members of the fleet: what is behind ``stentor bootstrap``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor.api.operations import TERMS, Terms, aliases_of, operation, request_of, terms_of
from stentor.api.trust import by_fingerprint, trust_operation, verdicts
from stentor.bootstrap.change import BootstrapChange
from stentor.bootstrap.ways import First, Ways
from stentor.errors import FleetError, StentorError, UsageError
from stentor.fleet.member import Member, member, part_for, public_key
from stentor.fleet.openssh import login_name
from stentor.outcome import Outcome
from stentor.probe.trust import GOOD, Verdict, choose
from stentor.ssh.public_keys import own_public_keys, read_public_key

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet, BaseSelection
    from stentor.api.results import Results
    from stentor.engines.reach import Reach
    from stentor.fleet.model import Node
    from stentor.operation.operation import Operation
    from stentor.rollout.change import Preview
    from stentor.ssh.hostkeys import Key

FIRST = First()
_SHOWN = 80  # characters of a path in a message
Typed = Callable[[Verdict], str]
"""Returns the fingerprint that a person reads from the node's console; empty where nobody does."""


class HostKeys(NamedTuple):
    """How a host key that is not known yet may be verified."""

    fingerprint: str = ""  # of the one node, ``SHA256:...``
    via: str = ""  # a selector of nodes; the key is the node's if each of them is shown the same one
    typed: Typed | None = None  # asks a person


UNVERIFIED = HostKeys()


class Prepared(NamedTuple):
    """A bootstrap that has not begun."""

    selection: BaseSelection  # the nodes, of the fleet with the host keys that were pinned
    known: tuple[Outcome, ...]  # nodes that are left out, since their host key is not verified
    change: BootstrapChange  # makes members of the others

    @property
    def nodes(self) -> list[str]:
        """The aliases of the nodes that are asked and changed."""
        left_out = {outcome.node for outcome in self.known}
        return [alias for alias in aliases_of(self.selection) if alias not in left_out]


def member_of(fleet: BaseFleet, node: Node) -> Member:
    """Return what the fleet says that a node is to be.

    Raises:
        FleetError: the fleet does not say enough, or a public key cannot be read.
    """
    named, keys = part_for(fleet.data, node).keys, []
    for text in named:
        where = text if len(text) <= _SHOWN else f"{text[:20]}..."  # it may be a private key, by mistake
        try:
            keys.append(public_key(read_public_key(text, fleet.data.root, fleet.environ), where))
        except OSError as error:
            raise FleetError(
                f"the public key cannot be read: {error.strerror}",
                where=where,
                hint="name a file in 'bootstrap: keys', from the fleet's folder or with ~/, or write the key",
            ) from None
    keys = keys or own_public_keys(fleet.data, node, fleet.environ)
    return member(fleet.data, node, keys)


def as_ansible(selection: BaseSelection) -> str:
    """Return an Ansible playbook that makes members of the nodes; no node is touched.

    Raises:
        FleetError: the fleet does not say enough, or a public key cannot be read.
    """
    from stentor.export.member_playbook import playbook

    return playbook([member_of(selection.fleet, node) for node in selection.nodes])


def prepare(
    selection: BaseSelection, first: First = FIRST, host_keys: HostKeys = UNVERIFIED, *, pin: bool = True
) -> Prepared:
    """Read what the nodes are to be, and verify their host keys; nobody logs in for that.

    Args:
        first: the login that a new machine has.
        host_keys: how keys that are not known may be verified.
        pin: pin those that were verified; else their nodes are left out.

    Raises:
        FleetError: the fleet does not say enough.
        UsageError: a fingerprint is for one node; or the first login's name is none.
        Refused: a node shows no key with this fingerprint.
    """
    fleet = selection.fleet
    login_name(first.user)
    if host_keys.fingerprint and len(selection.nodes) != 1:
        raise UsageError(f"a fingerprint is for one node, and {len(selection.nodes)} are selected")
    members = {node.alias: member_of(fleet, node) for node in selection.nodes}
    known, verified = _verified(selection, host_keys if pin else UNVERIFIED)
    if verified:
        _pin(fleet, verified)
        fleet = type(fleet).open(fleet.data.root, environ=fleet.environ, engine=fleet.engine)
        wanted = {*aliases_of(selection)}
        nodes = tuple(node for node in fleet.data.nodes.values() if node.alias in wanted)
        selection = type(selection)(fleet, nodes, selection.selector)
    ways = Ways(fleet.data, fleet.environ, first)

    def first_apply(nodes: Sequence[str], reach: Reach) -> Mapping[str, Outcome]:
        return _first_apply(fleet, nodes, reach)

    return Prepared(selection, known, BootstrapChange(members, ways, first_apply))


def _verified(
    selection: BaseSelection, host_keys: HostKeys
) -> tuple[tuple[Outcome, ...], list[tuple[Verdict, Sequence[Key]]]]:
    """Return the nodes whose key is not verified, and those whose key was just now."""
    left_out: list[Outcome] = []
    chosen: list[tuple[Verdict, Sequence[Key]]] = []
    for verdict in verdicts(selection, via=host_keys.via):
        if verdict.state in GOOD or verdict.state == "silent":
            continue  # of a silent one the login says why
        keys = _keys(verdict, host_keys) if verdict.state == "unknown" else ()
        if keys:
            chosen.append((verdict, keys))
        else:
            left_out.append(_left_out(verdict))
    return tuple(left_out), chosen


def _left_out(verdict: Verdict) -> Outcome:
    outcome = verdict.outcome
    if verdict.state == "unknown":
        hint = "type its fingerprint when asked, or give --fingerprint, or a second path with --via"
        return outcome._replace(hint=f"{hint}; {outcome.hint}")
    return outcome._replace(hint=f"compare the keys: stentor trust {outcome.node}")


def _keys(verdict: Verdict, host_keys: HostKeys) -> Sequence[Key]:
    if host_keys.fingerprint:
        return by_fingerprint(verdict, host_keys.fingerprint)
    if keys := _seen_elsewhere(verdict):
        return keys
    said = host_keys.typed(verdict).strip() if host_keys.typed else ""
    return choose(verdict, said) if said else ()


def _seen_elsewhere(verdict: Verdict) -> list[Key]:
    """Return the keys that every second path was shown as well; none where one was shown another."""
    paths = [keys for way, keys in verdict.seen.paths if way.startswith("seen from ")]
    if not paths or any(keys.get(key.kind, key) != key for keys in paths for key in verdict.keys):
        return []
    return [key for key in verdict.keys if all(keys.get(key.kind) == key for keys in paths)]


def _pin(fleet: BaseFleet, verified: list[tuple[Verdict, Sequence[Key]]]) -> None:
    from stentor.api.results import results

    results(trust_operation(fleet, verified))


def _first_apply(fleet: BaseFleet, nodes: Sequence[str], reach: Reach) -> Mapping[str, Outcome]:
    from stentor.api import dotfiles
    from stentor.api.base import BaseSelection
    from stentor.api.dotfiles_acting import apply_operation
    from stentor.api.results import results

    selection = BaseSelection(fleet, fleet.nodes(",".join(nodes)))
    terms = Terms(reach.settings, cancellation=reach.cancellation)
    try:
        wanted = dotfiles.Wanted(overwrite=("existing",), reinit=True)
        seen = dotfiles.plan(selection, wanted, terms, expire=True)
        made = apply_operation(selection, seen, terms, kind="dotfiles init")
        return {result.node: result.outcome for result in results(made)}
    except StentorError as error:
        reason = f"{error.where}: {error.message}" if error.where else error.message
        return {alias: Outcome(alias, "failed", 1, reason, error.hint) for alias in nodes}


def previews(prepared: Prepared, terms: Terms = TERMS) -> Mapping[str, Preview]:
    """Log in to the nodes and return what would be done on each; nothing is changed.

    ``prepared.change.looked`` says what came of each login.
    """
    reach = prepared.selection.fleet.reach(terms.settings, cancellation=terms.cancellation)
    found = {outcome.node: prepared.change.unseen(outcome.node, outcome) for outcome in prepared.known}
    return {**found, **prepared.change.preview(prepared.nodes, reach)}


def bootstrap_operation(
    prepared: Prepared,
    terms: Terms = TERMS,
    *,
    known: Sequence[Outcome] = (),
    secret: str = "",
) -> Operation:
    """Return the operation that makes members of the nodes.

    Args:
        prepared: of :func:`prepare`.
        terms: on which terms; the password is left out of the journal.
        known: nodes that were looked at and are not to be changed.
        secret: the password, where it was not asked for yet.
    """
    password = secret or prepared.change.password
    request = request_of(
        prepared.selection,
        "bootstrap",
        prepared.change.title,
        secrets=(password,) if password else (),
    )
    return operation(
        prepared.selection.fleet, request, prepared.change, terms, known=(*prepared.known, *known)
    )


def bootstrap(
    selection: BaseSelection,
    first: First,
    host_keys: HostKeys,
    terms: Mapping[str, Any],
) -> Results:
    """Make members of nodes; see ``Selection.bootstrap``."""
    from stentor.api.results import results

    prepared = prepare(selection, first, host_keys)
    made = bootstrap_operation(prepared, terms_of(**terms), secret=first.password())
    return results(made)
