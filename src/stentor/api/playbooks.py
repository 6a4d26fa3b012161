"""Ansible on nodes: the operations behind ``stentor playbook`` and ``stentor ansible``."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor.api.base import BaseSelection
from stentor.api.export import make
from stentor.api.operations import TERMS, Terms, aliases_of, operation, plan_of, request_of, terms_of
from stentor.api.run import kept_options
from stentor.errors import Refused, of_path
from stentor.fleet.importers.secret_keys import is_secret_key, is_secret_value
from stentor.fleet.remote_address import split
from stentor.playbooks.change import KeptFacts, PlaybookChange
from stentor.playbooks.prepare import Read, read_whole, with_config
from stentor.playbooks.ways import Seen, look

if TYPE_CHECKING:
    from stentor.api.base import BaseFleet
    from stentor.api.results import Results
    from stentor.engines.reach import Reach
    from stentor.journal.operation import Record
    from stentor.operation.operation import Operation
    from stentor.playbooks.request import PlaybookRequest
    from stentor.rollout.change import Preview
    from stentor.rollout.plan import Plan


class Prepared(NamedTuple):
    """A playbook that Ansible has read, and the nodes it is for."""

    read: Read  # the playbook
    selection: BaseSelection  # the nodes
    inventory: str  # the text of the fleet as an inventory
    environ: Mapping[str, str]  # the environment for Ansible
    seen: Mapping[str, Seen] = {}  # what was found on the nodes; empty before they were looked at

    @property
    def request(self) -> PlaybookRequest:
        """The playbook and its options."""
        return self.read.request

    def with_request(self, request: PlaybookRequest) -> Prepared:
        """Return the same with another request: with what was asked for since."""
        back = self.read.back
        if back is not None:
            told = back.request._replace(secrets=request.secrets, extra_vars=request.extra_vars)
            back = back._replace(request=told)
        return self._replace(read=self.read._replace(request=request, back=back))


def prepare(fleet: BaseFleet, request: PlaybookRequest, selection: BaseSelection | None) -> Prepared:
    """Have Ansible read a playbook with the whole fleet as its inventory; no node is contacted.

    Args:
        selection: the nodes; None for all that its plays name.

    Raises:
        ProgramMissing: there is no Ansible.
        Refused: it is too old.
        UsageError: it cannot be read, or is for none of these nodes.
        StentorError: Ansible has read the fleet only in part.
    """
    everything = BaseSelection(fleet, tuple(fleet.data.nodes.values()))
    inventory = make(everything, "ansible").text
    environ = with_config(fleet.environ, request.file)
    groups = {name: members for name, members in fleet.groups.items() if members}
    names = aliases_of(everything)
    selected = aliases_of(selection) if selection is not None else ()
    reverts = {
        os.path.join(fleet.data.root, file): os.path.join(fleet.data.root, back)
        for file, back in fleet.data.policy.playbooks.revert.items()
    }
    read = read_whole(request, inventory, environ, groups, names, selected, reverts)
    if selection is None:
        matched = {*read.listing.matched()}
        nodes = tuple(n for n in everything.nodes if n.alias in matched and n.state != "retired")
        selection = BaseSelection(fleet, nodes)
    return Prepared(read, selection, inventory, environ)


def looked_at(prepared: Prepared, terms: Terms = TERMS) -> Prepared:
    """Log in to the nodes and find their Python; nothing is changed."""
    seen = look(reach_of(prepared, terms), aliases_of(prepared.selection), prepared.read.listing)
    return prepared._replace(seen=seen)


def reach_of(prepared: Prepared, terms: Terms) -> Reach:
    """Return how the nodes are reached, with Ansible's environment."""
    fleet = prepared.selection.fleet
    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return reach._replace(environ=prepared.environ)


def change_of(prepared: Prepared) -> PlaybookChange:
    """Return the change that runs the playbook."""
    read, request = prepared.read, prepared.request
    if request.module:
        title = f"{request.module} {request.arguments}".strip()
        return PlaybookChange(
            request, read.listing, prepared.inventory, prepared.seen, name="ansible", title=title, whole=True
        )
    back, facts = None, kept_facts(prepared)
    if read.back is not None:
        back = PlaybookChange(
            read.back.request, read.back.listing, prepared.inventory, prepared.seen, facts=facts
        )
    return PlaybookChange(
        request, read.listing, prepared.inventory, prepared.seen, facts=facts, revert_change=back
    )


def kept_facts(prepared: Prepared) -> KeptFacts | None:
    """Return where facts of earlier runs are, and what has been done since to the nodes.

    None where the policy wants them gathered always, or the journal does not say what has been done.
    """
    import time

    from stentor import journal
    from stentor.fleet import compiled
    from stentor.journal.query import done_since

    fleet = prepared.selection.fleet
    age = fleet.data.policy.playbooks.facts_age
    path = compiled.path_for(fleet.data.root, fleet.environ)
    if not age or path is None:
        return None
    since = time.time() - age
    with journal.read(fleet.environ) as book:
        return (
            KeptFacts(f"{path}.facts", since, done_since(book, fleet.data.root, since)) if book.on else None
        )


def waves_of(prepared: Prepared, terms: Terms) -> Plan | None:
    """Return the waves; one module goes in waves only where that is asked for."""
    options = terms.rollout
    if prepared.read.back is not None and options.on_failure is None:
        options = options._replace(on_failure="revert")
    return plan_of(prepared.selection, terms._replace(rollout=options), run=bool(prepared.request.module))


def previews(prepared: Prepared, terms: Terms = TERMS) -> Mapping[str, Preview]:
    """Return what would change on each node, as Ansible's check mode says; nothing is changed."""
    nodes = aliases_of(prepared.selection)
    return change_of(prepared).preview(nodes, reach_of(prepared, terms))


def playbook_operation(
    prepared: Prepared, terms: Terms = TERMS, *, repeats: Record | None = None
) -> Operation:
    """Return the operation that runs a playbook, or one module, on nodes.

    Args:
        prepared: from :func:`prepare`, best after :func:`looked_at`.
        repeats: the operation which this one repeats; None where it is a new one.

    Raises:
        Refused: the guard's question was not confirmed, or the policy forbids so many nodes at once.
    """
    plan, change, request = waves_of(prepared, terms), change_of(prepared), prepared.request
    again_of = {"rerun_of": repeats.options.get("rerun_of", repeats.id)} if repeats else {}
    wanted = request_of(
        prepared.selection,
        change.name,
        change.title,
        options={**kept_options(terms), **kept(request), **again_of},
        secrets=(*request.secrets.values, *secret_arguments(request.arguments).values()),
        lock=plan is not None,
        rest=lambda nodes, number: (
            f"stentor rerun {number} --unfinished" if number else f"stentor {change.name} {','.join(nodes)}"
        ),
    )
    reach = reach_of(prepared, terms)
    return operation(prepared.selection.fleet, wanted, change, terms, plan, reach=reach)


def scaffold(fleet: BaseFleet, directory: str, *, force: bool = False) -> list[str]:
    """Write a first layout of playbooks for a fleet; return the paths in it.

    Args:
        force: replace files that exist.

    Raises:
        Refused: a file exists.
        StentorError: one cannot be written.
    """
    from stentor.atomic_write import write
    from stentor.export.marked import whole
    from stentor.playbooks.scaffold import files

    everything = BaseSelection(fleet, tuple(fleet.data.nodes.values()))
    inventory = f"---\n{whole('ansible', make(everything, 'ansible'))}"
    groups = {name for name, members in fleet.groups.items() if members}
    made = {"inventory.yml": inventory, **files(groups, split(fleet.data.policy.dotfiles.remote).plain)}
    there = [path for path in made if os.path.lexists(os.path.join(directory, path))]
    if there and not force:
        where = os.path.join(directory, there[0])
        raise Refused("exists already", where=where, hint="--force replaces it; nothing was written")
    try:
        for path, text in made.items():
            target = os.path.join(directory, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            write(target, text)
    except OSError as error:
        raise of_path(error, "cannot be written", error.filename or directory) from None
    return sorted(made)


def run_playbook(
    selection: BaseSelection, file: str, variables: Mapping[str, Any], options: Mapping[str, Any]
) -> Results:
    """Run a playbook, or one module, and return each node's result.

    Args:
        file: the playbook; empty for a module.
        variables: for it; treated as secrets.
        options: fields of the request, and the named arguments of ``terms_of``.
    """
    from stentor.api.results import results

    request, rest = request_from(file, variables, options)
    terms = terms_of(**rest)
    prepared = looked_at(prepare(selection.fleet, request, selection), terms)
    return results(playbook_operation(prepared, terms))


def request_from(
    file: str, variables: Mapping[str, Any], options: Mapping[str, Any]
) -> tuple[PlaybookRequest, dict[str, Any]]:
    """Return the request that options by name make, and those which are not for it; see ``run_playbook``."""
    from stentor.playbooks.request import PlaybookRequest

    several = {name for name, value in PlaybookRequest._field_defaults.items() if value == ()}
    own: dict[str, Any] = {
        name: (value,) if name in several and isinstance(value, str) else value
        for name, value in options.items()
        if name in PlaybookRequest._fields
    }
    request = PlaybookRequest(file, **own)
    if variables:
        answers = {**request.secrets.answers, **variables}
        request = request._replace(secrets=request.secrets._replace(answers=answers))
    return request, {name: value for name, value in options.items() if name not in own}


_KEPT = ("file", "tags", "skip_tags", "start_at", "become", "become_user", "forks", "diff", "vault_ids")
_KEPT_TOO = ("inventories", "verbose", "module", "arguments")


def kept(request: PlaybookRequest) -> dict[str, Any]:
    """Return what the journal keeps to run it again; of secrets only that they have to be asked for."""
    found: dict[str, Any] = {}
    for name in (*_KEPT, *_KEPT_TOO):
        value = getattr(request, name)
        if value:
            found[name] = list(value) if isinstance(value, tuple) else value
    good, lost = without_secrets(request.extra_vars)
    found |= {"extra_vars": good} if good else {}
    # It may be run again from elsewhere.
    for name in ("file", "inventories", "vault_ids", "extra_vars"):
        if name in found:
            value = found[name]
            found[name] = _absolute(value) if isinstance(value, str) else [_absolute(one) for one in value]
    hidden = sorted(secret_arguments(request.arguments))
    if hidden:
        del found["arguments"]
    asked = {
        "become": request.secrets.become is not None,
        "vault": sorted(request.secrets.vault),
        "answers": sorted(request.secrets.answers),
        "extra_vars": lost,
        "arguments": hidden,
    }
    if needed := {name: value for name, value in asked.items() if value}:
        found["asked"] = needed
    return found


def again(record: Record) -> tuple[PlaybookRequest, Mapping[str, Any]]:
    """Return what an operation of the journal ran, and which secrets have to be asked for again."""
    from stentor.playbooks.request import PlaybookRequest

    options = record.options
    names = [name for name in PlaybookRequest._fields if name in options]
    values: dict[str, Any] = {
        n: tuple(options[n]) if isinstance(options[n], list) else options[n] for n in names
    }
    return PlaybookRequest(**values), options.get("asked", {})


def rerun_terms(fleet: BaseFleet, record: Record, nodes: Sequence[str], terms: Terms) -> Terms:
    """Return the limits and waves of an operation of the journal, for some of its nodes."""
    from stentor.api.history import terms_again

    return terms_again(fleet, record.options, nodes, terms)


def without_secrets(texts: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the texts of ``-e`` that may be kept, and the names of variables in the others."""
    good: list[str] = []
    lost: list[str] = []
    for text in texts:
        name, equals, value = text.partition("=")
        if text.startswith("@"):
            good.append(text)
        elif text.lstrip().startswith(("{", "[")) or not equals or " " in text:
            words = _words(text)
            (lost if any(map(is_secret_key, words)) or is_secret_value(text) else good).append(text)
        elif is_secret_key(name) or is_secret_value(value):
            lost.append(name)
        else:
            good.append(text)
    return good, [text if text.isidentifier() else "several" for text in lost]


def secret_arguments(text: str) -> dict[str, str]:
    """Return the arguments of a module that are named like secrets: ``password=x``, or the same as JSON."""
    import json
    import shlex

    try:
        said = json.loads(text) if text.lstrip().startswith("{") else None
    except ValueError:
        said = None
    if isinstance(said, dict):
        pairs = [(name, value) for name, value in said.items() if isinstance(value, str)]
    else:
        try:
            words = shlex.split(text)
        except ValueError:  # a quote without an end
            words = text.split()
        pairs = [(name, value) for name, _, value in (word.partition("=") for word in words)]
    switches = ("yes", "no", "true", "false")
    return {
        name: value
        for name, value in pairs
        if value and value.lower() not in switches and (is_secret_key(name) or is_secret_value(value))
    }


def _absolute(text: str) -> str:
    """Return ``FILE``, ``@FILE`` or ``LABEL@FILE`` with the whole path; what names no file as it is."""
    label, at, path = ("", "", text) if os.path.exists(text) else text.rpartition("@")
    return f"{label}{at}{os.path.abspath(path)}" if path and os.path.exists(path) else text


def _words(text: str) -> list[str]:
    import re

    return re.findall(r"[A-Za-z_]\w*", text)
