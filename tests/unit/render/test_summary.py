from __future__ import annotations

import io

import pytest

from stentor.fanout.events import Notice
from stentor.outcome import KINDS, Outcome, Report
from stentor.render.screen import Screen
from stentor.render.summary import OutcomeLines, Summary, duration, hints, kind_words, reason, summary

from .conftest import Clock, Surface

MIXED = Report(
    [
        Outcome("crtr", "ok", code=0),
        Outcome("prtr", "failed", code=3),
        Outcome("drtr", "ok", code=0),
        Outcome("trtr", "failed", code=127),
        Outcome("zrtr", "unreachable", reason="no answer in 5 s"),
    ]
)


def test_worst_first_in_one_line_if_it_fits() -> None:
    assert summary(MIXED, seconds=5.02, width=120) == [
        "2 failed (exit 3: prtr; exit 127: trtr) · 1 unreachable: zrtr (no answer in 5 s) · 2 ok in 5.0 s"
    ]


def test_a_line_for_each_kind_and_reason_otherwise() -> None:
    assert summary(MIXED, seconds=5.02, width=60) == [
        "2 failed       prtr: exit 3",
        "               trtr: exit 127",
        "1 unreachable  zrtr: no answer in 5 s",
        "2 ok · 5.0 s in all",
    ]


def test_colour_changes_nothing_but_colour() -> None:
    import re

    for width in (60, 120):
        plain = summary(MIXED, seconds=1, width=width)
        coloured = summary(MIXED, seconds=1, width=width, colour=True)
        assert coloured != plain
        assert [re.sub("\x1b\\[[0-9;]*m", "", line) for line in coloured] == plain


def test_every_kind_has_words() -> None:
    words = [kind_words(kind) for kind in KINDS]
    assert words[:3] == ["host key changed", "shell broken", "lost in the middle"]
    assert len({*words}) == len(KINDS) and not any("-" in one for one in words)


def test_summary_says_how_the_remote_process_ended() -> None:
    report = Report(
        [Outcome("a", "timed-out", reason="longer than 10 s", remote="ended by TERM", attempts=2)]
    )
    assert summary(report, seconds=12, width=100) == [
        "1 timed out: a (longer than 10 s; remote process ended by TERM; 2 attempts) in 12 s"
    ]


def test_a_thousand_failures_are_a_few_lines() -> None:
    report = Report([Outcome(f"node{n}", "failed", code=n % 100) for n in range(1000)])
    lines = summary(report, seconds=1, width=80)
    assert len(lines) == 8
    assert all(len(line) <= 90 for line in lines)
    assert "other reasons" in lines[-1]


def test_names_fold_in_the_summary() -> None:
    report = Report([Outcome(f"node{n}", "refused", reason="connection refused") for n in range(1, 41)])
    assert summary(report, seconds=1) == ["40 refused: node[1-40] (connection refused) in 1.0 s"]


def test_control_characters_are_escaped_in_the_summary() -> None:
    report = Report([Outcome("a", "shell-broken", reason="said \x1b[2J\r\n", hint="\x07ring")])
    text = "\n".join(summary(report, seconds=1) + hints(report))
    assert "\x1b" not in text
    assert "\x07" not in text
    assert "\r" not in text


def test_each_hint_is_shown_once_the_worst_first() -> None:
    report = Report(
        [
            Outcome("a", "denied", hint="stentor ssh a"),
            Outcome("b", "unreachable", hint="stentor ping"),
            Outcome("c", "unreachable", hint="stentor ping"),
            Outcome("d", "lost", hint="look"),
        ]
    )
    assert hints(report) == ["hint: d: look", "hint: a: stentor ssh a", "hint: b,c: stentor ping"]


def test_many_different_hints_end() -> None:
    report = Report([Outcome(f"n{n}", "denied", hint=f"stentor ssh n{n}") for n in range(9)])
    assert len(hints(report)) == 6
    assert hints(report)[-1] == "hint: 4 more with --json"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.04, "0.0 s"),
        (0.25, "0.2 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.6, "1 min 00 s"),
        (200, "3 min 20 s"),
        (7500, "2 h 05 min"),
    ],
)
def test_duration(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_notices_are_said_at_once_and_the_summary_at_the_end(surface: Surface, clock: Clock) -> None:
    view = Summary(surface, None, clock)
    view.show(Notice("zrtr", "tried again"))
    view.show(Notice("", "window made smaller"))
    assert surface.said == "stentor: zrtr: tried again\nstentor: window made smaller\n"
    clock.now += 2
    view.end(Report([Outcome("a", "ok")]))
    assert surface.said.endswith("\n1 ok in 2.0 s\n")
    assert surface.printed == ""


def test_one_node_alone_that_is_ok_needs_no_words(surface: Surface, clock: Clock) -> None:
    view = Summary(surface, None, clock, alone=True)
    view.end(Report([Outcome("a", "ok")]))
    assert surface.said == ""
    view.end(Report([Outcome("a", "failed", code=3)]))
    assert surface.said == "1 failed: a (exit 3) in 0.0 s\n"


def test_a_change_that_failed_has_its_reason_and_a_command_its_exit_code(
    surface: Surface, clock: Clock
) -> None:
    view = Summary(surface, None, clock)
    view.end(Report([Outcome("a", "failed", 1, "reverted: check failed: zsh -n ~/.zshrc")]))
    assert surface.said.startswith("1 failed: a (reverted: check failed: zsh -n ~/.zshrc) in ")
    assert reason(Outcome("a", "failed", 3, "exit code 3")) == "exit 3"


def test_a_terminal_without_a_middle_dot(clock: Clock) -> None:
    surface = Surface(encoding="ascii")
    Summary(surface, None, clock).end(Report([Outcome("a", "ok"), Outcome("b", "failed", code=1)]))
    assert surface.said == "1 failed: b (exit 1) | 1 ok in 0.0 s\n"


def test_no_nodes() -> None:
    assert summary(Report([]), seconds=0) == ["no nodes"]


def test_what_came_of_each_node_is_a_line() -> None:
    out = io.BytesIO()
    display = OutcomeLines(Screen(out, io.BytesIO()))
    display.end(Report([Outcome("a", "ok", 0), Outcome("b", "failed", reason="no room")]))
    assert out.getvalue().decode() == "a: ok\nb: failed: no room\n"


def test_a_reason_that_is_too_wide_stands_below_itself() -> None:
    report = Report(
        [Outcome("prtr", "cancelled", reason="Ctrl-C; remote process ended by TERM, and it was"), *MIXED][:2]
    )
    assert summary(report, seconds=1.9, width=40) == [
        "1 cancelled  prtr: Ctrl-C; remote\n             process ended by TERM, and\n             it was",
        "1 ok · 1.9 s in all",
    ]
