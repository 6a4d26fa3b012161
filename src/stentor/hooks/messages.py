"""Messages to people: by a command, ntfy, e-mail or a webhook of theirs; none in the quiet time."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime

from stentor import programs
from stentor.errors import StentorError
from stentor.fleet.policy.serving import Tell
from stentor.hooks.clock import is_quiet
from stentor.hooks.database import Database

WAYS = ("command", "ntfy", "mail", "webhook")
ATTEMPTS = 5
WAIT = 60.0  # seconds until the next attempt to send
KEEP = 200  # messages that wait, at most
LONGEST_TEXT = 16 * 1024  # characters of a text; an environment takes no more than 128 KiB
_LONGEST = 10.0  # seconds for one
_NTFY = 4096  # bytes; a longer text would be an attachment, which not every server takes
SENDMAIL = "/usr/sbin:/usr/lib"  # not in the PATH of an account


class Messages:
    """The messages that wait to be sent. They survive a restart."""

    def __init__(self, database: Database, environ: Mapping[str, str]) -> None:
        self._database = database  # where they are kept
        self._environ = environ  # of the commands

    def add(self, tell: Tell, title: str, text: str, *, good: bool) -> None:
        """Have those told whom a policy names.

        Args:
            tell: of the policy.
            title: what it is about.
            good: whether nothing has to be done by anybody.
        """
        if good and tell.of == "failures":
            return
        now = self._database.clock()
        title, text = _kept(title), _kept(text)
        rows = [
            (self._database.fleet, now, way, target, title, text, int(good))
            for way in WAYS
            if (target := str(getattr(tell, way)))
        ]
        if not rows:
            return
        with self._database.transaction() as connection:
            connection.executemany(
                "INSERT INTO messages (fleet, at, way, target, title, text, good)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                rows,
            )
            connection.execute(
                "DELETE FROM messages WHERE id <="
                " (SELECT id FROM messages ORDER BY id DESC LIMIT 1 OFFSET ?)",
                (KEEP,),
            )

    def send(self, quiet: str = "") -> list[str]:
        """Send what waits, one message for each target; return why some could not be sent.

        Args:
            quiet: when nothing is sent: ``22:00-07:00``, by this machine's clock.
        """
        now = self._database.clock()
        if is_quiet(quiet, datetime.fromtimestamp(now)):
            return []
        rows = self._database.rows(
            "SELECT id, way, target, title, text, good, attempts FROM messages WHERE fleet = ? AND due <= ?"
            " ORDER BY id",
            (self._database.fleet, now),
        )
        together: dict[tuple[str, str], list[tuple[int, str, str, bool, int]]] = {}
        for number, way, target, title, text, good, attempts in rows:
            together.setdefault((way, target), []).append((number, title, text, bool(good), attempts))
        problems = []
        for (way, target), some in together.items():
            title = some[0][1] if len(some) == 1 else f"{len(some)} messages"
            text = "\n".join(f"{one[1]}: {one[2]}" for one in some) if len(some) > 1 else some[0][2]
            problem = _send(
                way, target, title, text[:LONGEST_TEXT], all(one[3] for one in some), self._environ
            )
            if problem:
                problems.append(problem)
            self._sent([one[0] for one in some], bool(problem), now)
        return problems

    def _sent(self, numbers: list[int], failed: bool, now: float) -> None:
        with self._database.transaction() as connection:
            if failed:
                connection.executemany(
                    "UPDATE messages SET attempts = attempts + 1, due = ? WHERE id = ?",
                    [(now + WAIT, number) for number in numbers],
                )
                connection.execute("DELETE FROM messages WHERE attempts >= ?", (ATTEMPTS,))
            else:
                connection.executemany("DELETE FROM messages WHERE id = ?", [(one,) for one in numbers])


def _kept(text: str) -> str:
    """A text as it is kept and sent: neither SQLite nor an environment takes each that nodes may send."""
    return text[:LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode()


def _send(way: str, target: str, title: str, text: str, good: bool, environ: Mapping[str, str]) -> str:
    """Send a message; return why it could not be sent."""
    try:
        if way == "ntfy":
            headers = {"Title": _header(title), "Priority": "default" if good else "high"}
            return _post(target, _short(text), headers)
        if way == "webhook":
            body = json.dumps({"title": title, "text": text, "good": good}).encode()
            return _post(target, body, {"Content-Type": "application/json"})
        if way == "mail":
            kind = "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
            mail = f"To: {target}\nSubject: stentor: {_header(title)}\n{kind}\n{text}\n".encode()
            path = f"{environ.get('PATH', '')}:{SENDMAIL}"
            return _run(["sendmail", "-i", "-t"], {**environ, "PATH": path}, mail)
        named = {**environ, "STENTOR_RESULT": text, "STENTOR_COMMAND": title}
        return _run(["/bin/sh", "-c", target], named, b"")
    except StentorError as error:
        return error.message


def _run(argv: list[str], environ: Mapping[str, str], stdin: bytes) -> str:
    done = programs.run(argv, environ, stdin=stdin, timeout=_LONGEST)
    name = "tell: command" if argv[0] == "/bin/sh" else argv[0]  # not its text: there may be a token in it
    if done.timed_out:
        return f"{name} took longer than {_LONGEST:g} s"
    return f"{name}: exit code {done.code}" if done.code else ""


def _short(text: str) -> bytes:
    """A text as ntfy takes it as a message."""
    data, cut = text.encode(), b"\n(cut)"
    if len(data) <= _NTFY:
        return data
    return data[: _NTFY - len(cut)].decode("utf-8", "ignore").encode() + cut


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> str:
    import http.client
    import urllib.error
    import urllib.request
    from urllib.parse import unquote, urlsplit

    class Stay(urllib.request.HTTPRedirectHandler):
        """Follows nowhere: what is led elsewhere is asked for there (GET), and nothing is posted."""

        def redirect_request(self, *_: object) -> None:
            return None

    parts = urlsplit(url)
    where = parts.hostname or "?"  # the log has no more of it: the path of many such addresses is secret
    given = dict(headers)
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        given["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"  # RFC 7617
        url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()
    request = urllib.request.Request(url, body, given, method="POST")  # noqa: S310 - http(s) by policy
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=_LONGEST):
            return ""
    except urllib.error.HTTPError as error:
        moved = ": it leads elsewhere; name that address" if 300 <= error.code < 400 else ""
        return f"{where}: {error.code} {error.reason}{moved}"
    except (OSError, ValueError, http.client.HTTPException) as error:
        return f"{where}: {getattr(error, 'reason', error)}"


def _header(text: str) -> str:
    """A text as a header's value: one line of ASCII."""
    return "".join(one if " " <= one <= "~" else "?" for one in text)[:200]
