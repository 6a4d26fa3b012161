"""`doctor` takes as long as the slowest shell: everything that is slow on a node is so at the same time."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

import pytest

from stentor.lab import Lab
from tests.integration.doctor.ward import Stentor, findings, write

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SLEEP = 12  # seconds: longer than a busy machine needs to begin all shells of fifty nodes
# Of every shell by hand, and of login shells: when it began to sleep and when it woke, in the node's memory.
SLOW = f"""
read -r now _ </proc/uptime; echo "begin $now" >>/tmp/passes
sleep {SLEEP}
read -r now _ </proc/uptime; echo "end $now" >>/tmp/passes
"""


def look(stentor: Stentor, lab: Lab) -> tuple[dict[str, dict[str, Any]], float]:
    before = time.monotonic()
    said = stentor("doctor", "--json", "--shell-timeout", "40", fleet=lab, timeout=250)
    seconds = time.monotonic() - before
    lines = map(json.loads, said.stdout.splitlines())
    return {line["node"]: line for line in lines if line["type"] == "doctor"}, seconds


def test_fifty_nodes_in_one_pass(make_lab: Callable[..., Lab], stentor: Stentor) -> None:
    lab = make_lab(nodes=50)
    cold, cold_seconds = look(stentor, lab)
    _, seconds = look(stentor, lab)
    assert (len(cold), {line["kind"] for line in cold.values()}) == (50, {"ok"})
    # A machine that runs other tests beside may have a slow shell, and hear late of a clock; no more.
    assert {key for line in cold.values() for key in findings(line)} <= {"shell-slow", "clock-skew"}
    for alias in lab.nodes:
        profile = lab.home(alias) / ".profile"
        write(profile, profile.read_text() + "case $- in *i*) return ;; esac\n" + SLOW)
        bashrc = lab.home(alias) / ".bashrc"
        write(bashrc, bashrc.read_text() + SLOW)  # which returns before that if it is not interactive
    found, slow_seconds = look(stentor, lab)
    assert [alias for alias, line in found.items() if set(findings(line)) != {"shell-slow"}] == []
    # Three kinds of shell sleep, each once as it is measured and once as it is followed. A pass for those
    # which are followed, or a round for some of the nodes, would begin when others have ended.
    late = []
    for alias in lab.nodes:
        words = [line.split() for line in lab.run(alias, "cat /tmp/passes").stdout.splitlines()]
        begun = [float(at) for word, at in words if word == "begin"]
        first = min(float(at) for word, at in words if word == "end")
        if sum(at < first for at in begun) != 6:
            late.append((alias, words))
    slowest = max(shell["seconds"] for line in found.values() for shell in line["shells"])
    print(
        f"50 nodes cold {cold_seconds:.1f} s, warm {seconds:.1f} s; asleep for {SLEEP} s in each shell: "
        f"{slow_seconds:.1f} s, the slowest shell {slowest:.1f} s; {len(late)} nodes in more than one pass"
    )
    assert late == []
