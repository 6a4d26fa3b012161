"""Whether a web name answers as the fleet file says: decided from what came of asking it several times."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urljoin

from stentor.services.proof.question import NO_ANSWER, Answer, Certificate, Question
from stentor.typed import NamedTuple

_REDIRECTS = (301, 302, 303, 307, 308)
_DELAY = 2.0  # seconds by which an event may come later through the gateway than from the service itself
_VERSION = "'http_version' is what the service speaks with the gateway; without it both agree on one"
_BUFFERED = "something buffers between: response_buffers, encode, another proxy"


class SiteProof(NamedTuple):
    """What is known of a web name after it was asked."""

    fqdn: str  # the name
    ok: bool  # it answers as the file says
    reason: str = ""  # why it does not
    hint: str = ""  # what to do next; or empty
    code: int | None = None  # the status code of the last answer; None without one
    seconds: float = 0.0  # until the answer; the fastest where it was asked several times
    kind: str = "standard"  # as in the file
    notes: tuple[str, ...] = ()  # what a person should know although it is no failure
    asked: int = 0  # how often it was asked
    # When its certificate ends, in seconds since 1970; None where nothing is known of it.
    until: float | None = None
    issuer: str = ""  # who signed the certificate
    trusted: bool = False  # whether this machine trusts it
    # What the name resolves to on this machine; None where that was not tried.
    addresses: tuple[str, ...] | None = None
    place: str = ""  # where the name stands, ``file:line:column``
    tls_failed: bool = False  # the gateway has no certificate for it (yet)

    @property
    def said(self) -> str:
        """One line: its answer, or what is wrong with it."""
        return f"answers {self.code} in {self.seconds * 1000:.0f} ms" if self.ok else self.reason

    @property
    def certificate_until(self) -> str:
        """The day on which its certificate ends, in UTC; empty where nothing is known of it."""
        return f"{datetime.fromtimestamp(self.until, UTC):%Y-%m-%d}" if self.until else ""


class Problem(NamedTuple):
    """Why an answer is not what the file says, and what to do next."""

    reason: str
    hint: str = ""


class Protocol(NamedTuple):
    """Which protocol a service chose by ALPN, or why that is not known."""

    chosen: str = ""
    failure: str = ""


def judge(
    question: Question,
    answers: Sequence[Answer],
    certificate: Certificate | None = None,
    direct: Answer | None = None,
    protocol: Protocol | None = None,
    *,
    now: float = 0.0,
) -> SiteProof:
    """Judge a web name.

    Args:
        answers: through the gateway, one at the least.
        certificate: that was shown; None where TLS is not spoken.
        direct: the service's own answer to the same, without the gateway; None where it was not asked.
        protocol: which one the service chose; None where the file does not say that it must be HTTP/2.
        now: seconds since 1970.
    """
    problems = [problem_of(question, answer, direct) for answer in answers]
    bad = [problem for problem in problems if problem]
    found = bad[0] if bad else None
    if bad and len(bad) < len(answers):
        found = Problem(
            f"{len(bad)} of {len(answers)} answers are wrong, the others right: {bad[0].reason}",
            "do two processes share the port, an older one among them? On the gateway: ss -ltnp",
        )
    shown = {answer.certificate for answer in answers if answer.certificate}
    if not found and len(shown) > 1:
        found = Problem(
            f"{len(shown)} certificates are shown in turn",
            "do two processes share the port? On the gateway: ss -ltnp",
        )
    if not found and certificate is not None:
        found = _of_certificate(question, certificate, now)
    if not found and protocol and protocol.chosen not in ("", "h2"):
        found = Problem("its service does not choose HTTP/2 where that is offered", _VERSION)
    last = answers[-1]
    times = [answer.seconds for answer in answers if answer.code]
    return SiteProof(
        question.name,
        found is None,
        found.reason if found else "",
        found.hint if found else "",
        last.code or None,
        min(times, default=0.0),
        question.kind,
        () if found else tuple(_notes(question, last, certificate, protocol)),
        len(answers),
        certificate.until if certificate and not certificate.failure else None,
        certificate.issuer if certificate else "",
        bool(certificate and certificate.trusted),
        place=question.place,
        tls_failed=last.tls_failed,
    )


def problem_of(question: Question, answer: Answer, direct: Answer | None = None) -> Problem | None:
    """Return why an answer is not what the file says; None where it is."""
    if answer.failure and direct is not None and direct.event is not None:
        return _buffered(direct)
    if answer.failure:
        return Problem(answer.failure, "see what the gateway says: journalctl -u caddy -n 20")
    if question.kind == "redirect":
        return _of_redirect(question, answer)
    if question.kind == "websocket" and (answer.code == 101 or question.given):
        return _of_websocket(answer)
    if answer.code != question.code:
        return _of_code(question, answer, direct)
    if question.kind == "sse":
        return _of_stream(question, answer, direct)
    return None


def _of_code(question: Question, answer: Answer, direct: Answer | None) -> Problem:
    leads = f" to {answer.location}" if answer.location else ""
    reason = f"answers {answer.code}{leads}, not {question.code}"
    if answer.code in NO_ANSWER and direct is not None and direct.failure:
        return Problem(f"{reason}: its service does not answer: {direct.failure}", "is the service running?")
    if answer.code in NO_ANSWER and question.version in ("2", "3") and direct is not None:
        said = f"{reason}: the gateway cannot ask its service by HTTP/{question.version}"
        return Problem(said, _VERSION)
    if answer.code in NO_ANSWER:
        hint = "is the service running, and does it speak https where the file says so?"
        return Problem(f"{reason}: the gateway cannot ask its service", hint)
    hint = f"if {answer.code} is right, write 'code: {answer.code}'; 'path:' asks for something else"
    return Problem(reason, hint)


def _of_redirect(question: Question, answer: Answer) -> Problem | None:
    right = answer.code == question.code if question.code else answer.code in _REDIRECTS
    if not right:
        wanted = question.code or "a redirect"
        return Problem(f"answers {answer.code}, not {wanted}", "does another site have this name?")
    try:
        leads = urljoin(f"https://{question.host}{question.path}", answer.location)
    except ValueError:  # it is no URL
        leads = ""
    if leads != question.location:
        return Problem(f"leads to {answer.location or 'nowhere'}, not to {question.location}")
    return None


def _of_websocket(answer: Answer) -> Problem | None:
    if answer.code != 101:
        hint = "is 'path' where its websocket is?"
        return Problem(f"does not change to a websocket: answers {answer.code}", hint)
    if not answer.pong:
        return Problem("its websocket does not answer a ping", "does it work without the gateway?")
    return None


def _of_stream(question: Question, answer: Answer, direct: Answer | None) -> Problem | None:
    if answer.content != "text/event-stream":
        if not question.given:
            return None  # what is at / need not be the stream; a note says that it was not proved
        return Problem(f"answers with {answer.content or 'no content type'}, not text/event-stream")
    if answer.event is None:
        if direct is not None and direct.event is not None:
            return _buffered(direct)
        return Problem("no event came in time", "'path' names where an event comes at once; is it buffered?")
    if direct is not None and direct.event is not None and not direct.ended:
        if answer.ended:
            return Problem("its events come only when the stream ends: they are buffered", _BUFFERED)
        if answer.event > direct.event + _DELAY:
            slow = f"its first event comes after {answer.event:.1f} s, from the service itself after "
            return Problem(f"{slow}{direct.event:.1f} s", _BUFFERED)
    return None


def _buffered(direct: Answer) -> Problem:
    late = "its events do not come through the gateway, and the service itself sends the first after"
    return Problem(f"{late} {direct.event or 0:.1f} s", _BUFFERED)


def _of_certificate(question: Question, certificate: Certificate, now: float) -> Problem | None:
    if certificate.failure:
        return Problem(f"its certificate: {certificate.failure}")
    if not certificate.covers:
        names = ", ".join(certificate.names[:3]) or "no name"
        hint = "has the gateway a certificate for it? journalctl -u caddy | grep -i obtain"
        return Problem(f"its certificate is for {names}, not for {question.host}", hint)
    if certificate.until < now:
        return Problem(
            "its certificate has ended", "why was it not renewed? journalctl -u caddy | grep -i renew"
        )
    if question.public and not certificate.trusted:
        return Problem(
            f"its certificate is not trusted: {certificate.distrust}",
            "has the gateway got one from a public authority? journalctl -u caddy | grep -i obtain",
        )
    return None


def _notes(
    question: Question, answer: Answer, certificate: Certificate | None, protocol: Protocol | None
) -> list[str]:
    found = []
    if question.version == "3":
        found.append("its service was not asked by HTTP/3, which stentor does not speak (nor does Caddy 2.6)")
    if protocol and protocol.failure:
        found.append(f"whether its service speaks HTTP/2 is not known: {protocol.failure}")
    if question.kind == "sse" and answer.event is None:
        found.append("no event stream at /: its events are not proved without 'path'")
    elif question.kind == "sse" and answer.ended:
        found.append("its stream ends with the first events: whether they are buffered cannot be told")
    if question.kind == "websocket" and answer.code != 101:
        found.append("no websocket at /: it is not proved without 'path'")
    if certificate is not None and certificate.covers and not certificate.trusted:
        found.append(f"this machine does not trust its certificate ({certificate.issuer})")
    return found
