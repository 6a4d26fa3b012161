"""A copy as a sequence of fan-outs: what is there, what of it differs, then the rest in one stream each."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import NamedTuple

from stentor.fanout.collect import collect, parsed
from stentor.fanout.events import Event, Finished, Output
from stentor.fanout.task import Paced, Task
from stentor.fleet.model import Node
from stentor.fleet.policy.sections import Copy
from stentor.journal.owner import gone
from stentor.outcome import Outcome
from stentor.rollout import lock
from stentor.rollout.spent import Spent
from stentor.transfer import plan, remote, source
from stentor.transfer.alike import alike
from stentor.transfer.archive import stamp
from stentor.transfer.plan import Entry, Look, Need, There

_MAC_FROM = 16 * 1024 * 1024  # bytes for all nodes, for which one more program here saves more there

FanOut = Callable[[Sequence[Task]], Iterator[Event]]
Rsync = Callable[[Sequence[tuple[Node, Entry]]], Iterator[Event]]


class Share(NamedTuple):
    """What one node gets."""

    how: str  # ``nothing``, ``modes`` (modes and times only), ``stream`` or ``rsync``
    files: int = 0  # number of files, links and directories that are sent
    size: int = 0  # bytes of the files among them
    names: tuple[str, ...] = ()  # of what is sent
    resumed: int = 0  # bytes which an earlier copy had brought already


class Copying:
    """One copy to many nodes.

    Args:
        nodes: to whom.
        fan_out: runs tasks; called once for each step.
        environment: variables of every command.
        checksum: compare contents even where size and time are the same.
        local: the alias of the node which is this machine.
        rsync: sends large files of which the node has a like one; None if it must not be used.
        claim: the lock which each node is to hold while something is put there; None for no lock.
        partial: seconds after which unfinished files of other copies are removed.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        target: remote.Target,
        nodes: Sequence[Node],
        fan_out: FanOut,
        *,
        environment: Mapping[str, str] | None = None,
        checksum: bool = False,
        local: str | None = None,
        rsync: Rsync | None = None,
        claim: lock.Claim | None = None,
        partial: float = Copy.partial,
    ) -> None:
        self.entries = entries
        self.target = target
        self.shares: dict[str, Share] = {}
        self._nodes = {node.alias: node for node in nodes}
        self._fan_out = fan_out
        self._environment = environment or {}
        self._checksum = checksum
        self._local = local
        self._rsync = rsync
        self._spent = Spent(time.monotonic)
        self._lock = lock.functions(claim) if claim else ""
        self._names = [entry.name for entry in entries]
        self._many = not target.single and remote.many(self._names)
        self._alike = alike(entries) if self._many and not checksum else None
        self._answers: dict[bytes, Look] = {}
        self._looks: dict[str, Look] = {}
        self._held: dict[str, lock.Held] = {}
        self._needs: dict[str, Need] = {}
        self._known: dict[int, Need] = {}  # by the look
        self._outcomes: dict[str, Outcome] = {}
        self._parcels: dict[Need, source.Packed] = {}
        self._digests: dict[int, tuple[str, str]] = {}
        self._reads = "stentor-reads-" + os.urandom(8).hex()
        self._partial = partial
        self._letters = os.urandom(6).hex()
        self._commands: dict[tuple[str, str, int], str] = {}
        self._streams: list[Paced] = []
        self._expected = 0

    def events(self, *, dry: bool = False) -> Iterator[Event]:
        """Do it: exactly one ``Finished`` for each node. With ``dry`` only find out what would be sent.

        Raises:
            Refused: somebody else has a node's lock; nothing has been sent.
        """
        try:
            yield from self._look()
            self._free()
            if self._held:
                raise lock.refusal(self._held)
            yield from self._compare()
            for alias in self._looks:
                self._needs[alias] = parsed(self._need, (alias,), _refused, self._outcomes[alias], b"")
            yield from self._decide(dry)
            if not dry:
                yield from self._send()
        finally:
            self.close()

    def sent(self) -> tuple[int, int]:
        """Return the bytes that have been sent to all nodes so far, and those to be sent in all."""
        return sum(stream.given for stream in self._streams), self._expected

    def close(self) -> None:
        """Let go of what is sent."""
        for packed in self._parcels.values():
            packed.file.close()
        self._parcels.clear()

    # -- what is there -------------------------------------------------------------------------

    def _ask(
        self, commands: Mapping[str, str], names: Mapping[str, bytes], read: Callable[[str, bytes], bool]
    ) -> Iterator[Event]:
        """Run a question on nodes; ``read`` takes the answers, and the end of the others is told."""
        inputs = {text: source.nameless() for text in set(names.values())}
        try:
            for text, (file, _) in inputs.items():
                file.write(text)
                file.flush()
            tasks = [
                Task(self._nodes[alias], command, inputs[names[alias]][1], self._environment)
                for alias, command in commands.items()
            ]
            for result in collect(self._fan_out(tasks)) if tasks else ():
                outcome, found = result.read(partial(read, result.node), False)
                outcome = self._spent.until_now(outcome)
                if found:
                    self._outcomes[result.node] = outcome
                else:
                    self._looks.pop(result.node, None)
                    yield Finished(result.node, explained(outcome, result.stderr))
        finally:
            for file, _ in inputs.values():
                file.close()

    def _look(self) -> Iterator[Event]:
        top = plan.top(self._names) if self._many else ""
        command = remote.look(self.target, self._lock, many=self._many, top=top)
        names = self._lines(self._alike.order if self._alike else range(len(self._names)))
        every = dict.fromkeys(self._nodes, command)
        yield from self._ask(every, dict.fromkeys(self._nodes, names), self._looked)

    def _looked(self, alias: str, said: bytes) -> bool:
        # Most nodes have the same, and it may be long: it is read once, and kept once.
        digest = hashlib.sha256(said).digest()
        look = self._answers.get(digest)
        if look is None:
            look = self._answers[digest] = self._parsed(said.decode("utf-8", "surrogateescape"))
        held = lock.answer(look.held)
        self._looks[alias] = look
        if held:
            self._held[alias] = held
        return True

    def _parsed(self, text: str) -> Look:
        if not self._many:
            return plan.parse_look(text)
        if not self._alike:
            return plan.parse_look(text, {f"./{name}": number for number, name in enumerate(self._names)})
        return self._alike.parse_look(text, self._names)

    def _lines(self, numbers: Sequence[int]) -> bytes:
        """The names of entries, as nodes are given them."""
        names = [self._names[number] for number in numbers]
        return remote.plain_lines(names) if self._many else remote.lines(names)

    def _free(self) -> None:
        """Give back the locks which a stentor of this machine has left, that was killed."""
        left = {
            alias: held.token
            for alias, held in self._held.items()
            if held.token and gone(lock.process_of(held.token))
        }
        if left:
            tasks = [
                Task(self._nodes[alias], lock.give(token), None, self._environment)
                for alias, token in left.items()
            ]
            for _ in self._fan_out(tasks):
                pass
            for alias in left:
                del self._held[alias]

    def _compare(self) -> Iterator[Event]:
        """Have the nodes say the checksums of what may have changed and may not."""
        by_look = {
            id(look): plan.doubtful(self.entries, look, always=self._checksum)
            for look in {id(look): look for look in self._looks.values()}.values()
        }
        doubts = {alias: by_look[id(look)] for alias, look in self._looks.items() if by_look[id(look)]}
        self._same: dict[str, dict[int, bool]] = {}
        command = remote.digests(self.target, many=self._many)
        names = {alias: self._lines(numbers) for alias, numbers in doubts.items()}

        def compared(alias: str, said: bytes) -> bool:
            numbers, found = doubts[alias], said.decode("utf-8", "replace").split("\n")[:-1]
            weak = self._looks[alias].sums == "cksum"
            if len(found) == len(numbers):
                pairs = zip(numbers, found, strict=True)
                self._same[alias] = {n: d == self._digest(n, weak) for n, d in pairs}
            else:
                self._same[alias] = dict.fromkeys(numbers, False)
            return True

        yield from self._ask(dict.fromkeys(doubts, command), names, compared)

    def _digest(self, number: int, weak: bool) -> str:
        known = self._digests.get(number)
        if known is None or (weak and not known[1]):
            known = self._digests[number] = source.digest_of(self.entries[number].source, weak=weak)
        return known[weak]

    def _need(self, alias: str) -> Need:
        look, same = self._looks[alias], self._same.get(alias)
        need = self._known.get(id(look)) if same is None else None
        if need is None:
            need = plan.needs(self.entries, look, same or {}, always=self._checksum)
        if same is None:
            self._known[id(look)] = need
        single = bool(self.target.single)
        if single and not look.base and not self.target.path.endswith("/"):
            folder = os.path.dirname(self.target.path)
            need = Need(refused=f"there is no directory {folder}")
        elif not look.sums:
            need = Need(refused="there is no checksum program (sha256sum, shasum, openssl, cksum)")
        elif not look.tar and not single and need.send:
            need = Need(refused="there is no tar")
        if need.send and not single:
            above = plan.folders_above(self.entries, need.send)
            return need._replace(modes=tuple(sorted({*need.modes, *above} - set(need.send))))
        return need

    # -- what is sent --------------------------------------------------------------------------

    def _decide(self, dry: bool) -> Iterator[Event]:
        for alias, need in self._needs.items():
            chosen = [self.entries[number] for number in need.send]
            names = tuple(entry.name for entry in chosen)
            how = "stream" if need.send else "modes" if need.modes else "nothing"
            if self._rsyncs(alias):
                how = "rsync"
            self.shares[alias] = Share(how, len(chosen), sum(entry.size for entry in chosen), names)
            if need.refused:
                self.shares[alias] = Share("nothing")
                outcome = self._outcomes[alias]._replace(kind="failed", code=None, reason=need.refused)
                yield Finished(alias, outcome)
            elif dry or how == "nothing":
                yield Finished(alias, self._outcomes[alias])

    def _rsyncs(self, alias: str) -> bool:
        need, look = self._needs[alias], self._looks[alias]
        return (
            self._rsync is not None
            and alias != self._local
            and bool(self.target.single)
            and (self.target.path[0] != "~" or self.target.path.startswith("~/"))
            and need.send == (0,)
            and not look.parts
            and plan.by_rsync(
                self.entries[0], look.there.get(0, There("none")), here=True, on_node=look.rsync
            )
        )

    def _send(self) -> Iterator[Event]:
        tasks = []
        differing = []
        for alias, need in self._needs.items():
            how = self.shares[alias].how
            if how == "rsync":
                differing.append((self._nodes[alias], self.entries[0]))
            elif how != "nothing":
                tasks.append(self._task(alias, need))
        errors: dict[str, bytes] = {}
        for event in self._fan_out(tasks) if tasks else ():
            if isinstance(event, Output):
                if event.stream == "stderr":
                    errors[event.node] = (errors.get(event.node, b"") + event.data)[-4096:]
            elif isinstance(event, Finished):
                outcome = explained(self._spent.until_now(event.outcome), errors.pop(event.node, b""))
                yield Finished(event.node, outcome)
            else:
                yield event
        if differing and self._rsync:
            for event in self._rsync(differing):
                if isinstance(event, Finished):
                    event = Finished(event.node, self._spent.until_now(event.outcome))
                yield event

    def _task(self, alias: str, need: Need) -> Task:
        node, look, one = self._nodes[alias], self._looks[alias], self.entries[0]
        if self.target.single and not need.send:
            return Task(
                node,
                remote.set_modes(self.target, one.mode, stamp(one.modified), self._lock),
                None,
                self._environment,
            )
        weak = look.sums == "cksum"
        packed = self._parcels.get(need)
        if packed is None or (weak and not packed.parcel.sums["cksum"]):
            needing = [known for name, known in self._needs.items() if self._looks[name].sums == "cksum"]
            packed = source.parcel_of(self.entries, need.send, need.modes, weak=weak or need in needing)
            if packed.parcel.size * sum(other == need for other in self._needs.values()) >= _MAC_FROM:
                packed = source.with_mac(packed)
            self._parcels[need] = packed
        there = look.parts.get(packed.parcel.key, 0)
        usable = plan.RESUME_FROM <= there <= packed.parcel.size and alias != self._local
        offset = there if usable else 0
        self.shares[alias] = self.shares[alias]._replace(resumed=offset)
        self._expected += packed.parcel.size - offset
        key = (packed.parcel.key, look.sums, offset)
        command = self._commands.get(key)
        if command is None:
            command = self._commands[key] = remote.receive(
                self.target,
                packed.parcel,
                look.sums,
                offset,
                self._lock,
                self._reads,
                self._letters,
                self._partial,
            )
        size = packed.parcel.size - offset
        stream = Paced(packed.file.fileno(), offset, size, self._reads.encode())
        self._streams.append(stream)
        return Task(node, command, stream, self._environment)


def _refused(outcome: Outcome) -> Need:
    return Need(refused=outcome.reason)


def explained(outcome: Outcome, errors: bytes) -> Outcome:
    """Give a failed node's own words as the reason.

    Args:
        outcome: what came of it.
        errors: what it wrote to stderr.
    """
    said = " ".join(errors.decode("utf-8", "replace").split())
    if outcome.kind != "failed" or not said:
        return outcome
    _, ours, words = said.rpartition("stentor: ")  # the shell's own words may come before it
    with suppress(ValueError):
        words = str(lock.answer(words) or words)
    return outcome._replace(code=None, reason=words if ours else said)
