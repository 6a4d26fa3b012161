"""Lines merged one by one, beside what clush itself prints."""

from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys

import pytest

from stentor.fanout.events import Finished, Output
from stentor.outcome import Outcome, Report
from stentor.render.live_lines import LiveLines
from stentor.render.screen import Screen

NODES = ("n1", "n2", "n3", "n4")


def shown(said: dict[str, bytes], *, labels: bool = True) -> str:
    out = io.BytesIO()
    display = LiveLines(Screen(out, io.BytesIO()), list(said), {}, labels=labels)
    for node, data in said.items():
        for byte in range(len(data)):
            display.show(Output(node, "stdout", data[byte : byte + 1]))
    for node in said:
        display.show(Finished(node, Outcome(node, "ok")))
    display.end(Report(()))
    return out.getvalue().decode()


def by_clush(script: str) -> str:
    clush = shutil.which("clush", path=os.path.dirname(sys.executable))
    assert clush
    words = [clush, "-R", "exec", "-bL", "-w", ",".join(NODES), script]
    return subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=True).stdout


@pytest.mark.parametrize(
    "said",
    [
        {"n1": "a b", "n2": "a b", "n3": "b a", "n4": "a"},
        {"n1": "x", "n2": "", "n3": "x y z", "n4": "z"},
        {"n1": "same", "n2": "same", "n3": "same", "n4": "same"},
    ],
)
def test_lines_are_merged_as_clush_does(said: dict[str, str]) -> None:
    ours = shown(
        {node: "".join(f"{line}\n" for line in text.split()).encode() for node, text in said.items()}
    )
    cases = " ".join(f"{node}) for i in {text}; do echo $i; done;;" for node, text in said.items() if text)
    theirs = by_clush(f"case %h in {cases} esac")
    assert unfolded(ours) == unfolded(theirs)


def unfolded(text: str) -> list[tuple[set[str], str]]:
    from ClusterShell.NodeSet import NodeSet

    lines = (line.split(": ") for line in text.splitlines())
    return [(set(NodeSet(names)), said) for names, said in lines]


def test_a_line_waits_for_all_nodes_that_have_not_ended() -> None:
    out = io.BytesIO()
    display = LiveLines(Screen(out, io.BytesIO()), ["a", "b"], {})
    display.show(Output("a", "stdout", b"one\ntwo\nrest"))
    assert out.getvalue() == b""
    display.show(Output("b", "stdout", b"one\n"))
    assert out.getvalue() == b"a,b: one\n"
    display.show(Finished("b", Outcome("b", "ok")))
    assert out.getvalue() == b"a,b: one\na: two\n"
    display.end(Report(()))
    assert out.getvalue() == b"a,b: one\na: two\na: rest\n"


def test_without_labels() -> None:
    assert shown({"a": b"x\n", "b": b"x\ny\n"}, labels=False) == "x\ny\n"
