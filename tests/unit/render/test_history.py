"""What the journal's commands show, from records alone."""

import json
from typing import Any

from stentor.fanout.events import Finished, Output
from stentor.journal.operation import Kept, NodeRecord, Record
from stentor.render import history as past
from stentor.render.json_lines import encode

NOW = 1_700_000_000.0


def record(*nodes: NodeRecord, **more: Any) -> Record:
    plain: dict[str, Any] = {
        "id": 7,
        "kind": "run",
        "command": "uptime",
        "selector": "@all",
        "options": {},
        "fleet": "/f",
        "revision": "abcdef0123456789",
        "user": "crtr",
        "host": "cooperator",
        "origin": "",
        "directory": "/",
        "began": NOW - 60,
        "ended": NOW - 58,
        "exit_code": 0,
        "state": "done",
        "note": "",
        "nodes": nodes,
    }
    return Record(**{**plain, **more})


OK = NodeRecord("a", "ok", 0, seconds=0.5, stdout=Kept(b"hi\n"))
FAILED = NodeRecord("b", "failed", 3, "exit code 3", stdout=Kept(b"head tail", 5, 100))
NEVER = NodeRecord("c")


def test_listing_has_the_worst_first_and_killed_operations() -> None:
    done, killed = record(OK, FAILED), record(OK, NEVER, state="interrupted", id=8)
    lines = past.listing([killed, done], now=NOW, width=None, colour=False)
    assert lines[0].split() == ["ID", "WHEN", "WHO", "NODES", "OUTCOME", "WHAT"]
    assert "interrupted: 1 unknown, 1 ok" in lines[1]
    assert "1 failed, 1 ok" in lines[2]


def test_a_script_is_one_line_and_cannot_move_the_cursor() -> None:
    assert past.first_line(record(command="#!/bin/sh\nrm x")) == "#!/bin/sh …"
    assert past.first_line(record(command="a\x1b[2Jb", kind="copy")) == "copy: a\\x1b[2Jb"
    assert past.first_line(record(command="facts", kind="facts")) == "facts"


def test_details_say_how_much_was_cut() -> None:
    lines = "\n".join(past.details(record(OK, FAILED), width=None, colour=False))
    assert "operation  7 (run)" in lines
    assert "crtr@cooperator" in lines
    assert "/f at abcdef012345" in lines
    assert "exit 3  109 bytes, 100 not kept" in lines
    assert lines.index("b     failed") < lines.index("a     ok")


def test_details_say_why_a_change_failed_and_not_that_it_did() -> None:
    reverted = NodeRecord("b", "failed", 1, "reverted: check failed: zsh -n ~/.zshrc")
    lines = "\n".join(past.details(record(OK, reverted), width=None, colour=False))
    assert "reverted: check failed: zsh -n ~/.zshrc" in lines
    assert "exit 1" not in lines


def test_replay_yields_the_original_events() -> None:
    events = list(past.replay(record(OK, FAILED, NEVER)))
    assert events[0] == Output("a", "stdout", b"hi\n")
    assert events[2] == Output("b", "stdout", b"head \n[... 100 bytes were not kept ...]\ntail")
    assert [event.outcome.kind for event in events if isinstance(event, Finished)] == ["ok", "failed"]


def test_records_hold_bytes_of_any_kind() -> None:
    def node(of: NodeRecord, *, output: bool) -> Any:
        return json.loads(encode(past.record_of(record(of), output=output)))["nodes"][0]

    assert node(NodeRecord("a", "ok", stdout=Kept(b"\xff")), output=True)["stdout"] == {"base64": "/w=="}
    assert "stdout" not in node(OK, output=False)
    assert node(NEVER, output=False)["kind"] is None


def test_the_difference_names_only_what_differs() -> None:
    after = OK._replace(stdout=Kept(b"ho\n"))
    lines = [
        line.decode()
        for line in past.difference(
            record(OK, NodeRecord("x", "ok"), NodeRecord("y", "ok")),
            record(after, NodeRecord("x", "ok"), NodeRecord("z", "ok"), id=9),
            colour=False,
        )
    ]
    assert lines == [
        "--- a stdout (7)",
        "+++ a stdout (9)",
        "@@ -1 +1 @@",
        "-hi",
        "+ho",
        "y: only in operation 7",
        "z: only in operation 9",
    ]
    changed = past.difference(record(OK), record(OK._replace(kind="failed", code=2)), colour=False)
    assert next(changed) == b"a: ok, then exit 2"


def test_times_are_written_in_short_form() -> None:
    assert past.when(NOW - 1, NOW).count(":") == 2
    assert past.when(NOW - 3 * 86400, NOW)[:3].isalpha()
    assert past.when(NOW - 300 * 86400, NOW).startswith("20")
