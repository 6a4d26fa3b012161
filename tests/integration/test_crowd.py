"""Many hosts at once: nothing is lost, nobody is asked twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.crowd import Crowd, addresses

pytestmark = pytest.mark.integration

COUNT = 150


def test_every_host_answers_once(make_crowd: Callable[[int], Crowd], stentor: Callable[..., Any]) -> None:
    crowd = make_crowd(COUNT)
    said = stentor(
        "run", "--json", "--connect-timeout", "60", "@all", "echo $SSH_CONNECTION", fleet=crowd, timeout=110
    )
    assert said.code == 0, said.stderr
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    finished = [line["node"] for line in lines if line["type"] == "finished"]
    assert sorted(finished) == [f"node{number:03d}" for number in range(1, COUNT + 1)]
    reached = [line["text"].split()[2] for line in lines if line["type"] == "output"]
    assert sorted(reached) == sorted(addresses(COUNT))
