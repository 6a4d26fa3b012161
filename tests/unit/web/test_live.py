"""What open pages are told, and what is told to nobody."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest
from starlette.requests import Request
from starlette.responses import StreamingResponse

from stentor.errors import StentorError
from stentor.web import watch as watching
from stentor.web.access import Call, Form
from stentor.web.app import make_app
from stentor.web.background import log
from stentor.web.caller import Caller
from stentor.web.hub import Hub, Rendered
from stentor.web.live import _events, _patches
from stentor.web.service import Service
from stentor.web.watch import Watch


def call_of(service: Service, topic: str) -> Call:
    """A request for the events of a topic."""
    request = Request({"type": "http", "method": "GET", "path": "/events", "headers": []})
    query = Form((("topic", topic),))
    return Call(service, Caller("127.0.0.1"), {}, query, Form(), b"", request)


def test_an_answer_that_never_begins_leaves_nothing_open(service: Service) -> None:
    make_app(service, working=False)
    answer = asyncio.run(_events(call_of(service, "operations")))
    assert isinstance(answer, StreamingResponse)
    assert service.hub.pages == 0


def test_a_node_that_has_left_the_fleet_ends_no_stream(service: Service) -> None:
    make_app(service, working=False)
    assert _patches(service, "node/crtr")
    assert _patches(service, "node/gone") == {}


def test_what_is_known_of_a_topic_is_never_older_than_its_last_change() -> None:
    hub, made = Hub(), iter(range(100))
    rendered = Rendered(hub)
    rendered.add("a", lambda _: {"a": str(next(made))})
    hub.changed("a")
    assert rendered.patches("a") == rendered.patches("a") == {"a": "0"}
    for number in range(1001):  # so many topics that they are forgotten
        hub.changed(f"operation/{number}")
    hub.changed("a")
    assert rendered.patches("a") == {"a": "1"}


def test_an_error_of_ours_does_not_end_the_status_of_nodes(
    service: Service, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    rounds: list[float] = []
    came = threading.Event()

    def fail(_: Watch) -> None:
        rounds.append(time.monotonic())
        came.set()
        raise (KeyError("an error of ours") if len(rounds) < 2 else StentorError("no more"))

    monkeypatch.setattr(Watch, "_round", fail)
    watch = watching.Watch(service.fleets, Hub())
    watch.start()
    try:
        for _ in range(3):
            watch.look()
            assert came.wait(20)
            came.clear()
    finally:
        watch.stop()
    log = capsys.readouterr().err
    assert "KeyError: 'an error of ours'" in log
    assert log.count("stentor: nodes are not asked for their status: no more") == 1


def test_what_a_node_says_moves_no_cursor_in_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    log("webhook dotfiles: failed: drtr: \x1b[2Jgone\nnext")
    assert capsys.readouterr().err == "stentor: webhook dotfiles: failed: drtr: \\x1b[2Jgone\nstentor: next\n"
