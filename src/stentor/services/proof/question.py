"""What is asked of a web name, and what came of asking it once: plain values."""

from __future__ import annotations

from stentor.fleet.services import Site
from stentor.typed import NamedTuple
from stentor.webnames.caddyfile import is_private

TIMES = 10
"""How often a name is asked after a change. The kernel gives each new connection to one of the processes that
share a port, so two of them go unseen once in 512 proofs."""

NO_ANSWER = (502, 503, 504)
"""The status codes by which a gateway says that it got no answer from the service."""

_WILDCARD = "stentor-proof"  # in the place of the star of a wildcard


class Question(NamedTuple):
    """What is asked of a web name.

    Attributes:
        name: as in the fleet file.
        kind: as in the fleet file: ``standard``, ``https_backend``, ``websocket``, ``sse`` or ``redirect``.
        path: what is asked for.
        code: the status code that is expected; 0 for any of a redirect.
        location: where a redirect must lead; empty for any other.
        public: the certificate must be one that this machine trusts; others need only cover the name.
        given: the file says which path has the events or the websocket, so that nothing else will do.
        version: of HTTP between the gateway and the service; empty where the file says none.
        place: where the name stands, ``file:line:column``.
    """

    name: str
    kind: str = "standard"
    path: str = "/"
    code: int = 200
    location: str = ""
    public: bool = False
    given: bool = False
    version: str = ""
    place: str = ""

    @property
    def host(self) -> str:
        """The name that is asked for: of a wildcard one of those it covers."""
        return f"{_WILDCARD}{self.name[1:]}" if self.name.startswith("*.") else self.name


class Answer(NamedTuple):
    """What came of asking once.

    Attributes:
        failure: why there is no answer; empty where there is one.
        code: the status code; 0 without an answer.
        seconds: until the answer's head had come.
        location: the header of that name.
        content: the content type, without parameters.
        event: seconds until the first event of a stream had come; None where none came in time.
        ended: the stream had ended when its first event came: it was not passed on as it was made.
        pong: a websocket answered a ping.
        certificate: the fingerprint (SHA-256) of the certificate that was shown.
        tls_failed: the server spoke, and ended the handshake: it may have no certificate yet.
    """

    failure: str = ""
    code: int = 0
    seconds: float = 0.0
    location: str = ""
    content: str = ""
    event: float | None = None
    ended: bool = False
    pong: bool = False
    certificate: str = ""
    tls_failed: bool = False


class Certificate(NamedTuple):
    """The certificate that is shown for a name.

    Attributes:
        failure: why nothing can be said of it.
        covers: whether it is for that name.
        until: when it ends, in seconds since 1970.
        issuer: who signed it, in a few words.
        trusted: whether this machine trusts it.
        distrust: why it does not.
        names: for which names it is.
    """

    failure: str = ""
    covers: bool = False
    until: float = 0.0
    issuer: str = ""
    trusted: bool = False
    distrust: str = ""
    names: tuple[str, ...] = ()


def question_of(site: Site) -> Question:
    """Return what is asked of a web name of the fleet."""
    path, public = site.path, not is_private(site.fqdn)
    if site.kind != "redirect":
        return Question(
            site.fqdn,
            site.kind,
            path,
            site.code,
            public=public,
            given=path != "/",
            version=site.http_version,
            place=site.place,
        )
    within = site.to.partition("://")[2].partition("/")[1]
    location = site.to if within else f"{site.to}{path}"
    code = 0 if site.code == 200 else site.code  # no redirect has 200: the file names none
    return Question(site.fqdn, site.kind, path, code, location, public, place=site.place)
