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
    """What is asked of a web name."""

    name: str  # as in the fleet file
    # As in the fleet file: ``standard``, ``https_backend``, ``websocket``, ``sse`` or ``redirect``.
    kind: str = "standard"
    path: str = "/"  # what is asked for
    code: int = 200  # the status code that is expected; 0 for any of a redirect
    location: str = ""  # where a redirect must lead; empty for any other
    # The certificate must be one that this machine trusts; others need only cover the name.
    public: bool = False
    # The file says which path has the events or the websocket, so that nothing else will do.
    given: bool = False
    version: str = ""  # of HTTP between the gateway and the service; empty where the file says none
    place: str = ""  # where the name stands, ``file:line:column``

    @property
    def host(self) -> str:
        """The name that is asked for: of a wildcard one of those it covers."""
        return f"{_WILDCARD}{self.name[1:]}" if self.name.startswith("*.") else self.name


class Answer(NamedTuple):
    """What came of asking once."""

    failure: str = ""  # why there is no answer; empty where there is one
    code: int = 0  # the status code; 0 without an answer
    seconds: float = 0.0  # until the answer's head had come
    location: str = ""  # the header of that name
    content: str = ""  # the content type, without parameters
    # Seconds until the first event of a stream had come; None where none came in time.
    event: float | None = None
    ended: bool = False  # the stream had ended when its first event came: it was not passed on as it was made
    pong: bool = False  # a websocket answered a ping
    certificate: str = ""  # the fingerprint (SHA-256) of the certificate that was shown
    tls_failed: bool = False  # the server spoke, and ended the handshake: it may have no certificate yet


class Certificate(NamedTuple):
    """The certificate that is shown for a name."""

    failure: str = ""  # why nothing can be said of it
    covers: bool = False  # whether it is for that name
    until: float = 0.0  # when it ends, in seconds since 1970
    issuer: str = ""  # who signed it, in a few words
    trusted: bool = False  # whether this machine trusts it
    distrust: str = ""  # why it does not
    names: tuple[str, ...] = ()  # for which names it is


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
    location = f"{site.to}{path}" if site.keeps_path else site.to
    code = 0 if site.code == 200 else site.code  # no redirect has 200: the file names none
    return Question(site.fqdn, site.kind, path, code, location, public, place=site.place)
