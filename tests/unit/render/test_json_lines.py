from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Finished, Notice, Output, Started
from stentor.outcome import Outcome, Report
from stentor.render import json_schema
from stentor.render.json_lines import JsonLines, encode, unfinished
from stentor.render.json_operation import Operation

from .conftest import Clock, Surface

OPERATION: dict[str, Any] = {
    "command": "cat x",
    "selector": "@all",
    "nodes": ["a", "b"],
    "started_at": 1700000000.0,
}


def lines(surface: Surface) -> list[dict[str, Any]]:
    text = surface.stdout.getvalue()
    assert text.endswith(b"\n")
    rows = text.split(b"\n")[:-1]
    for row in rows:
        json_schema.decode(row)  # every line is of a documented shape
    return [json.loads(row) for row in rows]


def opened(surface: Surface) -> JsonLines:
    header = Operation(**OPERATION)
    return JsonLines(surface, header, clock=Clock(), code=lambda report: 1 if report.failed else 0)


def test_an_operation_from_begin_to_end(surface: Surface) -> None:
    view = opened(surface)
    view.show(Started("a"))
    view.show(Output("a", "stdout", "grüß\n".encode()))
    view.show(Output("a", "stderr", b"\xff\x00"))
    view.show(Notice("b", "tried again"))
    outcomes = [
        Outcome("a", "failed", code=3, seconds=0.12345, started=True),
        Outcome("b", "unreachable", reason="no answer in 5 s", hint="stentor ping b", attempts=2),
    ]
    for outcome in outcomes:
        view.show(Finished(outcome.node, outcome))
    view.end(Report(outcomes))
    operation, started, text, binary, notice, finished, unreachable, report = lines(surface)
    assert operation == {"stentor": 1, "type": "operation", **OPERATION}
    assert started == {"type": "started", "node": "a"}
    assert text == {"type": "output", "node": "a", "stream": "stdout", "text": "grüß\n"}
    assert binary == {"type": "output", "node": "a", "stream": "stderr", "base64": "/wA="}
    assert notice == {"type": "notice", "node": "b", "text": "tried again"}
    assert finished == {
        "type": "finished",
        "node": "a",
        "kind": "failed",
        "code": 3,
        "reason": "",
        "hint": "",
        "seconds": 0.123,
        "started": True,
        "remote": "",
        "attempts": 1,
    }
    assert (unreachable["kind"], unreachable["code"]) == ("unreachable", None)
    assert report == {
        "type": "report",
        "nodes": 2,
        "kinds": {"failed": ["a"], "unreachable": ["b"]},
        "exit_code": 1,
        "seconds": 0.0,
    }


def test_command_outside_utf8_makes_a_valid_line(surface: Surface) -> None:
    surface.out(encode(Operation(**{**OPERATION, "command": "echo \udcff"})))
    assert lines(surface)[0]["command"] == "echo ?"


pieces = st.lists(
    st.tuples(st.sampled_from("ab"), st.one_of(st.binary(max_size=5), st.text(max_size=3).map(str.encode))),
    max_size=30,
)


@given(pieces, st.booleans())
def test_bytes_are_decoded_unchanged(chunks: list[tuple[str, bytes]], cut: bool) -> None:
    surface = Surface()
    view = opened(surface)
    wrote = {"a": b"", "b": b""}
    for node, data in chunks:
        wrote[node] += data
        for part in [data[i : i + 1] for i in range(len(data))] if cut else [data]:
            view.show(Output(node, "stdout", part))
    for node in "ab":
        view.show(Finished(node, Outcome(node, "ok", code=0)))
    read = {"a": b"", "b": b""}
    for line in lines(surface):
        if line["type"] == "output":
            read[line["node"]] += b64decode(line["base64"]) if "base64" in line else line["text"].encode()
    assert read == wrote


@given(st.text(min_size=1), st.integers(1, 3))
def test_text_stays_text_wherever_it_is_cut(text: str, size: int) -> None:
    surface = Surface()
    view = opened(surface)
    data = text.encode()
    for start in range(0, len(data), size):
        view.show(Output("a", "stdout", data[start : start + size]))
    assert all("base64" not in line for line in lines(surface))
    assert "".join(line.get("text", "") for line in lines(surface)) == text


def test_unfinished_counts_the_bytes_of_a_cut_character() -> None:
    euro = "€".encode()
    assert [unfinished(euro[:n]) for n in (1, 2, 3)] == [1, 2, 0]
    assert [unfinished(data) for data in (b"", b"a", b"\x80\x80\x80\x80", b"\xff")] == [0, 0, 0, 0]
    assert unfinished("😀".encode()[:3]) == 3
