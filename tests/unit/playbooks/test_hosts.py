"""What the records of a run say of each host."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.fanout.events import Output, Started
from stentor.outcome import exit_code
from stentor.playbooks.hosts import Hosts
from stentor.playbooks.listing import Listing, Play

PLAYS = (Play("One", "all", "p.yml:1", ("a", "b", "c")), Play("Two", "all", "p.yml:9", ("a", "b", "c")))
LISTING = Listing("2.19.14", plays=PLAYS)


def followed(*records: dict[str, Any], nodes: str = "abc", **options: Any) -> tuple[Hosts, list[Any]]:
    ticks = iter(range(1000))
    hosts = Hosts(nodes, options.pop("listing", LISTING), lambda: float(next(ticks)), **options)
    return hosts, [event for record in records for event in hosts.take(record)]


def begun(*places: str, nodes: str = "abc") -> list[dict[str, Any]]:
    return [{"e": "play", "name": "", "place": place, "hosts": [*nodes]} for place in places]


def start(node: str, task: str = "T") -> list[dict[str, Any]]:
    return [{"e": "start", "h": node}, {"e": "task", "h": node, "name": task}]


def result(node: str, kind: str = "ok", **fields: Any) -> dict[str, Any]:
    plain = {"e": "result", "h": node, "kind": kind, "name": "T", "place": "p.yml:3", "changed": False}
    extra = (
        {"message": "why\nmore", "ignored": False, "code": None} if kind in ("failed", "unreachable") else {}
    )
    return {**plain, **extra, **fields}


def stats(**counts: dict[str, int]) -> dict[str, Any]:
    return {"e": "stats", "hosts": counts}


def kinds(hosts: Hosts, code: int = 0, why: str = "") -> dict[str, str]:
    return {one.node: one.kind for one in hosts.outcomes(code, why, {})}


BOTH = begun("p.yml:1", "p.yml:9")
GOOD = {"failures": 0, "unreachable": 0}


def test_nodes_that_came_through_every_play_are_ok() -> None:
    hosts, events = followed(*BOTH, *start("a"), result("a", changed=True), stats(a=GOOD))
    assert events[0] == Started("a")
    assert events[1] == Output("a", "stdout", b"changed: T\n")
    assert events[-1] == Output("a", "stdout", b"1 changed\n")
    assert kinds(hosts) == dict.fromkeys("abc", "ok")


def test_a_failed_task_is_named_with_its_place_and_first_line() -> None:
    hosts, events = followed(*BOTH, *start("a"), result("a", "failed"), stats(a={**GOOD, "failures": 1}))
    (first, *_) = hosts.outcomes(2, "", {})
    assert (first.kind, first.code, first.reason) == ("failed", None, "task 'T' (p.yml:3): why")
    assert events[1].data == b"failed: T (p.yml:3): why\nmore\n"


def test_a_failure_that_was_rescued_is_none() -> None:
    hosts, _ = followed(*BOTH, *start("a"), result("a", "failed"), stats(a=GOOD))
    assert kinds(hosts) == dict.fromkeys("abc", "ok")


def test_a_node_is_lost_behind_its_first_task_and_unreachable_before() -> None:
    gone = {**GOOD, "unreachable": 1}
    hosts, _ = followed(
        *BOTH, *start("a"), result("a"), result("a", "unreachable"), *start("b"), result("b", "unreachable"),
        stats(a=gone, b=gone),
    )  # fmt: skip
    assert kinds(hosts, 4) == {"a": "lost", "b": "unreachable", "c": "ok"}
    assert [one.started for one in hosts.outcomes(4, "", {})] == [True, False, False]


def test_who_was_stopped_for_others_or_not_begun_is_not_called_done() -> None:
    end = {"e": "end", "failed": ["a", "b"], "unreachable": []}
    hosts, _ = followed(
        *begun("p.yml:1"), *begun("p.yml:9", nodes="ab"), *start("a"), result("a", "failed"),
        stats(a={**GOOD, "failures": 1}), end,
    )  # fmt: skip
    outcomes = {one.node: one for one in hosts.outcomes(2, "", {})}
    assert outcomes["b"].reason == "the play was stopped, since other nodes failed"
    assert outcomes["c"].reason == "play 'Two' was not begun, since other nodes failed"
    assert {one.kind for one in outcomes.values()} == {"failed", "cancelled"}


def test_a_play_that_ended_itself_is_no_failure() -> None:
    hosts, _ = followed(*begun("p.yml:1"), *start("a"), result("a"), stats(a=GOOD))
    assert kinds(hosts) == dict.fromkeys("abc", "ok")


def test_without_an_end_nothing_is_ok() -> None:
    hosts, _ = followed(*BOTH, *start("a", "Sleep"))
    assert kinds(hosts, 250) == dict.fromkeys("abc", "failed")
    reasons = [one.reason for one in hosts.outcomes(99, "Ctrl-C", {"a": "ended by TERM"})]
    assert reasons == ["Ctrl-C in task 'Sleep'", "not begun: Ctrl-C", "not begun: Ctrl-C"]
    assert next(iter(hosts.outcomes(99, "Ctrl-C", {"a": "ended by TERM"}))).remote == "ended by TERM"


def test_a_node_without_a_play_is_skipped() -> None:
    only = LISTING._replace(plays=(PLAYS[0]._replace(matched=("a",)),))
    hosts, _ = followed(*begun("p.yml:1", nodes="a"), *start("a"), stats(a=GOOD), nodes="ab", listing=only)
    assert kinds(hosts) == {"a": "ok", "b": "skipped"}


def test_a_preview_names_what_changes_and_what_cannot_be_checked() -> None:
    diff = {"e": "diff", "h": "a", "diffs": [{"before": "", "after": "x\n", "after_header": "/home/me/f"}]}
    hosts, _ = followed(
        *BOTH, *start("a"), diff, result("a", changed=True), result("a", "skipped", unchecked="would run"),
        result("a", "skipped", unchecked=""), result("b", "failed"), homes={"a": "/home/me"},
    )  # fmt: skip
    found = hosts.previews()
    assert found["a"].changes == ("changed: T", "not checked: T (would run)")
    assert found["a"].diff == ("--- before: ~/f", "+++ after: ~/f", "@@ -0,0 +1 @@", "+x")
    assert found["b"].unknown == "check ended at task 'T' (p.yml:3): why"
    assert found["c"].changes == ()


def test_a_command_of_one_module_is_shown_as_it_wrote() -> None:
    answer = {"rc": 3, "stdout": "out", "stderr": "err\n", "changed": True}
    hosts, events = followed(
        *start("a"),
        result("a", "failed", result=answer),
        stats(a={**GOOD, "failures": 1}),
        nodes="a",
        whole=True,
    )
    assert events[1:] == [Output("a", "stdout", b"out\n"), Output("a", "stderr", b"err\n")]
    assert [(one.kind, one.code) for one in hosts.outcomes(2, "", {})] == [("failed", 3)]
    _, events = followed(result("a", result={"ping": "pong", "invocation": {}}), nodes="a", whole=True)
    assert events == [Output("a", "stdout", b'{\n  "ping": "pong"\n}\n')]


def test_a_failure_that_is_only_counted_is_no_success() -> None:
    failed = {**GOOD, "failures": 1}
    silent = result("a", "failed", message=" \n", result={"rc": "odd", "stdout": "", "msg": " "})
    hosts, _ = followed(
        *BOTH, *start("a"), silent, *start("b"), *start("c"),
        stats(a=failed, b=failed, c={**GOOD, "unreachable": 1}), whole=True,
    )  # fmt: skip
    outcomes = {one.node: one for one in hosts.outcomes(2, "", {})}
    assert {node: one.kind for node, one in outcomes.items()} == {
        "a": "failed",
        "b": "failed",
        "c": "unreachable",
    }
    assert {one.reason for one in outcomes.values()} == {"Ansible counts a failure, and does not say why"}
    assert outcomes["a"].code is None


FAILED = [*start("a"), result("a", "failed"), stats(a={**GOOD, "failures": 1})]
AWAY = [*start("a"), result("a", "unreachable"), stats(a={**GOOD, "unreachable": 1})]
LOST = [*start("a"), result("a"), *start("a", "U"), *AWAY[1:]]
BOTH_BAD = [
    *start("a"), result("a", "failed"), *start("b"), result("b", "unreachable"),
    stats(a={**GOOD, "failures": 1}, b={**GOOD, "unreachable": 1}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "records", "why", "found", "ours"),
    [
        (0, [*start("a"), result("a"), stats(a=GOOD)], "", ["ok", "ok"], 0),
        (2, FAILED, "", ["failed", "ok"], 1),
        (4, AWAY, "", ["unreachable", "ok"], 4),
        (4, LOST, "", ["lost", "ok"], 1),
        (2, BOTH_BAD, "", ["failed", "unreachable"], 1),
        (6, BOTH_BAD, "", ["failed", "unreachable"], 1),
        (8, FAILED, "", ["failed", "ok"], 1),
        # It ended before its end: by an error of its own, a parser error in the middle, or killed.
        (1, start("a"), "", ["failed", "failed"], 1),
        (250, start("a"), "", ["failed", "failed"], 1),
        (255, start("a"), "", ["failed", "failed"], 1),
        (137, start("a"), "", ["failed", "failed"], 1),
        # It was asked to end.
        (99, start("a"), "Ctrl-C", ["cancelled", "cancelled"], 130),
        (99, [*start("a"), result("a", "failed"), *start("b")], "Ctrl-C", ["failed", "cancelled"], 1),
    ],
)
def test_each_exit_code_of_ansibles_has_its_outcomes_and_ours(
    code: int, records: list[dict[str, Any]], why: str, found: list[str], ours: int
) -> None:
    """Codes of ansible-core 2.19: ``errors.ExitCode`` and ``TaskQueueManager.RUN_...``, also or-ed."""
    hosts, _ = followed(*begun("p.yml:1", "p.yml:9", nodes="ab"), *records, nodes="ab")
    outcomes = [*hosts.outcomes(code, why, {})]
    assert [one.kind for one in outcomes] == found
    assert exit_code(outcomes) == ours
