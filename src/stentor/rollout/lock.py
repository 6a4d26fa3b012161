"""The fleet lock: two operators who change the same nodes see each other. Pure: commands, and answers.

The lock lies on the node, where everybody meets: a directory, since making one is atomic in every
POSIX shell, with a line that says whose it is. It is stale, and taken over, when its time is up,
when the node has booted since, or when it is ours by its token.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from stentor.fanout.script import quote

LIMIT = 3600  # seconds after which a lock that nobody took away counts for nothing

_WHERE = "d=${XDG_STATE_HOME:-$HOME/.local/state}/stentor; l=$d/fleet-lock"
_TAKE = r"""
%(where)s
mkdir -p -- "$d" || { echo "cannot lock"; exit 0; }
boot=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo none)
now=$(date +%%s)
tries=0
until mkdir -- "$l" 2>/dev/null; do
  token='' until='' booted='' said=''
  { read -r token until booted said < "$l/owner"; } 2>/dev/null
  [ "$token" = %(token)s ] && break
  tries=$((tries + 1))
  if [ -z "$token" ] && [ $tries -lt 5 ]; then
    sleep 0.2 2>/dev/null || sleep 1
    continue
  fi
  if [ $tries -lt 9 ] && { [ -z "$token" ] || [ "$until" -lt "$now" ] || [ "$booted" != "$boot" ]; }; then
    mv -- "$l" "$l.stale.$$" 2>/dev/null && rm -rf -- "$l.stale.$$"
    continue
  fi
  echo "held $said"
  exit 0
done
echo %(token)s $((now + %(limit)s)) "$boot" %(said)s > "$l/owner.new" && mv -f -- "$l/owner.new" "$l/owner"
echo taken
"""
_GIVE = r"""
%(where)s
{ read -r token rest < "$l/owner"; } 2>/dev/null
[ "$token" = %(token)s ] && rm -rf -- "$l"
exit 0
"""


class Held(NamedTuple):
    """Somebody else's lock."""

    who: str  # crtr@cooperator
    since: float  # seconds since 1970, by that operator's clock
    what: str  # "dotfiles apply"

    def __str__(self) -> str:
        day = time.localtime(self.since)
        form = "%H:%M" if day[:3] == time.localtime()[:3] else "%Y-%m-%d %H:%M"
        return f"locked by {self.who} since {time.strftime(form, day)}, {self.what}"


def take(token: str, who: str, since: float, what: str, *, limit: int = LIMIT) -> str:
    """Return the command which takes the lock of a node, for any login shell.

    Args:
        token: random letters of this operation's.
        who: ``user@host``.
        since: now, in seconds since 1970.
        what: what is going to be done.
        limit: seconds after which it is stale.
    """
    said = quote(f"{round(since)} {who} {' '.join(what.split())}")
    return "exec sh -c " + quote(
        _TAKE % {"where": _WHERE, "token": quote(token), "limit": int(limit), "said": said}
    )


def give(token: str) -> str:
    """Return the command which gives it back, if it still is ours."""
    return "exec sh -c " + quote(_GIVE % {"where": _WHERE, "token": quote(token)})


def answer(text: str) -> Held | None:
    """Read what :func:`take` said: None if the lock is ours, or if the node cannot hold one."""
    line = text.strip().splitlines()[-1] if text.strip() else ""
    if not line.startswith("held"):
        return None
    words = line.split(" ", 3)
    since = float(words[1]) if len(words) > 1 and words[1].isdigit() else 0.0
    return Held(words[2] if len(words) > 2 else "somebody", since, words[3] if len(words) > 3 else "")
