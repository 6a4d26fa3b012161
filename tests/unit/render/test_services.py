"""Services for people."""

from __future__ import annotations

import io

import pytest

from stentor.fleet.service import Service
from stentor.outcome import Outcome
from stentor.render import services as view
from stentor.render.screen import Screen
from stentor.rollout.change import Preview
from stentor.services.proof.judge import SiteProof
from stentor.services.status import Listener, NodeServices, ServiceStatus

CADDY = Listener(443, "*", 7, "caddy.service")
FOUND = {
    "crtr": NodeServices(
        Outcome("crtr", "ok", 0),
        (
            ServiceStatus(
                "crtr", "caddy", "systemd", "running", "active (running)", True, 900.0, ports=(CADDY,)
            ),
            ServiceStatus(
                "crtr", "chat", "container", "running", "exited", problems=("container chat is exited",)
            ),
            ServiceStatus("crtr", "free", "", "running", "not managed: it has no type"),
        ),
        (CADDY, Listener(22, "*", 3, "ssh.service")),
        "20260101T000000-abc",
    ),
    "drtr": NodeServices(Outcome("drtr", "unreachable", reason="no answer in 5 s")),
}


def shown(colour: bool) -> tuple[Screen, io.BytesIO]:
    out = io.BytesIO()
    screen = Screen(out, io.BytesIO())
    screen.colour_out = colour
    return screen, out


@pytest.mark.parametrize("colour", [False, True])
def test_the_table_shows_what_is_and_below_it_what_is_wrong(colour: bool) -> None:
    text = "\n".join(view.status_lines(FOUND, 1000.0, None, colour=colour))
    assert "crtr: chat: container chat is exited" in text
    assert "drtr: no answer in 5 s" in text
    assert "crtr: the change 20260101T000000-abc is not decided yet" in text
    assert ("\x1b[" in text) is colour
    if not colour:
        assert text.splitlines()[:3] == [
            "SERVICE  NODE  STATE                        SINCE       PORTS",
            "caddy    crtr  active (running)             1 min 40 s  443",
            "chat     crtr  exited",
        ]


@pytest.mark.parametrize("colour", [False, True])
def test_a_plan_is_shown_with_differences(colour: bool) -> None:
    screen, out = shown(colour)
    previews = [
        Preview(
            "crtr", ("web: replace /etc/web",), ("--- /etc/web", "+++ /etc/web", "@@ -1 +1 @@", "-a", "+b")
        ),
        Preview("drtr"),
        Preview("prtr", unknown="no answer"),
        Preview("trtr", blocker="web: no systemd\napp: no docker"),
    ]
    view.show_plan(screen, previews)
    text = out.getvalue().decode()
    assert ("\x1b[" in text) is colour
    if not colour:
        assert text.splitlines() == [
            "crtr: 1 change", "  web: replace /etc/web", "    --- /etc/web", "    +++ /etc/web",
            "    @@ -1 +1 @@", "    -a", "    +b", "drtr: up to date", "prtr: no answer",
            "trtr: web: no systemd", "trtr: app: no docker",
        ]  # fmt: skip


def test_ports_are_compared_with_the_file() -> None:
    caddy = Service("caddy", "systemd", ("crtr",), ports=(80, 443), bind="127.0.0.1")
    rows = view.port_rows(FOUND, [caddy])
    assert [(row.port, row.owner, row.service, row.problem) for row in rows] == [
        (22, "ssh.service", "", ""),
        (443, "caddy.service", "caddy", "open to all; the file binds it to 127.0.0.1"),
        (80, "", "caddy", "nothing listens"),
    ]
    assert [row.port for row in view.port_rows(FOUND, [caddy], ["caddy"])] == [443, 80]
    for bind, problem in (("::1", "open to all; the file binds it to ::1"), ("::1234", "")):
        assert view.port_rows(FOUND, [caddy._replace(bind=bind)])[1].problem == problem
    screen, out = shown(False)
    view.show_ports(screen, FOUND, rows)
    assert "drtr: no answer in 5 s" in out.getvalue().decode()


def test_records_carry_what_the_table_shows() -> None:
    node, caddy, *_ = view.records(FOUND)
    assert (node.node, node.pending) == ("crtr", "20260101T000000-abc")  # type: ignore[attr-defined]
    assert (caddy.service, caddy.manager, caddy.good) == ("caddy", "systemd", True)  # type: ignore[attr-defined]


def test_a_watch_names_what_differs_from_the_round_before() -> None:
    site = SiteProof("a.lan", ok=False, reason="no answer")
    rounds = iter([(FOUND, [site]), ({"crtr": FOUND["crtr"]}, [site._replace(ok=True)]), ({}, [])])
    screen, _ = shown(False)
    watched = view.StatusRounds("stentor services status", lambda: next(rounds), lambda: 1000.0, screen)
    watched.round()
    assert watched.summary() == "1 of 3 services as expected"
    assert not watched.good
    assert [line.partition(": ")[0] for line in watched.changes()] == [
        "crtr",
        "crtr",
        "crtr",
        "drtr",
        "a.lan",
    ]
    watched.round()
    assert watched.changes() == ["a.lan: answers", "drtr: no longer listed"]
    watched.round()
    assert watched.picture(80) == []
    assert watched.good
