"""Finish operations that were interrupted, and end what they left on their nodes: behind ``stentor reap``."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from stentor import journal, scratch, sh
from stentor.api.base import BaseFleet, BaseSelection
from stentor.digits import whole
from stentor.dotfiles import pending as dotfiles
from stentor.errors import StentorError
from stentor.fanout import reap
from stentor.fanout.collect import collect
from stentor.fanout.task import Settings, Task
from stentor.fleet.policy.sections import Journal
from stentor.fleet.policy.values import Keep
from stentor.journal.operation import NodeRecord, Record
from stentor.journal.query import claim, unended
from stentor.operation.command import ended
from stentor.operation.node_answer import OPTION
from stentor.outcome import Outcome
from stentor.rollout.sent import Sent
from stentor.services import deadlines as services

# Seconds until a process that has ended is seen as ended: reap starts at that moment.
_WAIT = 0.05
_LIMITS = Settings(timeout=30)


class Reaped(NamedTuple):
    """What became of a process that was left on a node."""

    operation: int
    node: str
    remote: str


class Partial(NamedTuple):
    """What copies that were broken off keep on a node."""

    outcome: Outcome  # of the look
    folders: tuple[tuple[int, str], ...]  # each with its kilobytes


def partial_copies(selection: BaseSelection, *, remove: bool = False) -> Iterator[Partial]:
    """Look on each node for what copies left that run no more.

    Args:
        remove: whether it is removed; else the next copy of the same goes on with it.
    """
    call = f"partial {'remove' if remove else ''}"
    command = sh.command(sh.join("copy/partial", call=call))
    for result in collect(selection.fan_out([Task(node, command) for node in selection.nodes], _LIMITS)):
        yield Partial(result.outcome, tuple(_folders(result.text)))


def _folders(text: str) -> Iterator[tuple[int, str]]:
    for line in text.splitlines():
        size, _, folder = line.partition(" ")
        kilobytes = whole(size)
        if kilobytes is not None and folder:
            yield kilobytes, folder


def reap_operations(environ: Mapping[str, str]) -> Iterator[Reaped]:
    """Finish each interrupted operation; yield what was found on its nodes.

    Args:
        environ: the environment, for the journal's place.

    Raises:
        StentorError: the journal cannot be read.
    """
    scratch.clean()
    with journal.read(environ) as reader:
        reader.require()
        left = unended(reader)
        if not left:
            time.sleep(_WAIT)
            left = unended(reader)
        if not left:
            reader.require_sound()
    for record in left:
        yield from _finish(record, environ)


def _finish(record: Record, environ: Mapping[str, str]) -> Iterator[Reaped]:
    try:
        fleet = BaseFleet.open(record.fleet, environ=environ)
        policy = fleet.data.policy.journal
    except StentorError:
        fleet, policy = None, Journal(keep=Keep())  # the fleet does not say any more what is kept
    with journal.open(environ, policy, record.fleet) as book:
        if not claim(book, record):
            return
        open_ends = [node for node in record.nodes if not node.kind]
        said = _ended(record, open_ends, fleet) if record.word and fleet else {}
        told = _decided(record, open_ends, fleet) if record.options.get(OPTION) and fleet else {}
        for node in open_ends:
            if node.node in told:
                book.amend(record.id, told[node.node])
                continue
            remote = said.get(node.node, "may still run: the node was not reached" if node.started else "")
            started = node.started or bool(remote)
            outcome = Outcome(
                node.node, "cancelled", reason="stentor was killed", started=started, remote=remote
            )
            if record.kind == "run":
                outcome = ended(outcome, _sent(record))
            book.amend(record.id, outcome)
            if outcome.remote:
                yield Reaped(record.id, node.node, outcome.remote)
        book.end(record.id, None, "stentor was killed; what it had left on the nodes was ended")


def _sent(record: Record) -> Sent:
    """The command or the script, as far as the journal has it."""
    options = record.options
    return Sent(str(options.get("text") or record.command), by_sudo=options.get("sudo") is not None)


def _decided(record: Record, nodes: list[NodeRecord], fleet: BaseFleet) -> dict[str, Outcome]:
    """Ask each node what it has decided about the change, which its own deadline ends without us."""
    known = [node.node for node in nodes if node.node in fleet.data.nodes]
    reach = fleet.reach(_LIMITS._replace(user=record.options.get("user")))
    ask = services.decided if record.kind.startswith("services ") else dotfiles.decided
    return ask(reach, known, str(record.options[OPTION]), "stentor was killed")


def _ended(record: Record, nodes: list[NodeRecord], fleet: BaseFleet) -> dict[str, str]:
    """Ask each node to end what is left; return what became of it where the node was reached."""
    known = fleet.data.nodes
    age = time.time() - record.began
    tasks = [
        Task(known[node.node], reap.command(record.word, node.pid, age))
        for node in nodes
        if node.node in known
    ]
    selection = BaseSelection(fleet, tuple(task.node for task in tasks))
    said = {}
    for result in collect(selection.fan_out(tasks, Settings(timeout=30, user=record.options.get("user")))):
        if result.outcome.started:
            said[result.node] = reap.became(result.text, gone="")
    return said
