"""A playbook as a change: what an operation carries out, one run of Ansible a wave."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from stentor import scratch
from stentor.fanout import reap
from stentor.fanout.collect import collect
from stentor.fanout.events import Finished
from stentor.fanout.task import Task
from stentor.guard.modules import arguments_of
from stentor.outcome import Outcome
from stentor.playbooks import modules, ways
from stentor.playbooks.hosts import Hosts
from stentor.playbooks.program import Run, failed
from stentor.rollout.change import BaseChange, Preview
from stentor.rollout.sent import Sent

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.fanout.events import Event
    from stentor.playbooks.listing import Listing
    from stentor.playbooks.request import PlaybookRequest
    from stentor.playbooks.ways import Seen
    from stentor.rollout.change import Step


class KeptFacts(NamedTuple):
    """Facts of nodes that earlier runs have gathered."""

    folder: str  # where they are kept
    since: float  # what is older is gathered again, in seconds since 1970
    # Alias to the operations since then: each one's word, and when it ended.
    done: Mapping[str, Mapping[str, float | None]]


class PlaybookChange(BaseChange):
    """Runs a playbook on the nodes of each wave.

    Args:
        inventory: the text of the fleet as an inventory.
        seen: what was found on nodes when they were looked at; others are looked at when their wave begins.
        title: one line for people.
        whole: show what the module answers.
        facts: where facts of earlier runs are kept; None to gather them always.
        revert_change: the change that takes it back; None without.
        clock: seconds that never go back.
    """

    def __init__(
        self,
        request: PlaybookRequest,
        listing: Listing,
        inventory: str,
        seen: Mapping[str, Seen] | None = None,
        *,
        name: str = "playbook",
        title: str = "",
        whole: bool = False,
        facts: KeptFacts | None = None,
        revert_change: PlaybookChange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.title = title or request.file
        self.request = request
        self.listing = listing
        self.revert_change: PlaybookChange | None = revert_change
        self.seen: dict[str, Seen] = dict(seen or {})
        self._inventory = inventory
        self._whole = whole
        self._facts = facts
        self._clock = clock

    def sends(self) -> Sequence[Sent]:
        """What its tasks amount to as command lines, as they stand in the playbook, without templates."""
        request = self.request
        if request.module:
            return [*modules.sent(request.module, arguments_of(request.module, request.arguments))]
        return [one for place, name, given in self.listing.tasks for one in modules.sent(name, given, place)]

    def preview(self, nodes: Sequence[str], reach: Reach) -> Mapping[str, Preview]:
        """Have Ansible check what would change (``--check --diff``) on nodes that are reached."""
        self._look(nodes, reach)
        ready = [node for node in nodes if self.seen[node].outcome.ok]
        hosts = self._hosts(ready)
        if ready:
            with scratch.folder() as folder:
                run = self._run(folder, ready, reach, check=True)
                for record in run.records():
                    for _ in hosts.take(record):
                        pass
            if hosts.stats is None and not run.interrupted:
                raise failed(run)
        found = hosts.previews()
        for node in nodes:
            if node not in found:
                outcome = self.seen[node].outcome
                found[node] = Preview(node, unknown=outcome.reason or outcome.kind)
        return {node: found[node] for node in nodes}

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Run it on these nodes; each one's ``Finished`` comes when Ansible has ended."""
        self._look(nodes, reach)
        ready = []
        for node in nodes:
            if self.seen[node].outcome.ok:
                ready.append(node)
            else:
                yield Finished(node, self.seen[node].outcome)
        mine = [n for n in ready if self.listing.dynamic or self.listing.expected(n)]
        for node in ready:
            if node not in mine:
                yield Finished(node, Outcome(node, "skipped", reason="no play of the playbook is for it"))
        if mine:
            yield from self._play(mine, reach)

    def revert(
        self,
        nodes: Sequence[str],
        reach: Reach,
        why: str,  # noqa: ARG002 - the protocol's
    ) -> Iterator[Event | Step] | None:
        """Run the playbook that it names to revert it."""
        return self.revert_change.apply(nodes, reach) if self.revert_change else None

    def undo(self, nodes: Sequence[str]) -> str:
        """Return the command line that reverts it later."""
        from stentor.sh.quoting import quoted

        if self.revert_change is None:
            return ""
        return f"stentor playbook {quoted((self.revert_change.request.file, ','.join(nodes)))}"

    def _look(self, nodes: Sequence[str], reach: Reach) -> None:
        new = [node for node in nodes if node not in self.seen]
        if new:
            self.seen |= ways.look(reach, new, self.listing)

    def _play(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        hosts = self._hosts(nodes)
        began = self._clock()
        with scratch.folder() as folder:
            run = self._run(folder, nodes, reach)
            try:
                for record in run.records():
                    yield from hosts.take(record)
            except BaseException as error:
                why = "Ctrl-C" if isinstance(error, KeyboardInterrupt) else "an interrupt"
                remote = self._end(nodes, hosts, reach, began)
                self.cut_short = [*hosts.outcomes(run.code, why, remote)]
                raise
        if hosts.stats is None and not run.interrupted and not hosts.begun:
            raise failed(run)
        why = reach.stop_reason if run.interrupted else ""
        remote = self._end(nodes, hosts, reach, began) if run.interrupted else {}
        for outcome in hosts.outcomes(run.code, why, remote, str(run.fault or "")):
            yield Finished(outcome.node, self._pointed(outcome))

    def _hosts(self, nodes: Sequence[str]) -> Hosts:
        homes = {alias: seen.home for alias, seen in self.seen.items()}
        verbose = self.request.verbose
        return Hosts(nodes, self.listing, self._clock, verbose=verbose, whole=self._whole, homes=homes)

    def _pointed(self, outcome: Outcome) -> Outcome:
        if outcome.kind == "failed" and (undo := self.undo((outcome.node,))):
            return outcome._replace(hint=f"take back what was done there with: {undo}")
        return outcome

    def _run(self, folder: str, nodes: Sequence[str], reach: Reach, *, check: bool = False) -> Run:
        """Write the files that Ansible reads, none of which is secret, and return the run."""
        fleet = write(folder, "fleet.yaml", self._inventory)
        reached = ways.inventory(reach, nodes, self.listing, self.seen)
        way = write(folder, "ways.yaml", json.dumps(reached))
        limit = write(folder, "nodes", "".join(f"{node}\n" for node in nodes))
        request, secrets = self.request, self.request.secrets
        job: dict[str, Any] = {
            "do": "module" if request.module else "run",
            "argv": request.argv((*request.inventories, fleet, way), check=check, limit=limit),
            "configured": not request.inventories,
            "environment": dict(reach.environment),
            "servers": {} if request.module else ways.servers(reach, nodes, self.listing, self.seen),
            "facts": self._kept_facts(nodes, check=check),
            "whole": self._whole,
            "vault": dict(secrets.vault),
            "become_password": secrets.become,
        }
        return Run(job, reach.environ, reach.cancellation)

    def _kept_facts(self, nodes: Sequence[str], *, check: bool) -> dict[str, Any] | None:
        if self._facts is None:
            return None
        folder, since, done = self._facts
        hosts = {alias: done.get(alias, {}) for alias in nodes}
        return {"folder": folder, "since": since, "hosts": hosts, "check": check}

    def _end(self, nodes: Sequence[str], hosts: Hosts, reach: Reach, began: float) -> dict[str, str]:
        """End what the tasks have left running on nodes; return what became of it."""
        word = reach.environment.get(reap.MARK, "")
        left = [node for node in nodes if hosts.hosts[node].began is not None]
        if not word or not left:
            return {}
        command = reap.command(word, 0, self._clock() - began)
        tasks = [Task(node, command) for node in reach.nodes(left)]
        plain = reach._replace(environment={})  # or it would find itself
        said: dict[str, str] = {}
        with plain.ending() as ending:
            for result in collect(ending.run(tasks, reach.settings._replace(timeout=30.0))):
                said[result.node] = result.read(lambda said: reap.became(said, gone=""), reap.UNHEARD)[1]
        return said


def write(folder: str, name: str, text: str) -> str:
    """Write a file that only we may read; return its path."""
    path = os.path.join(folder, name)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
    return path
