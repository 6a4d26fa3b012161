"""Copy and fetch as changes."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from stentor.engines.reach import Reach
from stentor.fanout.events import Finished
from stentor.fleet.model import Fleet, Node
from stentor.testing import FakeNodes, Reply
from stentor.transfer.change import FetchChange


def archive(name: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as made:
        made.addfile(tarfile.TarInfo(name), io.BytesIO())
    return buffer.getvalue()


def test_the_time_of_a_fetch_is_that_of_all_its_paths(tmp_path: Path) -> None:
    sent = iter([archive("one"), archive("two")])

    def answer(_: str, command: str) -> Reply:
        return Reply(next(sent), seconds=0.05) if command else Reply()

    reach = Reach(Fleet("/fleet", {"a": Node("a", "")}, {}), {}, engine=FakeNodes(answer))
    change = FetchChange(["/one", "/two"], str(tmp_path), title="fetch")
    (outcome,) = [event.outcome for event in change.apply(["a"], reach) if isinstance(event, Finished)]
    assert outcome.ok, outcome
    assert outcome.seconds >= 0.1
