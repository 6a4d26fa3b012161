"""Ask many web names at the same time, and judge each."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from stentor.fleet.services import Site
from stentor.services.proof.ask import LIMIT, ask, certificate, chosen_protocol, reason_of
from stentor.services.proof.fronts import Front
from stentor.services.proof.judge import Protocol, SiteProof, judge, problem_of
from stentor.services.proof.question import NO_ANSWER, TIMES, Answer, Question, question_of
from stentor.services.proof.resolve import here
from stentor.services.proof.ways import Ways

_AT_ONCE = 8  # connections; a small gateway has to answer its users meanwhile
_SLOW = 1.0  # seconds; a gateway that has waited so long for a service in vain will do so again
_AGAIN = 0.3  # seconds between two tries of a name that does not answer yet
_CERTIFICATE = 60.0  # seconds more for a certificate that the gateway still has to get from an authority
_NO_SITE = "the Caddyfile has no site of this name: stentor services plan"


def prove(
    sites: Sequence[Site],
    ways: Ways,
    fronts: Mapping[str, Front] | None = None,
    *,
    times: int = TIMES,
    limit: float = LIMIT,
    patience: float = 0.0,
    resolve: bool = True,
    stop: Callable[[], bool] = lambda: False,
) -> list[SiteProof]:
    """Ask each web name, and return what is known of each, in their order.

    Args:
        ways: to their gateway.
        fronts: name to where it is served there; all others are asked where most are, or at 443.
        times: how often each is asked, each time by a new connection.
        limit: seconds for one answer.
        patience: seconds in which a name that does not answer well is asked again: a service that has just
            been started, a certificate that is still being made.
        resolve: look up what each name resolves to on this machine.
        stop: asked between two questions; whether to leave it at what is known.
    """
    if not sites:
        return []
    fronts = fronts or {}
    usual = next((front for front in fronts.values() if front.tls), Front())
    note = ways.choose(usual.port)
    end = time.monotonic() + patience
    authorities = ssl.create_default_context()

    def one(site: Site) -> SiteProof:
        front = fronts.get(site.fqdn, usual)
        is_served, more = not fronts or site.fqdn in fronts, 0.0
        while True:
            last = time.monotonic() >= end + more
            proof = _prove(site, ways, front, authorities, times, limit, stop, until_wrong=not last)
            more = _CERTIFICATE if patience and proof.tls_failed and is_served else 0.0
            off = not site.service and proof.code in NO_ANSWER  # a device that is off stays so
            if proof.ok or stop() or last or off:
                break
            time.sleep(_AGAIN)
        if not proof.ok and not is_served:
            proof = proof._replace(hint=_NO_SITE)
        notes = (*proof.notes, *((note,) if note else ()))
        return proof._replace(notes=notes, addresses=here(question_of(site).host) if resolve else None)

    try:
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(one, sites))
    finally:
        ways.close()


def _prove(
    site: Site,
    ways: Ways,
    front: Front,
    authorities: ssl.SSLContext,
    times: int,
    limit: float,
    stop: Callable[[], bool],
    *,
    until_wrong: bool,
) -> SiteProof:
    question = question_of(site)

    def connect() -> socket.socket:
        return ways.front(front.port)

    answers: list[Answer] = []
    for _ in range(max(1, times)):
        answers.append(ask(question, connect, port=front.port, tls=front.tls, limit=limit))
        if answers[-1].failure.startswith(("no answer", "connection refused")) or stop():
            break  # a second one would only take as long
        if answers[-1].code in NO_ANSWER and answers[-1].seconds > _SLOW:
            break
        if until_wrong and problem_of(question, answers[-1]) is not None:
            break  # it is asked again, all times
    shown = None
    if front.tls and not all(answer.failure for answer in answers):
        shown = certificate(question.host, connect, limit=limit, authorities=authorities)
    direct = None
    off = not site.service and answers[-1].code in NO_ANSWER and answers[-1].seconds > _SLOW
    if site.backend and not off and any(_needs_direct(question, answer) for answer in answers):
        direct = _direct(site, question, ways, limit)
    protocol = _protocol(site, ways, limit) if answers[-1].code and not off else None
    return judge(question, answers, shown, direct, protocol, now=time.time())


def _needs_direct(question: Question, answer: Answer) -> bool:
    """Whether the service's own answer says more than the gateway's."""
    if question.kind == "sse" and (answer.content == "text/event-stream" or answer.failure):
        return True
    return answer.code in NO_ANSWER and problem_of(question, answer) is not None


def _direct(site: Site, question: Question, ways: Ways, limit: float) -> Answer:
    """Ask the service itself, from where the gateway asks it."""
    tls, host, port = _backend(site)
    return ask(question, lambda: ways.from_node(host, port), port=port, tls=tls, limit=limit)


def _protocol(site: Site, ways: Ways, limit: float) -> Protocol | None:
    """What the service chooses where HTTP/2 is wanted over TLS: Caddy falls back without a word."""
    tls, host, port = _backend(site)
    if site.http_version != "2" or not tls:
        return None
    try:
        return Protocol(chosen_protocol(host, lambda: ways.from_node(host, port), limit=limit))
    except OSError as error:
        return Protocol(failure=reason_of(error, limit))


def _backend(site: Site) -> tuple[bool, str, int]:
    """Whether TLS is spoken there, host and port."""
    tls = site.backend.startswith("https://")
    host, _, port = site.backend.removeprefix("https://").rpartition(":")
    return tls, host.strip("[]"), int(port or 0)
