"""Services: the operations behind ``stentor services``, and how they stand."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stentor.api.base import BaseFleet, BaseSelection
from stentor.api.operations import TERMS, Terms, command_line, operation, plan_of
from stentor.errors import FleetError, SelectorError, UsageError
from stentor.fleet.service import Service
from stentor.fleet.services import Services
from stentor.fleet.suggest import did_you_mean
from stentor.operation.node_answer import OPTION
from stentor.operation.request import Request
from stentor.outcome import NOT_REACHED
from stentor.services import control, parts, status
from stentor.services.change import WINDOW, Proved, ServicesChange
from stentor.services.contents import Reader
from stentor.services.gateway import dns_items, gateway_items
from stentor.services.items import item_of
from stentor.services.proof.judge import SiteProof
from stentor.services.proof.question import NO_ANSWER
from stentor.services.rollback import RollbackChange
from stentor.services.web_proof import PATIENCE, prove_sites

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fleet.model import Fleet, Node
    from stentor.fleet.services import Site
    from stentor.operation.operation import Operation
    from stentor.outcome import Outcome
    from stentor.rollout.change import Preview
    from stentor.rollout.plan import Plan
    from stentor.services.item import Item
    from stentor.services.status import NodeServices


_LATER = (*NOT_REACHED, "skipped")  # kinds of outcomes of nodes that may be reached another time
_LOOKS = 2  # how often a name is asked where nothing was changed


def sites_of(services: Services, names: Collection[str]) -> list[Site]:
    """Return the web names of these services; all where no service is named."""
    return [site for site in services.sites if not names or site.service in names]


def nodes_of(services: Services, names: Collection[str]) -> set[str]:
    """Return the nodes that serve the web names of these services, and that answer DNS for them."""
    if sites_of(services, names):
        return {*services.gateway_nodes, *services.dns_nodes}
    return set() if names or not services.dns else {*services.dns_nodes}


def items_of(services: Services, names: Collection[str], node: Node, fleet: Fleet) -> Iterator[Item]:
    """Return the gateway and the DNS as items, for a node that is one of these."""
    if sites_of(services, names):
        yield from gateway_items(services, node, fleet)
    if not names or sites_of(services, names):
        yield from dns_items(services, node, fleet)


def prove(services: Services, sites: Sequence[Site], reach: Reach) -> Sequence[Proved]:
    """Ask for web names after a change, with patience for what has only just begun.

    A backend that is no service of the fleet's (a printer, say) may be off: a gateway that says so is right.
    """
    found = prove_sites(services, sites, reach, patience=PATIENCE)
    return [_proved(site, found[site.fqdn]) for site in sites]


def _proved(site: Site, proof: SiteProof) -> Proved:
    off = not site.service and proof.code in NO_ANSWER
    said = f"{proof.said} ({proof.hint})" if proof.hint and not proof.ok else proof.said
    return Proved(site.fqdn, proof.ok or off, said)


def look(services: Services, sites: Sequence[Site], reach: Reach) -> Mapping[str, SiteProof]:
    """Ask for web names as they are; nothing was changed."""
    return prove_sites(services, sites, reach, times=_LOOKS)


def read(fleet: BaseFleet) -> Services:
    """Return what ``services.yaml`` says.

    Raises:
        FleetError: there is no such file, or it has faults.
    """
    from stentor.fleet.load import error_of, find_and_check

    checked = find_and_check(fleet.data.root, environ=fleet.environ, cwd=os.getcwd())[1]
    if checked.faults:
        raise error_of(checked.faults)
    if checked.services is None or not (checked.services.services or checked.services.sites):
        path = os.path.join(fleet.data.root, "services.yaml")
        raise FleetError(
            "there are no services",
            where=path,
            hint="write them there: services: {web: {node: ..., type: ...}}",
        )
    return checked.services


class Wanted:
    """Which services, on which nodes: words are names of services, or selectors of nodes.

    Args:
        words: as they were typed; none for everything.
        nodes: aliases of the only nodes that come into question: then each word is the name of a service.

    Raises:
        UsageError: a word is neither a service nor a node.
        SelectorError: a selector names nothing that exists.
    """

    def __init__(
        self,
        fleet: BaseFleet,
        services: Services,
        words: Sequence[str] = (),
        *,
        nodes: Collection[str] | None = None,
    ) -> None:
        self.fleet = fleet
        self.services = services
        self.names = tuple(word for word in words if word in services.services)  # of services; empty for all
        others = [word for word in words if word not in services.services]
        self._named = bool(others) or nodes is not None
        if nodes is not None and others:
            hint = did_you_mean(others[0], services.services, otherwise=self._listed)
            raise UsageError(f"there is no service '{others[0]}'", hint=hint)
        if others or nodes is None:  # retired nodes only if they are named
            nodes = {node.alias for node in self._nodes(",".join(others) or "@all")}
        there = {node for name in self.names or services.services for node in services.services[name].nodes}
        there |= nodes_of(services, self.names)
        # Aliases, in the fleet's order.
        self.nodes = tuple(alias for alias in fleet.data.nodes if alias in there and alias in nodes)
        retired = [alias for alias in there if fleet.data.nodes[alias].state == "retired"]
        if self.names and not others and not self.nodes and retired:
            hint = f"name the node, too: {self.names[0]} {retired[0]}"
            raise UsageError(f"'{self.names[0]}' is on {retired[0]}, which is retired", hint=hint)

    def _nodes(self, words: str) -> Sequence[Node]:
        try:
            return self.fleet.nodes(words)
        except SelectorError as error:
            if not words.replace("-", "").replace("_", "").isalnum():
                raise
            names = (*self.services.services, *self.fleet.data.nodes)
            hint = did_you_mean(words, names, otherwise=self._listed)
            raise UsageError(f"'{words}' is neither a service nor a node", hint=hint) from error

    @property
    def _listed(self) -> str:
        return "services: " + ", ".join(self.services.services)

    def of(self, node: str) -> list[Service]:
        """Return the services of a node that are wanted, in the file's order."""
        return [
            one
            for one in self.services.services.values()
            if node in one.nodes and (not self.names or one.name in self.names)
        ]

    @property
    def open_on(self) -> str:
        """The first named service that is on several nodes, of which none is named; empty if none is."""
        return next((name for name in self.names if not self._named and len(self._on(name)) > 1), "")

    def _on(self, name: str) -> list[str]:
        return [node for node in self.services.services[name].nodes if node in self.nodes]

    @property
    def title(self) -> str:
        """What is wanted, for people."""
        return ", ".join(self.names) or "all services"


def items(wanted: Wanted, *, lenient: bool = False) -> dict[str, list[Item]]:
    """Return what is to hold on each node, in order.

    Args:
        lenient: leave a service out whose files are not to be had; for what only looks.

    Raises:
        FleetError: a file cannot be read or filled in, or a secret cannot be read.
    """
    fleet, services = wanted.fleet, wanted.services
    reader = Reader(fleet.data, services, fleet.environ, fleet.facts())
    found: dict[str, list[Item]] = {alias: [] for alias in wanted.nodes}
    for alias, names in parts.chosen(services, wanted.names, wanted.nodes).items():
        for name in names:
            service = services.services[name]
            try:
                found[alias].append(item_of(service, reader.contents(service, fleet.data.nodes[alias])))
            except FleetError:
                if not lenient:
                    raise
    for alias, made in () if lenient else found.items():
        made += items_of(services, wanted.names, fleet.data.nodes[alias], fleet.data)
    return found


def statuses(fleet: BaseFleet, wanted: Wanted, terms: Terms = TERMS) -> dict[str, NodeServices]:
    """Return how services stand on each node; one session a node, nothing is changed."""
    services = {alias: wanted.of(alias) for alias in wanted.nodes if wanted.of(alias)}
    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    known = {alias: parts.known_on(wanted.services, alias) for alias in services}
    return status.look(reach, services, items(wanted, lenient=True), known)


def web_names(fleet: BaseFleet, wanted: Wanted, terms: Terms = TERMS) -> list[SiteProof]:
    """Return whether the web names of the wanted services answer; nothing is changed."""
    services = wanted.services
    sites = sites_of(services, wanted.names)
    if not services.gateway_nodes and not services.gateway:
        return []  # nobody is said to serve them
    if not set(wanted.nodes) & set(services.gateway_nodes) and services.gateway_nodes:
        return []  # only other nodes were asked for
    reach = fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return list(look(services, sites, reach).values())


def change_of(wanted: Wanted, *, window: int = WINDOW) -> ServicesChange:
    """Return the change that brings services to what the file says.

    Raises:
        FleetError: a file cannot be read, or a secret cannot be read.
    """
    found = {alias: made for alias, made in items(wanted).items() if made}
    made = parts.Parts(
        found,
        parts.needed(wanted.services, wanted.names, list(found)),
        parts.sites_of(wanted.services, wanted.names, list(found)),
        wanted.services,
    )
    return ServicesChange(made, prove, f"deploy {wanted.title}", window=window)


def plan(wanted: Wanted, change: ServicesChange, terms: Terms = TERMS) -> Mapping[str, Preview]:
    """Return what a deploy would change on each node; nothing is written."""
    reach = wanted.fleet.reach(terms.settings, ask=terms.ask, cancellation=terms.cancellation)
    return change.preview(change.nodes, reach)


def deploy_operation(
    wanted: Wanted, change: ServicesChange, nodes: Collection[str], terms: Terms = TERMS, *, words: str = ""
) -> Operation:
    """Return the operation that deploys services.

    Args:
        change: from :func:`change_of`.
        nodes: where something is to be changed.
        words: as they were typed; empty for the names of services and nodes.
    """
    chosen = [alias for alias in change.nodes if alias in nodes]
    return _operation(wanted, change, chosen, terms, words, _waves(wanted, change, chosen, terms))


def _waves(wanted: Wanted, change: ServicesChange, nodes: Sequence[str], terms: Terms) -> Plan | None:
    """The waves of a deploy: where one service runs on several nodes, a canary goes first.

    Nodes that need each other are changed together, all of them or none, unless somebody asks for waves: then
    those come along that are needed.
    """
    several = any(len(set(one.nodes) & set(nodes)) > 1 for alias in nodes for one in wanted.of(alias))
    if not terms.rollout.asked and (change.ordered or not several):
        return None
    selection = BaseSelection(wanted.fleet, wanted.fleet.nodes(",".join(nodes)))
    plan = plan_of(selection, terms, can_lock_out=several)
    return parts.with_needs(plan, change.behind) if plan else None


def rollback_operation(
    fleet: BaseFleet,
    change: RollbackChange,
    nodes: Sequence[str],
    terms: Terms = TERMS,
    *,
    selector: str = "",
) -> Operation:
    """Return the operation that takes a deploy on these nodes back.

    Args:
        change: which deploy, perhaps after its preview: nodes that did not answer then are left out.
        nodes: aliases.
        selector: as it was typed.
    """
    known = away_from_rollback(change, terms)
    request = Request(
        change.name,
        change.title,
        selector or ",".join(nodes),
        (*nodes, *(outcome.node for outcome in known)),
        lock=True,
        rest=lambda rest, _: command_line(change.name, rest, terms, change.options),
    )
    return operation(fleet, request, change, terms, known=known)


def away_from_rollback(change: RollbackChange, terms: Terms = TERMS) -> list[Outcome]:
    """As :func:`away`."""
    return _away(change.looked, lambda nodes: command_line(change.name, nodes, terms, change.options))


def _away(looked: Mapping[str, Outcome], again: Callable[[Sequence[str]], str]) -> list[Outcome]:
    """What came of the nodes that did not answer when they were asked for the plan.

    Args:
        again: returns the command that does the same on some nodes.
    """
    found = [outcome for outcome in looked.values() if not outcome.ok]
    later = [outcome.node for outcome in found if outcome.kind in _LATER and not outcome.hint]
    hint = f"when back: {again(later)}" if later else ""
    return [one._replace(hint=hint) if one.node in later else one for one in found]


def away(wanted: Wanted, change: ServicesChange, terms: Terms = TERMS) -> list[Outcome]:
    """Return what came of the nodes that did not answer, with the command for when they do."""
    return _away(change.looked, lambda nodes: _again(wanted, change, terms, nodes))


def _again(
    wanted: Wanted, change: ServicesChange | control.ControlChange, terms: Terms, nodes: Sequence[str]
) -> str:
    """Return the command that does the same on these of its nodes."""
    own: tuple[str, ...] = ()
    if isinstance(change, ServicesChange) and change.window != WINDOW:
        own = ("--deadline", f"{change.window}s")
    return command_line(change.name, (), terms, own, (*wanted.names, ",".join(nodes)))


def control_operation(wanted: Wanted, verb: str, terms: Terms = TERMS, *, words: str = "") -> Operation:
    """Return the operation that restarts, stops, starts or enables services.

    Raises:
        UsageError: no service of these can be.
    """
    chosen = {alias: [one for one in wanted.of(alias) if one.kind] for alias in wanted.nodes}
    chosen = {alias: found for alias, found in chosen.items() if found}
    if not chosen:
        raise UsageError("none of these services is managed", hint="give it a type in services.yaml")
    change = control.ControlChange(verb, chosen)
    return _operation(wanted, change, list(chosen), terms, words)


def _operation(
    wanted: Wanted,
    change: ServicesChange | control.ControlChange,
    nodes: Sequence[str],
    terms: Terms,
    words: str,
    plan: Plan | None = None,
) -> Operation:
    words = words or " ".join((*wanted.names, ",".join(nodes)))
    known = away(wanted, change, terms) if isinstance(change, ServicesChange) else []
    request = Request(
        change.name,
        change.title,
        words,
        tuple(dict.fromkeys((*nodes, *(outcome.node for outcome in known)))),
        {OPTION: change.op} if isinstance(change, ServicesChange) else {},
        lock=True,
        rest=lambda rest, _: _again(wanted, change, terms, rest),
    )
    return operation(wanted.fleet, request, change, terms, plan, known=known)
