"""Passkeys (extra ``passkeys``): what people have registered, and the two ceremonies of WebAuthn Level 2.

Every passkey must prove who uses it (a PIN, a finger): nothing else is asked for. It counts for the name by
which the page was called when it was made; a browser makes none for an IP address. Who registers one has
signed in by a link of the terminal, or by a passkey, and gives it the own role. A challenge is good once.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeVar

import msgspec

from stentor import extras
from stentor.atomic_write import write
from stentor.errors import Refused, UsageError
from stentor.web.caller import Caller, Role

SECONDS = 300.0  # a challenge is good for
_CHALLENGES = 16384  # that are waited for at once: more than the requests of one address in that time
_MOST = 100  # passkeys that are kept
_FILE = "passkeys.json"
T = TypeVar("T")


class Passkey(msgspec.Struct, frozen=True):
    """A passkey that was registered."""

    id: bytes  # by which its authenticator knows it
    key: bytes  # its public key (COSE)
    count: int  # how often it was used, by its own word; 0 where it does not count
    user: str  # whose; the journal gets it
    role: Role  # of that user
    site: str  # the name of the page for which it was made
    at: float  # when, in seconds since 1970

    @property
    def name(self) -> str:
        """What people call it by: the beginning of its id."""
        return self.id.hex()[:12]

    @property
    def fingerprint(self) -> str:
        """What a session is known by that it has opened."""
        return f"passkey {self.id.hex()}"


class Site(NamedTuple):
    """How a browser calls the page."""

    name: str  # the host's, for which passkeys are made
    origin: str  # with scheme and port


def site_of(host: str, *, secure: bool) -> Site | None:
    """Return how a browser calls the page; None where it makes no passkeys for such a name.

    Args:
        host: the header, whose name is ours.
        secure: whether the browser sees ``https``.
    """
    name = host.strip().lower()
    bare = name.partition(":")[0]
    if name.startswith("[") or bare.rpartition(".")[2].isdecimal() or not bare:
        return None  # an address
    if not secure and bare != "localhost":
        return None  # a browser has passkeys for https alone, and for this machine
    return Site(bare, f"{'https' if secure else 'http'}://{name}")


def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("webauthn") is not None


class Passkeys:
    """The passkeys of the page. Safe to use from several threads and processes.

    Args:
        directory: the state of ``stentor serve``, for this user alone.
        clock: seconds since 1970.
    """

    def __init__(self, directory: str, clock: Callable[[], float]) -> None:
        self._path = os.path.join(directory, _FILE)
        self._clock = clock
        self._lock = threading.Lock()
        self._challenges: OrderedDict[bytes, tuple[float, str]] = OrderedDict()
        self._read: tuple[tuple[int, int], tuple[Passkey, ...]] = ((0, 0), ())

    def all(self) -> tuple[Passkey, ...]:
        """Return what is registered, as the file says now; nothing where it cannot be read."""
        try:
            found = os.stat(self._path)
            version = found.st_ctime_ns, found.st_ino
            if version != self._read[0]:
                with open(self._path, "rb") as file:
                    self._read = version, msgspec.json.decode(file.read(), type=tuple[Passkey, ...])
        except (OSError, msgspec.MsgspecError):
            self._read = (0, 0), ()
        return self._read[1]

    def of(self, user: str) -> list[Passkey]:
        """Return those of a user."""
        return [one for one in self.all() if one.user == user]

    def remove(self, user: str, name: str = "") -> int:
        """Remove a passkey of a user, or all of them; their sessions end with them. Return how many.

        Args:
            user: whose.
            name: as it is listed; empty for all.

        Raises:
            UsageError: there is none.
        """
        with self._changing() as known:
            kept = [one for one in known if one.user != user or name not in ("", one.name)]
            if len(kept) == len(known):
                raise UsageError(f"{user} has no {'such passkey' if name else 'passkey'}")
            self._write(kept)
        return len(known) - len(kept)

    def begin_registration(self, caller: Caller, site: Site) -> str:
        """Return the options of ``navigator.credentials.create``, as JSON."""
        webauthn, structs = _library()
        known = [structs.PublicKeyCredentialDescriptor(id=one.id) for one in self.of(caller.user)]
        options = webauthn.generate_registration_options(
            rp_id=site.name,
            rp_name="Stentor",
            user_name=caller.user,
            challenge=self._challenge(caller.session),
            exclude_credentials=known,
            authenticator_selection=structs.AuthenticatorSelectionCriteria(
                resident_key=structs.ResidentKeyRequirement.REQUIRED,
                user_verification=structs.UserVerificationRequirement.REQUIRED,
            ),
        )
        return str(webauthn.options_to_json(options))

    def register(self, caller: Caller, site: Site, answer: bytes) -> Passkey:
        """Take what ``navigator.credentials.create`` has made.

        Raises:
            Refused: it is not an answer to what was asked of this session.
        """
        webauthn, _ = _library()
        challenge = self._answered(webauthn, answer, caller.session)
        done = _verified(
            lambda: webauthn.verify_registration_response(
                credential=answer.decode("utf-8", "replace"),
                expected_challenge=challenge,
                expected_rp_id=site.name,
                expected_origin=site.origin,
                require_user_verification=True,
            )
        )
        assert caller.role is not None  # noqa: S101 - the route is for those who are signed in
        made = Passkey(
            done.credential_id,
            done.credential_public_key,
            done.sign_count,
            caller.user,
            caller.role,
            site.name,
            self._clock(),
        )
        with self._changing() as known:
            if any(one.id == made.id for one in known):
                raise Refused("this passkey is registered already")
            if len(known) >= _MOST:
                raise Refused(f"{_MOST} passkeys are registered", hint="remove those that nobody uses")
            self._write([*known, made])
        return made

    def begin_sign_in(self, site: Site) -> str:
        """Return the options of ``navigator.credentials.get``, as JSON; they tell of no passkey."""
        webauthn, structs = _library()
        options = webauthn.generate_authentication_options(
            rp_id=site.name,
            challenge=self._challenge(""),
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        )
        return str(webauthn.options_to_json(options))

    def sign_in(self, site: Site, answer: bytes) -> Passkey:
        """Take what ``navigator.credentials.get`` has made; return whose passkey it is.

        Raises:
            Refused: it is not an answer to what was asked, or of no passkey that is registered.
        """
        webauthn, _ = _library()
        challenge = self._answered(webauthn, answer, "")
        given = _verified(lambda: webauthn.helpers.parse_authentication_credential_json(answer.decode()))
        with self._changing() as all_known:
            ours = [one for one in all_known if one.id == given.raw_id and one.site == site.name]
            if not ours:
                raise Refused("this passkey is not registered here", hint="stentor serve login")
            known = ours[0]
            done = _verified(
                lambda: webauthn.verify_authentication_response(
                    credential=given,
                    expected_challenge=challenge,
                    expected_rp_id=site.name,
                    expected_origin=site.origin,
                    credential_public_key=known.key,
                    credential_current_sign_count=known.count,
                    require_user_verification=True,
                )
            )
            used = msgspec.structs.replace(known, count=done.new_sign_count)
            if used != known:
                self._write([used if one == known else one for one in all_known])
        return used

    def _challenge(self, session: str) -> bytes:
        made = secrets.token_bytes(32)
        with self._lock:
            self._challenges[made] = self._clock() + SECONDS, session
            while len(self._challenges) > _CHALLENGES:
                self._challenges.popitem(last=False)
        return made

    def _answered(self, webauthn: Any, answer: bytes, session: str) -> bytes:
        """Return the challenge that an answer is to, and forget it: it is good once.

        Raises:
            Refused: it was not asked of this session, or too long ago.
        """

        def challenge_of() -> bytes:
            said = msgspec.json.decode(answer)["response"]["clientDataJSON"]
            read = webauthn.helpers.base64url_to_bytes
            return bytes(read(msgspec.json.decode(read(said))["challenge"]))

        challenge = _verified(challenge_of)
        with self._lock:
            until, owner = self._challenges.pop(challenge, (0.0, session))
        if self._clock() >= until or owner != session:
            raise Refused("this passkey was not asked for, or it came too late", hint="try again")
        return challenge

    @contextmanager
    def _changing(self) -> Iterator[tuple[Passkey, ...]]:
        """Yield what is registered, and keep other threads and processes from changing it meanwhile."""
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        with self._lock, open(f"{self._path}.lock", "a", encoding="utf-8") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            yield self.all()

    def _write(self, keys: list[Passkey]) -> None:
        write(self._path, msgspec.json.encode(keys).decode() + "\n", mode=0o600)


def _verified(verify: Callable[[], T]) -> T:
    """Return what the library makes of an answer.

    Raises:
        Refused: it is not content with it.
    """
    try:
        return verify()
    except Exception as error:  # anybody may send an answer; whatever is wrong with it, it does not count
        raise Refused("this is no passkey that was asked for", hint="try again") from error


def _library() -> tuple[Any, Any]:
    """Return the library and its structures.

    Raises:
        ProgramMissing: the extra is not installed.
    """
    if not available():
        raise extras.lacking("a passkey", "passkeys")
    import webauthn
    from webauthn.helpers import structs

    return webauthn, structs
