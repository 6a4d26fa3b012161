"""The fleet lock: two operators who change the same nodes see each other. Commands, and their answers.

The lock lies on the node, where everybody meets: a directory, since making one is atomic in every
POSIX shell, with a line that says whose it is. It is stale, and taken over, when its time is up,
when the node has booted since, when it is ours by its token, or when the process that took it ran on
this machine and is gone.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from stentor.digits import whole
from stentor.errors import Refused
from stentor.sh import assign, command, join
from stentor.typed import NamedTuple

LIMIT = 3600  # seconds after which a lock that nobody took away counts for nothing


class Claim(NamedTuple):
    """Whose a lock is to be."""

    token: str  # random letters of this operation's, and its process: ``token_of``
    who: str = ""  # ``user@host``
    since: float = 0.0  # now, in seconds since 1970
    what: str = ""  # what is going to be done
    limit: int = LIMIT  # seconds after which it is stale


class Held(NamedTuple):
    """Somebody else's lock."""

    who: str  # crtr@cooperator
    since: float  # seconds since 1970, by that operator's clock
    what: str  # "dotfiles apply"
    token: str = ""

    def __str__(self) -> str:
        day = time.localtime(self.since)
        form = "%H:%M" if day[:3] == time.localtime()[:3] else "%Y-%m-%d %H:%M"
        return f"locked by {self.who} since {time.strftime(form, day)}, {self.what}"


def functions(claim: Claim) -> str:
    """Return sh functions for a script that takes the lock for as long as it runs.

    ``lock_held`` (somebody else has it), ``lock_take`` and ``lock_give``. Where one of the first two says
    that it is held, ``$lock_token $lock_said`` is what :func:`answer` reads behind ``held``.
    """
    said = f"{round(claim.since)} {claim.who} {' '.join(claim.what.split())}"
    given = assign(lock_mine=claim.token, lock_limit=str(int(claim.limit)), lock_words=said)
    return join("lock", front=given)


def take(token: str, who: str, since: float, what: str, *, limit: int = LIMIT) -> str:
    """Return the command which takes the lock of a node, for any login shell; see :class:`Claim`."""
    script = functions(Claim(token, who, since, what, limit))
    return command(script + 'if lock_take; then echo taken; else echo "held $lock_token $lock_said"; fi\n')


def give(token: str) -> str:
    """Return the command which gives it back, if it still is ours."""
    return command(functions(Claim(token)) + "lock_give\n")


def look() -> str:
    """Return the command which says whose the lock of a node is, and takes none; :func:`answer` reads it."""
    script = functions(Claim("nobody")) + 'if lock_held; then echo "held $lock_token $lock_said"; fi\n'
    return command(script)


def answer(text: str) -> Held | None:
    """Read what :func:`take` said: None if the lock is ours, or if the node cannot hold one.

    Raises:
        ValueError: it says that somebody has the lock, and not who or since when.
    """
    line = text.strip().rpartition("\n")[2]
    if not line.startswith("held"):
        return None
    _, token, since, who, what = [*line.split(" ", 4), "", "", "", ""][:5]
    seconds = whole(since, 10)
    if not token or seconds is None:
        raise ValueError("a lock without an owner")
    return Held(who or "somebody", float(seconds), what, token)


def parse(said: bytes) -> Held | None:
    """Read the same as bytes."""
    return answer(said.decode("utf-8", "replace"))


def token_of(letters: str, process: str) -> str:
    """Return a token which says whose it is: ``process`` as ``journal.owner.identity`` gives it."""
    return f"{letters}/{process.replace(' ', ':')}"


def process_of(token: str) -> str:
    """Return the process in a token, as :func:`token_of` took it; empty if there is none."""
    return token.partition("/")[2].replace(":", " ")


def refusal(held: Mapping[str, Held]) -> Refused:
    """Return the error which says who has the locks of these nodes."""
    first, *others = [f"{node}: {found}" for node, found in held.items()]
    more = f" (and {len(others)} more nodes)" if others else ""
    return Refused(first + more, hint="do it again when that has ended; a lock is stale after an hour")
