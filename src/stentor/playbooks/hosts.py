"""What the records of a run say of each host: events while it runs, outcomes at its end, or a preview."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import unified_diff
from typing import TYPE_CHECKING, Any

from stentor.fanout.events import Event, Notice, Output, Started
from stentor.outcome import Outcome
from stentor.rollout.change import Preview

if TYPE_CHECKING:
    from stentor.playbooks.listing import Listing


_SCRATCH = "/ansible-local-"  # in the path of a file which Ansible has made for one run


def lines(diffs: Sequence[Mapping[str, Any]], home: str = "") -> Iterator[str]:
    """Yield the lines of what one task changed.

    Args:
        diffs: each with ``before`` and ``after`` and headers for them, or ``prepared`` lines.
        home: the node's home directory, which is ``~`` in the headers.
    """
    for diff in diffs:
        if prepared := diff.get("prepared"):
            yield from str(prepared).splitlines()
        if "before" not in diff and "after" not in diff:
            continue
        old, new = (_from_home(diff.get(f"{key}_header"), home) for key in ("before", "after"))
        # The new content comes from a file with another name in each run.
        new = old if _SCRATCH in new and old else new
        name = new or old
        before, after = (_lines(diff.get(key)) for key in ("before", "after"))
        yield from (
            line.rstrip("\n")
            for line in unified_diff(before, after, f"before: {old or name}", f"after: {name}", lineterm="")
        )


def _from_home(header: Any, home: str) -> str:
    path = str(header or "")
    return f"~{path.removeprefix(home)}" if home and path.startswith(f"{home}/") else path


def _lines(text: Any) -> list[str]:
    return str(text or "").splitlines()


_UNSAID = "Ansible counts a failure, and does not say why"
_NOT_OURS = ("invocation", "diff", "ansible_facts")  # of a module's answer, where all of it is shown


class Host:
    """What has happened on one host."""

    def __init__(self) -> None:
        self.began: float | None = None  # when its first task began; None before
        self.last = 0.0  # when something was last heard of it
        self.task = ""  # the task that it is at
        self.plays: list[str] = []  # the places of the plays that have begun on it
        self.answered = False  # whether any task has come back from it
        self.failure = ""  # the task that failed, and why; later ones replace it
        self.gone = ""  # why it is not reached any more
        self.code: int | None = None  # the exit code of the command that failed
        # How old its facts are, in seconds, where they are an earlier run's.
        self.facts_age: float | None = None
        self.counts = {"changed": 0, "unchanged": 0, "skipped": 0, "ignored": 0}  # how many tasks ended how
        self.diffs: list[Mapping[str, Any]] = []
        self.changes: list[str] = []
        self.diff: list[str] = []


class Hosts:
    """Follows the records of one run.

    Args:
        nodes: the aliases for which it is.
        clock: seconds that never go back.
        verbose: say also what did not change.
        whole: show what the module answers, not only whether something changed.
        homes: alias to the node's home directory.
    """

    def __init__(
        self,
        nodes: Sequence[str],
        listing: Listing,
        clock: Callable[[], float],
        *,
        verbose: bool = False,
        whole: bool = False,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        self._homes = homes or {}
        self.hosts = {node: Host() for node in nodes}
        self.stats: Mapping[str, Mapping[str, int]] | None = None
        self._listing = listing
        self._clock = clock
        self._verbose = verbose
        self._whole = whole
        self._stopped: set[str] = set()

    @property
    def begun(self) -> bool:
        """Whether anything has begun on any host."""
        return any(host.plays or host.began is not None for host in self.hosts.values())

    def take(self, record: Mapping[str, Any]) -> Iterator[Event]:
        """Take one record; yield what it means."""
        kind = record["e"]
        if kind == "play":
            for name in record["hosts"]:
                if name in self.hosts:
                    self.hosts[name].plays.append(record["place"])
        elif kind == "stats":
            self.stats = record["hosts"]
            yield from self._counts()
        elif kind == "end":
            self._stopped = {*record["failed"]}
        elif "h" in record and record["h"] in self.hosts:
            host = self.hosts[record["h"]]
            host.last = self._clock()
            yield from self._of_host(kind, record, host)

    def _of_host(self, kind: str, record: Mapping[str, Any], host: Host) -> Iterator[Event]:
        if kind == "start":
            host.began = self._clock()
            yield Started(record["h"])
        elif kind == "task":
            host.task = record["name"]
        elif kind == "diff":
            host.diffs += record["diffs"]
        elif kind == "facts":
            host.facts_age = record["age"]
        elif kind == "notice":
            yield Notice(record["h"], record["text"])
        elif kind == "result":
            yield from self._result(record, host)
            host.diffs = []

    def _result(self, record: Mapping[str, Any], host: Host) -> Iterator[Event]:
        node, kind, name = record["h"], record["kind"], record["name"]
        place = _short(record["place"])
        host.answered = host.answered or kind != "unreachable"
        if kind == "unreachable":
            host.gone = f"task '{name}' ({place}): {_line(record['message'])}"
            return
        if kind == "failed":
            yield from self._failed(record, host, f"{name} ({place})")
            return
        changed = kind == "ok" and record["changed"]
        host.counts["changed" if changed else "skipped" if kind == "skipped" else "unchanged"] += 1
        if self._whole:
            yield from _answer(node, record["result"])
        elif unchecked := record.get("unchecked"):
            host.changes.append(f"not checked: {name} ({_line(unchecked)})")
        elif changed:
            host.changes.append(f"changed: {name}")
            more = [*lines(host.diffs, self._homes.get(node, ""))]
            host.diff += more
            yield _said(node, "stdout", f"changed: {name}", *(f"  {line}" for line in more))
        elif self._verbose:
            yield _said(node, "stdout", f"{'skipped' if kind == 'skipped' else 'ok'}: {name}")

    def _failed(self, record: Mapping[str, Any], host: Host, what: str) -> Iterator[Event]:
        message = str(record["message"])
        if self._whole:
            if "rc" in record["result"]:
                yield from _answer(record["h"], record["result"])
                code = record["result"]["rc"]
                host.code = code if isinstance(code, int) else None
            host.failure = f"{_line(message)} (exit {host.code})" if host.code else _line(message)
            return
        word = "failed, and ignored" if record["ignored"] else "failed"
        yield _said(record["h"], "stderr", f"{word}: {what}: {message}")
        if record["ignored"]:
            host.counts["ignored"] += 1
        else:
            name, _, place = what.rpartition(" ")
            host.failure = f"task '{name}' {place}: {_line(message)}"

    def _counts(self) -> Iterator[Event]:
        for node, host in self.hosts.items():
            if host.began is not None and not self._whole:
                parts = [f"{count} {name}" for name, count in host.counts.items() if count]
                said = ", ".join(parts) or "no task came to its end"
                if host.facts_age is not None:
                    said += f"; facts of {_age(host.facts_age)} ago (playbooks: facts_age)"
                yield _said(node, "stdout", said)

    # -- the end ---------------------------------------------------------------------------------

    def outcomes(self, code: int, why: str, remote: Mapping[str, str], fault: str = "") -> Iterator[Outcome]:
        """Yield what came of each host.

        Args:
            why: why it was asked to end; empty if it was not.
            remote: what became of processes on nodes that were then ended.
            fault: what Ansible itself could not do.
        """
        for node, host in self.hosts.items():
            outcome = self._outcome(node, host, code, why, fault)
            seconds = host.last - host.began if host.began is not None else 0.0
            started = host.began is not None and (host.answered or outcome.kind == "cancelled")
            yield outcome._replace(seconds=seconds, started=started, remote=remote.get(node, ""))

    def _outcome(self, node: str, host: Host, code: int, why: str, fault: str) -> Outcome:
        counted = (self.stats or {}).get(node, {})
        # Where its counts are there, they decide: a rescued failure is none, one without words is one.
        if counted.get("unreachable", host.gone):
            return Outcome(node, "lost" if host.answered else "unreachable", reason=host.gone or _UNSAID)
        if counted.get("failures", host.failure):
            return Outcome(node, "failed", host.code, reason=host.failure or _UNSAID)
        if self.stats is None:
            if not why:
                ended = fault or f"Ansible ended with exit code {code} before its end"
                return Outcome(node, "failed", reason=ended)
            where = f"{why} in task '{host.task}'" if host.task else f"not begun: {why}"
            return Outcome(node, "cancelled", reason=where)
        if node in self._stopped:
            return Outcome(node, "cancelled", reason="the play was stopped, since other nodes failed")
        if code and (missing := self._not_begun(node, host)):
            return Outcome(node, "cancelled", reason=f"{missing} was not begun, since other nodes failed")
        if not host.plays and not self._listing.dynamic:
            return Outcome(node, "skipped", reason="no play of the playbook is for it")
        return Outcome(node, "ok", 0)

    def _not_begun(self, node: str, host: Host) -> str:
        for play in self._listing.plays:
            if node in play.matched and play.place not in host.plays:
                return f"play '{play.name}'"
        return ""

    def previews(self) -> dict[str, Preview]:
        """Return what a run with ``--check`` has said of each host."""
        found = {}
        for node, host in self.hosts.items():
            unknown = f"check ended at {host.failure or host.gone}" if host.failure or host.gone else ""
            found[node] = Preview(node, tuple(host.changes), tuple(host.diff), unknown=unknown)
        return found


def _said(node: str, stream: str, *lines: str) -> Output:
    return Output(node, stream, "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape"))


def _answer(node: str, result: Mapping[str, Any]) -> Iterator[Event]:
    """What a module answers: of a command its output, of any other its values."""
    if "rc" in result and "stdout" in result:
        for stream in ("stdout", "stderr"):
            if text := str(result.get(stream) or ""):
                yield _said(node, stream, text.removesuffix("\n"))
        return
    shown = {key: value for key, value in result.items() if key not in _NOT_OURS}
    if facts := result.get("ansible_facts"):
        shown["ansible_facts"] = facts
    yield _said(node, "stdout", json.dumps(shown, indent=2, sort_keys=True, ensure_ascii=False))


def _line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "")


def _age(seconds: float) -> str:
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02d} min" if minutes >= 60 else f"{minutes} min"


def _short(place: str) -> str:
    return os.path.relpath(place) if place.startswith(os.sep) else place
