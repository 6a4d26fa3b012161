"""Who may come in: sign-in links that count once, sessions, and the file of tokens."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping

from stentor.errors import UsageError
from stentor.web import tokens
from stentor.web.caller import Caller, Rate, Role
from stentor.web.passkeys import Passkey, Passkeys
from stentor.web.settings import Settings
from stentor.web.store import Grant, Store, Ticket

LINK_SECONDS = 600.0  # a sign-in link works for ten minutes, and once
SESSION_SECONDS = 12 * 3600.0
REGISTER_SECONDS = 900.0  # after the sign-in, in which a passkey can be registered
_TRIES = 10.0, 1 / 30  # to sign in, of an address: at once, and for each second


def stores(directory: str) -> tuple[Store, Store]:
    """Return where links and sessions are kept.

    Args:
        directory: the state of ``stentor serve``.
    """
    return Store(os.path.join(directory, "links")), Store(os.path.join(directory, "sessions"))


class Gate:
    """Who may come in.

    Args:
        settings: with the file of tokens.
        directory: the state of ``stentor serve``.
        clock: seconds that never go back, for the limit of tries.
    """

    def __init__(
        self, settings: Settings, directory: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        # With __Host- a browser takes the cookie only over TLS and from this very host.
        self.cookie = "__Host-stentor" if settings.secure else "stentor"
        self.secure = settings.secure
        self._path = settings.tokens
        self._links, self.sessions = stores(directory)
        self.passkeys = Passkeys(directory, time.time)
        self._clock = clock
        self._tries = Rate(*_TRIES)
        self._tokens: tuple[tuple[int, int], tuple[tokens.Token, ...]] = ((0, 0), ())

    def who(
        self, caller: Caller, headers: Mapping[str, str], cookies: Mapping[str, str], now: float
    ) -> Caller:
        """Return the caller with the user and the role, where somebody is signed in.

        A request with a token is judged by that token alone, whatever cookie came along.
        """
        scheme, _, secret = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            if self.tries(caller):
                return caller
            found = self._by_token(secret.strip())
            if found is None:
                self.failed(caller)
                return caller
            return caller._replace(user=found.user, role=found.role)
        secret = cookies.get(self.cookie, "")
        grant = self.sessions.get(secret, now) if secret else None
        if grant is None or not self._still_good(grant):
            return caller
        return caller._replace(user=grant.user, role=grant.role, session=secret)

    def tries(self, caller: Caller) -> float:
        """Return the seconds until this address may try to sign in again; 0.0 for now."""
        return self._tries.wait(caller.address, self._clock())

    def failed(self, caller: Caller) -> None:
        """Count a try that failed."""
        self._tries.take(caller.address, self._clock())

    def by_link(self, secret: str, now: float) -> Ticket | None:
        """Sign in by a link, which then works no more."""
        grant = self._links.take(secret, now)
        return self._session(grant.user, grant.role, now) if grant else None

    def by_token(self, secret: str, now: float) -> Ticket | None:
        """Sign in by a token of the file; the session ends with its line there."""
        found = self._by_token(secret)
        return self._session(found.user, found.role, now, found.fingerprint) if found else None

    def by_passkey(self, passkey: Passkey, now: float) -> Ticket:
        """Sign in whose passkey was proved; the session ends with the passkey."""
        return self._session(passkey.user, passkey.role, now, passkey.fingerprint)

    def may_register(self, caller: Caller, now: float) -> bool:
        """Whether somebody may register a passkey, which is good for longer than the session is.

        Only soon after having signed in, and not by a token: its end shall be the end of all it has opened.
        """
        grant = self.sessions.get(caller.session, now) if caller.session else None
        if grant is None or now > grant.until - SESSION_SECONDS + REGISTER_SECONDS:
            return False
        return not grant.opened_by or any(one.fingerprint == grant.opened_by for one in self.passkeys.all())

    def sign_out(self, caller: Caller) -> None:
        """End the caller's session."""
        if caller.session:
            self.sessions.drop(caller.session)

    def sweep(self, now: float) -> None:
        """Remove what is over."""
        self._links.sweep(now)
        self.sessions.sweep(now)

    def _session(self, user: str, role: Role, now: float, opened_by: str = "") -> Ticket:
        self.sweep(now)
        return self.sessions.add(Grant(user, role, now + SESSION_SECONDS, opened_by))

    def _still_good(self, grant: Grant) -> bool:
        """Whether what has opened a session is still there."""
        if not grant.opened_by:
            return True
        tokens_there = {one.fingerprint for one in self._known()}
        return grant.opened_by in tokens_there | {one.fingerprint for one in self.passkeys.all()}

    def _by_token(self, secret: str) -> tokens.Token | None:
        return tokens.match(self._known(), secret) if secret else None

    def _known(self) -> tuple[tokens.Token, ...]:
        """Return the tokens of the file as it is now."""
        if not self._path:
            return ()
        try:
            found = os.stat(self._path)
            version = found.st_ctime_ns, found.st_ino  # its time of change counts a chmod too
            if version != self._tokens[0]:
                self._tokens = version, tokens.read(self._path)
        except (OSError, UsageError):
            # 'serve doctor' says what is wrong; nobody comes in by a file that is.
            self._tokens = (0, 0), ()
        return self._tokens[1]
