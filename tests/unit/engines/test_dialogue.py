"""A command over a master as a dialogue: which events come in, which actions go out, which state is next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.engines import command, dialogue, dialogue_words
from stentor.engines.dialogue import TABLE, Dialogue
from stentor.engines.dialogue_words import Action, State
from stentor.typed import get_args

WORD = "stentor-0123456789abcdef"
MARKER = f"{WORD} 4711\n".encode()
OURS = "/run/ours"
THEIRS = "/run/theirs"


def talk(*paths: str, **more: Any) -> Dialogue:
    """A dialogue with masters at these paths, five seconds for the session."""
    return Dialogue(WORD, paths or (OURS,), OURS, **{"connect_timeout": 5.0, **more})


def opening() -> Dialogue:
    made = talk()
    made.receive("begin")
    return made


def shell() -> Dialogue:
    made = opening()
    made.receive("opened")
    return made


def running() -> Dialogue:
    made = shell()
    made.receive("data", "stderr", MARKER)
    return made


def ending() -> Dialogue:
    made = running()
    made.receive("stop", 2.0)
    return made


def waiting() -> Dialogue:
    made = opening()
    made.receive("refused", "full", True)
    return made


def judging() -> Dialogue:
    made = running()
    made.receive("ended", None)
    return made


def stopping() -> Dialogue:
    made = shell()
    made.receive("stop", 2.0)
    return made


def logging_in() -> Dialogue:
    made = opening()
    made.receive("dead")
    return made


def draining() -> Dialogue:
    made = ending()
    made.receive("group-ended", "ended by TERM")
    return made


def over() -> Dialogue:
    made = running()
    made.receive("ended", 0)
    return made


STATES: dict[State, Callable[[], Dialogue]] = {
    "new": talk,
    "opening": opening,
    "waiting": waiting,
    "logging-in": logging_in,
    "shell": shell,
    "running": running,
    "judging": judging,
    "stopping": stopping,
    "ending": ending,
    "draining": draining,
    "over": over,
}


def test_command_that_runs_to_its_end() -> None:
    made = talk()
    assert made.receive("begin") == [
        ("wait", 5.0, "deadline", 1),
        ("wait", 2.5, "half-time", 1),
        ("open", OURS),
    ]
    assert made.receive("opened") == [("tell-opened",)]
    assert made.receive("data", "stderr", MARKER) == [("tell-started", 4711)]
    assert str(made.state) == "running"
    assert made.receive("data", "stdout", b"hi\n") == [("tell-output", "stdout", b"hi\n")]
    assert made.receive("ended", 0) == [("tell-ended", "ok", 0, "", "")]
    assert str(made.state) == "over"


@pytest.mark.parametrize(
    ("code", "reason"), [(3, "exit code 3"), (143, "exit code 143 (128 + SIGTERM)"), (193, "exit code 193")]
)
def test_exit_code_other_than_zero_is_a_failure(code: int, reason: str) -> None:
    assert running().receive("ended", code) == [("tell-ended", "failed", code, reason, "")]


def test_shell_that_the_marker_names_is_learned() -> None:
    made = shell()
    assert made.receive("data", "stderr", f"{WORD} 7 /bin/fish\n".encode()) == [
        ("learn", "/bin/fish"),
        ("tell-started", 7),
    ]


def test_output_before_the_confirmation_opens_the_session() -> None:
    made = opening()
    assert made.receive("data", "stdout", b"x") == [("tell-opened",), ("tell-output", "stdout", b"x")]
    assert made.receive("opened") == []
    assert made.state == "shell"


def test_shell_that_ends_before_the_marker_is_broken() -> None:
    made = shell()
    made.receive("data", "stderr", b"bye\n")
    [(verb, kind, code, reason, hint)] = made.receive("ended", 5)
    assert (verb, kind, code) == ("tell-ended", "shell-broken", 5)
    assert reason == "the login shell ended with code 5 before it came to the command"
    assert "its shell" in hint


def test_syntax_error_before_the_marker_is_the_commands_own_failure() -> None:
    made = shell()
    made.receive("data", "stderr", b"bash: -c: line 1: syntax error near `)'\n")
    assert made.receive("ended", 2) == [("tell-ended", "failed", 2, "exit code 2", "")]


@pytest.mark.parametrize(
    ("made", "lives", "kind"),
    [(running, True, "signalled"), (running, False, "lost"), (shell, True, "shell-broken")],
)
def test_end_without_a_code_is_judged_by_the_master(
    made: Callable[[], Dialogue], lives: bool, kind: str
) -> None:
    ended = made()
    assert ended.receive("ended", None) == [("wait", dialogue.LOOK_AT_MASTER, "check-master")]
    assert ended.receive("check-master") == [("ask-master", OURS)]
    [(verb, found, *_)] = ended.receive("master-answers", lives)
    assert (verb, found) == ("tell-ended", kind)


def test_dead_master_of_ours_is_removed_and_the_node_logged_in_to() -> None:
    made = talk(THEIRS, OURS)
    assert made.receive("begin")[-1] == ("open", THEIRS)
    assert made.receive("dead") == [("open", OURS)], "the user's own socket is left alone"
    assert made.receive("dead") == [("unlink", OURS), ("log-in",)]
    assert made.receive("logged-in") == [
        ("wait", 25.0, "deadline", 2),
        ("wait", 12.5, "half-time", 2),
        ("open", OURS),
    ]
    unlinked, ended = made.receive("dead")
    assert unlinked == ("unlink", OURS)
    assert ended[:4] == ("tell-ended", "lost", None, "no session on a connection that has just been made")
    assert "journalctl -u ssh" in ended[4], "nothing on this machine says why"


def test_node_without_a_master_is_logged_in_to_at_once() -> None:
    made = Dialogue(WORD, (), OURS, connect_timeout=5.0)
    assert made.receive("begin") == [("log-in",)]
    assert made.receive("login-failed", "denied", "no", "look") == [
        ("tell-ended", "denied", None, "no", "look")
    ]


def test_refused_session_is_asked_for_again_for_half_a_minute() -> None:
    made = opening()
    assert made.receive("refused", "full", True) == [
        ("wait", dialogue.OPEN_AGAIN, "open-again"),
        ("wait", dialogue.REFUSED_FOR, "still-refused", 1),
    ]
    for _ in range(3):
        assert made.receive("open-again") == [("open", OURS)]
        assert made.receive("refused", "full", True) == [("wait", dialogue.OPEN_AGAIN, "open-again")]
    assert made.receive("deadline", 1) == []
    assert made.receive("still-refused", 1) == [
        ("close",),
        ("tell-ended", "lost", None, "no session on the open connection: full", ""),
    ]


def test_master_that_refuses_and_whose_socket_is_gone_is_replaced() -> None:
    made = opening()
    made.receive("refused", "closing", False)
    assert made.receive("open-again") == [("log-in",)]


def test_deadline_of_our_silent_master_ends_it() -> None:
    made = opening()
    assert made.receive("half-time", 1) == [("probe",)]
    assert made.receive("reachable", False) == []
    reason = "no answer in 5 s over a connection that was open already"
    assert made.receive("deadline", 1) == [
        ("close",),
        ("stop-master", OURS),
        ("tell-ended", "unreachable", None, reason, ""),
    ]


def test_node_that_answers_past_its_silent_master_is_logged_in_to() -> None:
    made = opening()
    made.receive("reachable", True)
    assert made.receive("deadline", 1) == [("close",), ("stop-master", OURS), ("log-in",)]


def test_node_behind_a_jump_host_is_not_probed() -> None:
    made = talk(direct=False)
    made.receive("begin")
    assert made.receive("half-time", 1) == []
    assert made.receive("deadline", 1)[-1] == ("log-in",)


def test_silent_master_of_the_users_own_is_left_alone() -> None:
    made = talk(THEIRS, OURS)
    made.receive("begin")
    [close, (verb, kind, _, reason, _)] = made.receive("deadline", 1)
    assert (close, verb, kind) == (("close",), "tell-ended", "unreachable")
    assert "the command may begin" in reason


def test_timers_of_an_earlier_round_are_ignored() -> None:
    made = logging_in()
    made.receive("logged-in")
    assert [made.receive("deadline", 1), made.receive("half-time", 1), made.receive("still-refused", 1)] == [
        []
    ] * 3
    assert made.receive("half-time", 2) == [("probe",)]


@pytest.mark.parametrize("state", ["new", "waiting", "logging-in"])
def test_stop_without_a_session_has_nothing_to_end(state: State) -> None:
    made = STATES[state]()
    assert made.receive("stop", 2.0) == [("close",), ("tell-stopped", "")]


def test_stop_ends_the_process_group_and_waits_for_its_last_output() -> None:
    made = running()
    assert made.receive("stop", 3.0) == [("end-group", OURS, 4711, 3.0)]
    assert made.receive("data", "stdout", b"last") == [("tell-output", "stdout", b"last")]
    assert made.receive("group-ended", "ended by TERM") == [("wait", dialogue.LAST_OUTPUT, "drained")]
    assert made.receive("data", "stdout", b" words") == [("tell-output", "stdout", b" words")]
    assert made.receive("ended", None) == [("close",), ("tell-stopped", "ended by TERM")]


def test_stop_of_a_command_whose_output_stays_open_does_not_wait_for_ever() -> None:
    assert draining().receive("drained") == [("close",), ("tell-stopped", "ended by TERM")]


def test_stop_before_the_marker_waits_for_it() -> None:
    made = shell()
    assert made.receive("stop", 1.0) == [("wait", 1.0, "no-marker")]
    assert made.receive("data", "stderr", MARKER) == [
        ("tell-started", 4711),
        ("end-group", OURS, 4711, 1.0),
    ]


@pytest.mark.parametrize(
    ("made", "word"),
    [
        (shell, "may still run: its login shell had not come to the command"),
        (opening, "may begin yet: the node had not answered"),
    ],
)
def test_stop_gives_up_on_a_marker_that_does_not_come(made: Callable[[], Dialogue], word: str) -> None:
    stopped = made()
    assert stopped.receive("stop", 9.0) == [("wait", dialogue.MARKER_COMES, "no-marker")]
    assert stopped.receive("no-marker") == [("close",), ("tell-stopped", word)]


def test_stop_of_a_session_that_is_refused_then_has_nothing_to_end() -> None:
    made = opening()
    made.receive("stop", 2.0)
    assert made.receive("refused", "full", True) == [("close",), ("tell-stopped", "")]


@pytest.mark.parametrize(
    ("lives", "word"), [(True, "had ended already"), (False, "may still run: the connection was lost")]
)
def test_stop_while_the_end_is_judged_tells_what_is_known(lives: bool, word: str) -> None:
    made = judging()
    assert made.receive("stop", 2.0) == []
    assert made.receive("master-answers", lives) == [("close",), ("tell-stopped", word)]


# Whatever the state, the session can end in each of these ways, and the command must come to its end.
ENDS = [("ended", (0,)), ("ended", (None,)), ("dead", ()), ("refused", ("gone", False))]


@pytest.mark.parametrize("state", ["shell", "running", "stopping", "ending", "draining"])
@pytest.mark.parametrize("end", ENDS)
def test_end_of_an_open_session_always_leads_to_a_last_word(state: State, end: tuple[Any, Any]) -> None:
    made = STATES[state]()
    said = made.receive(end[0], *end[1])
    if state == "ending":
        said += made.receive("group-ended", "had ended already")
    if made.state == "judging":
        said += made.receive("master-answers", True)
    assert str(made.state) == "over"
    assert sum(verb in ("tell-ended", "tell-stopped") for verb, *_ in said) == 1


@pytest.mark.parametrize("state", get_args(State))
def test_helpers_of_this_file_reach_their_state(state: State) -> None:
    assert STATES[state]().state == state


def test_table_names_events_and_the_driver_carries_out_every_verb() -> None:
    assert set(TABLE) == set(get_args(State))
    assert {event for row in TABLE.values() for event in row} == set(get_args(dialogue_words.Event))
    assert set(command._DO) == set(get_args(dialogue_words.Verb))


def test_nothing_goes_out_after_the_end() -> None:
    for event, arguments in [*ENDS, ("data", ("stdout", b"x")), ("deadline", (1,)), ("stop", (1.0,))]:
        assert over().receive(event, *arguments) == []  # type: ignore[arg-type]


def spoken(stream: bytes, sizes: list[int], code: int | None) -> list[Action]:
    """The actions of a session whose stderr comes in pieces of these sizes; output of one stream joined."""
    made = shell()
    actions: list[Action] = []
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        actions += made.receive("data", "stderr", stream[at : at + size])
        at, turn = at + size, turn + 1
    actions += made.receive("ended", code)
    output = b"".join(data for verb, *rest in actions if verb == "tell-output" for data in rest[1:])
    return [("output", output), *(action for action in actions if action[0] != "tell-output")]


@given(
    st.binary(max_size=60),
    st.one_of(st.just(b""), st.just(MARKER), st.just(f"{WORD} 12 /bin/zsh\n".encode())),
    st.binary(max_size=60),
    st.lists(st.integers(1, 9), min_size=1, max_size=20),
    st.sampled_from([0, 3, 130, None]),
)
def test_every_split_of_the_bytes_gives_the_same_actions(
    before: bytes, marker: bytes, after: bytes, sizes: list[int], code: int | None
) -> None:
    stream = before + marker + after
    assert spoken(stream, sizes, code) == spoken(stream, [len(stream) or 1], code)


@given(st.lists(st.tuples(st.sampled_from(get_args(dialogue_words.Event)), st.integers(0, 9)), max_size=25))
def test_every_order_of_events_ends_at_most_once(events: list[tuple[Any, int]]) -> None:
    def nothing(_: int) -> tuple[()]:
        return ()

    arguments: dict[str, Callable[[int], tuple[Any, ...]]] = {
        "data": lambda n: ("stderr" if n % 2 else "stdout", MARKER[: n * 5]),
        "ended": lambda n: (None if n % 2 else n,),
        "refused": lambda n: ("full", bool(n % 2)),
        "login-failed": lambda _: ("denied", "", ""),
        "reachable": lambda n: (bool(n % 2),),
        "master-answers": lambda n: (bool(n % 2),),
        "stop": lambda n: (float(n),),
        "group-ended": lambda _: ("ended by TERM",),
        "deadline": lambda n: (n % 3,),
        "half-time": lambda n: (n % 3,),
        "still-refused": lambda n: (n % 3,),
    }
    made = talk(THEIRS, OURS)
    said: list[Action] = []
    for event, number in events:
        said += made.receive(event, *arguments.get(event, nothing)(number))
    last = [action for action in said if action[0] in ("tell-ended", "tell-stopped")]
    assert len(last) == (made.state == "over")
    assert sum(action[0] == "tell-opened" for action in said) <= 1
    assert sum(action[0] == "tell-started" for action in said) <= 1
    assert sum(action[0] == "log-in" for action in said) <= 1


# ---- limits and words ----


def test_limits_are_these() -> None:
    limits = (dialogue.OPEN_AGAIN, dialogue.REFUSED_FOR, dialogue.LOOK_AT_MASTER, dialogue.LAST_OUTPUT)
    assert limits == (0.1, 30.0, 0.02, 0.5)
    assert (dialogue.AFTER_LOGIN, dialogue.MARKER_COMES) == (20.0, 2.0)


def test_what_looked_like_the_marker_is_output_at_the_end() -> None:
    made = shell()
    made.receive("data", "stderr", WORD.encode())
    actions = made.receive("ended", 1)
    assert actions[0] == ("tell-output", "stderr", WORD.encode())


@pytest.mark.parametrize("end", [("dead",), ("refused", "full", True)])
def test_connection_that_is_lost_while_the_command_runs(end: tuple[Any, ...]) -> None:
    for made in (shell(), running()):
        reason = "the connection was lost while the command ran"
        assert made.receive(*end) == [("tell-ended", "lost", None, reason, "")]
        assert made.state == "over"


def test_marker_that_comes_after_a_stop_ends_the_process_group() -> None:
    made = stopping()
    assert made.receive("data", "stderr", MARKER)[-1] == ("end-group", OURS, 4711, 2.0)
    assert made.state == "ending"
    assert made.receive("data", "stdout", b"last") == [("tell-output", "stdout", b"last")]


@pytest.mark.parametrize(("length", "kind"), [(500, "failed"), (501, "shell-broken")])
def test_only_the_end_of_what_a_shell_says_is_searched_for_a_syntax_error(length: int, kind: str) -> None:
    made = shell()
    made.receive("data", "stderr", b"syntax error".ljust(length, b"x"))
    ((_, found, *_),) = made.receive("ended", 2)
    assert found == kind
