"""Verdicts on web names, from what came of asking them."""

from __future__ import annotations

import pytest

from stentor.services.proof.judge import Protocol, judge
from stentor.services.proof.question import Answer, Certificate, Question

GOOD = Certificate("", True, 2000.0, "Caddy Local Authority", False, "self-signed", ("a.test",))
STANDARD = Question("a.test")
STREAM = Question("a.test", "sse", "/events", given=True)
EVENT = Answer(code=200, content="text/event-stream", event=0.1)


def reason(question: Question, *answers: Answer, direct: Answer | None = None) -> str:
    return judge(question, answers, GOOD, direct, now=1000.0).reason


def test_good_answers_are_a_good_verdict_with_what_was_seen() -> None:
    found = judge(STANDARD, [Answer(code=200, seconds=0.3), Answer(code=200, seconds=0.1)], GOOD, now=1000.0)
    assert found.ok and (found.code, found.seconds, found.asked, found.until) == (200, 0.1, 2, 2000.0)
    assert found.notes == ("this machine does not trust its certificate (Caddy Local Authority)",)
    assert found.trusted is False


def test_a_proof_is_said_in_a_line_with_the_day_on_which_its_certificate_ends() -> None:
    found = judge(STANDARD, [Answer(code=200, seconds=0.012)], GOOD._replace(until=1764547199.0), now=1000.0)
    assert (found.said, found.certificate_until) == ("answers 200 in 12 ms", "2025-11-30")
    wrong = judge(STANDARD, [Answer(code=404)])
    assert (wrong.said, wrong.certificate_until) == ("answers 404, not 200", "")


def test_answers_that_alternate_point_at_a_second_process() -> None:
    right, wrong = Answer(code=200), Answer(code=404)
    found = judge(STANDARD, [right, wrong, right], GOOD)
    assert found.reason == "1 of 3 answers are wrong, the others right: answers 404, not 200"
    assert "two processes" in found.hint
    two = judge(STANDARD, [Answer(code=200, certificate=mark) for mark in "aab"], GOOD)
    assert two.reason == "2 certificates are shown in turn"


def test_wrong_answers_are_told_before_certificates_that_alternate() -> None:
    answers = [Answer(code=200, certificate="a"), Answer(code=404, certificate="b")]
    found = judge(STANDARD, answers, GOOD)
    assert found.reason == "1 of 2 answers are wrong, the others right: answers 404, not 200"


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (Certificate("no answer within 5 s"), "its certificate: no answer within 5 s"),
        (GOOD._replace(covers=False), "its certificate is for a.test, not for b.test"),
        (
            GOOD._replace(covers=False, names=("a", "b", "c", "d")),
            "its certificate is for a, b, c, not for b.test",
        ),
        (GOOD._replace(covers=False, names=()), "its certificate is for no name, not for b.test"),
        (GOOD._replace(until=999.0), "its certificate has ended"),
        (GOOD, "its certificate is not trusted: self-signed"),
        (GOOD._replace(trusted=True), ""),
    ],
)
def test_a_certificate_must_cover_the_name_and_be_trusted(certificate: Certificate, expected: str) -> None:
    public = Question("b.test", public=True)
    assert judge(public, [Answer(code=200)], certificate, now=1000.0).reason == expected


def test_a_stream_must_not_come_later_than_from_the_service_itself() -> None:
    assert reason(STREAM, EVENT, direct=EVENT) == ""
    assert "buffered" in reason(STREAM, EVENT._replace(ended=True, event=6.0), direct=EVENT)
    assert reason(STREAM, EVENT._replace(ended=True), direct=EVENT._replace(ended=True)) == ""
    slow = reason(STREAM, EVENT._replace(event=4.0), direct=EVENT)
    assert slow == "its first event comes after 4.0 s, from the service itself after 0.1 s"
    assert "do not come through" in reason(STREAM, EVENT._replace(event=None), direct=EVENT)
    assert reason(STREAM, EVENT._replace(event=None)) == "no event came in time"


def test_without_a_path_a_page_is_no_failure_of_a_stream_or_a_websocket() -> None:
    for kind in ("sse", "websocket"):
        found = judge(Question("a.test", kind), [Answer(code=200, content="text/html")], GOOD)
        assert found.ok and "without 'path'" in found.notes[0]
    socket = Question("a.test", "websocket", "/socket", given=True)
    assert reason(socket, Answer(code=200)) == "does not change to a websocket: answers 200"
    assert reason(socket, Answer(code=101)) == "its websocket does not answer a ping"
    assert reason(socket, Answer(code=101, pong=True)) == ""


def test_the_version_of_http_is_the_services_choice_or_is_said_not_to_be_known() -> None:
    two = Question("a.test", "https_backend", version="2")

    def proved(protocol: Protocol | None, question: Question = two) -> tuple[str, str]:
        found = judge(question, [Answer(code=200)], GOOD, None, protocol, now=1000.0)
        return found.reason, found.notes[0] if found.notes else ""

    assert proved(Protocol("h2"))[0] == ""
    assert proved(Protocol("http/1.1"))[0] == "its service does not choose HTTP/2 where that is offered"
    assert proved(Protocol(failure="connection refused")) == (
        "", "whether its service speaks HTTP/2 is not known: connection refused",
    )  # fmt: skip
    assert proved(None, Question("a.test", version="3"))[1].startswith("its service was not asked by HTTP/3")


def test_a_redirect_must_lead_where_the_file_says() -> None:
    asked = Question("a.test", "redirect", code=0, location="https://b.test/")
    assert reason(asked, Answer(code=302, location="https://b.test/")) == ""
    assert reason(asked, Answer(code=308, location="//b.test/")) == ""
    assert reason(asked, Answer(code=302, location="/")) == "leads to /, not to https://b.test/"
    assert reason(asked, Answer(code=302)) == "leads to nowhere, not to https://b.test/"
    assert reason(asked._replace(code=301), Answer(code=302, location="https://b.test/")) == (
        "answers 302, not 301"
    )


def test_another_code_is_told_with_the_key_that_would_allow_it() -> None:
    found = judge(STANDARD, [Answer(code=302, location="/login")], GOOD)
    assert found.reason == "answers 302 to /login, not 200"
    assert "'code: 302'" in found.hint
    down = judge(STANDARD, [Answer(code=502)], GOOD, Answer("connection refused"))
    assert down.reason == "answers 502, not 200: its service does not answer: connection refused"


def test_a_redirect_to_what_is_no_url_is_wrong() -> None:
    question = Question("a.test", "redirect", code=0, location="https://b.test/")
    said = reason(question, Answer(code=302, location="http://[oops"))
    assert said == "leads to http://[oops, not to https://b.test/"


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
def test_any_redirect_is_one_where_the_file_names_no_code(code: int) -> None:
    asked = Question("a.test", "redirect", code=0, location="https://b.test/")
    assert reason(asked, Answer(code=code, location="https://b.test/")) == ""
    assert reason(asked, Answer(code=300, location="https://b.test/")) == "answers 300, not a redirect"


def test_a_certificate_of_which_nothing_is_known_has_no_end() -> None:
    unknown = judge(STANDARD, [Answer(code=200)], Certificate("no answer", issuer="nobody"))
    assert (unknown.until, unknown.issuer) == (None, "nobody")
    without = judge(STANDARD, [Answer(code=200)])
    assert (without.ok, without.until, without.issuer, without.trusted, without.notes) == (
        True, None, "", False, (),
    )  # fmt: skip


def test_a_trusted_certificate_has_no_note() -> None:
    found = judge(STANDARD, [Answer(code=200)], GOOD._replace(trusted=True), now=1000.0)
    assert (found.ok, found.trusted, found.notes, found.issuer) == (True, True, (), "Caddy Local Authority")


def test_no_answer_is_buffering_only_where_the_service_itself_sent_an_event() -> None:
    silent = Answer("timed out")
    assert reason(STREAM, silent) == "timed out"
    assert reason(STREAM, silent, direct=Answer("refused")) == "timed out"
    late = "its events do not come through the gateway, and the service itself sends the first after"
    assert reason(STREAM, silent, direct=EVENT._replace(event=0.0)) == f"{late} 0.0 s"


def test_a_stream_without_an_event_is_buffered_only_where_the_service_itself_sent_one() -> None:
    silent = EVENT._replace(event=None)
    for direct in (None, silent):
        assert reason(STREAM, silent, direct=direct) == "no event came in time"
    assert reason(STREAM, silent, direct=EVENT).startswith("its events do not come through the gateway")


def test_the_first_event_may_come_two_seconds_later_and_no_more() -> None:
    direct = EVENT._replace(event=1.0)
    assert reason(STREAM, EVENT._replace(event=3.0), direct=direct) == ""
    assert "its first event comes after 3.1 s" in reason(STREAM, EVENT._replace(event=3.1), direct=direct)


def test_a_stream_is_not_compared_with_a_service_that_was_not_asked_or_did_not_answer() -> None:
    for direct in (None, Answer("refused")):
        assert reason(STREAM, EVENT._replace(event=9.0), direct=direct) == ""


def test_a_page_in_place_of_a_stream_is_named() -> None:
    assert (
        reason(STREAM, Answer(code=200, content="text/html"))
        == "answers with text/html, not text/event-stream"
    )
    assert reason(STREAM, Answer(code=200)) == "answers with no content type, not text/event-stream"


def test_a_stream_that_ends_at_once_is_noted_and_a_page_that_ends_is_not() -> None:
    ended = judge(STREAM, [EVENT._replace(ended=True)], GOOD._replace(trusted=True), now=1000.0)
    assert ended.notes[0].startswith("its stream ends with the first events")
    assert judge(STANDARD, [Answer(code=200, ended=True)]).notes == ()


def test_a_websocket_without_a_path_must_answer_once_it_is_one() -> None:
    socket = Question("a.test", "websocket")
    assert reason(socket, Answer(code=101)) == "its websocket does not answer a ping"
    assert judge(socket, [Answer(code=101, pong=True)]).notes == ()


@pytest.mark.parametrize(
    ("version", "direct", "expected"),
    [
        ("2", Answer(code=200), "the gateway cannot ask its service by HTTP/2"),
        ("3", Answer(code=200), "the gateway cannot ask its service by HTTP/3"),
        ("", Answer(code=200), "the gateway cannot ask its service"),
        ("2", None, "the gateway cannot ask its service"),
    ],
)
def test_a_gateway_that_gets_no_answer_is_told_with_the_version(
    version: str, direct: Answer | None, expected: str
) -> None:
    question = Question("a.test", version=version)
    assert reason(question, Answer(code=502), direct=direct) == f"answers 502, not 200: {expected}"
