"""Proofs of a change on several nodes, each begun as soon as its node waits for one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Self

from stentor.dotfiles.login import Proof
from stentor.engines.reach import Reach
from stentor.fanout.events import Notice
from stentor.fleet.model import Node
from stentor.rollout.change import Step

_AT_ONCE = 16


class Proving:
    """The proofs, in threads; left by an exception, it asks those that are under way to stop.

    Args:
        reach: with the cancellation that ends them.
        prove: proves it on one node, raises nothing.
    """

    def __init__(self, reach: Reach, prove: Callable[[Reach, Node], Proof]) -> None:
        self.proofs: dict[str, Proof] = {}  # of the nodes whose proof has ended, by alias
        self._reach = reach
        self._prove = prove
        self._pool = ThreadPoolExecutor(_AT_ONCE)
        self._jobs: dict[Future[Proof], str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind and self._reach.cancellation and not all(job.done() for job in self._jobs):
            self._reach.cancellation.request("an interrupt")  # or the pool waits for every proof
        self._pool.shutdown()

    def begin(self, alias: str) -> None:
        """Prove it on this node, unless a request to stop has come."""
        if not self._reach.stopped():
            (node,) = self._reach.nodes([alias])
            self._jobs[self._pool.submit(self._prove, self._reach, node)] = alias

    def ended(self) -> Iterator[Step | Notice]:
        """Say what came of the proofs that have ended since."""
        for job in [job for job in self._jobs if job.done()]:
            alias = self._jobs.pop(job)
            yield from self._told(alias, job.result())

    def rest(self) -> Iterator[Step | Notice]:
        """Wait for all proofs, and say what came of each as it ends."""
        while self._jobs:
            wait(self._jobs, return_when=FIRST_COMPLETED)
            yield from self.ended()

    def _told(self, alias: str, proof: Proof) -> Iterator[Step | Notice]:
        self.proofs[alias] = proof
        for text in proof.before:
            yield Notice(alias, f"{text}; it was so before the change")
        if proof.confirmed:
            yield Step(alias, "confirmed", "a new login confirmed it")
        elif proof.faults:
            yield Step(alias, "unconfirmed", "not confirmed")
