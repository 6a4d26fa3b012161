"""Words as OpenSSH takes them: jump hosts, patterns, and names of accounts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from stentor.errors import UsageError
from stentor.typed import NamedTuple


class Hop(NamedTuple):
    """One jump host."""

    host: str  # a name or address, or the alias of a node
    user: str = ""  # the login name, or empty
    port: int = 0  # or 0

    @classmethod
    def parse(cls, text: str) -> Hop:
        """Read one hop; what has no valid port is all host, and ssh refuses it."""
        user, _, rest = text.removeprefix("ssh://").rpartition("@")
        if text.startswith("ssh://"):
            rest = rest.removesuffix("/")
        host, colon, port = rest.rpartition(":")
        if rest.startswith("[") and "]" in rest:
            host, _, port = rest[1:].partition("]")
            colon, port = port[:1], port[1:]
            if not colon:
                return cls(host, user)
        elif ":" in host:
            return cls(rest, user)
        if colon == ":" and port.isascii() and port.isdecimal():
            return cls(host, user, int(port))
        return cls(rest, user)

    def text(self) -> str:
        """Write it as ``ssh -J`` takes it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return (f"{self.user}@" if self.user else "") + host + (f":{self.port}" if self.port else "")


def hops(jump: str) -> list[Hop]:
    """Return the hops in the order in which they are passed."""
    return [Hop.parse(one) for one in jump.split(",")]


def matches(pattern: str, text: str) -> bool:
    """Whether a pattern means the whole text."""
    at = p = 0
    star = mark = -1
    while at < len(text):
        if p < len(pattern) and pattern[p] == "*":
            star, mark = p, at
            p += 1
        elif p < len(pattern) and pattern[p] in ("?", text[at]):
            at, p = at + 1, p + 1
        elif star >= 0:  # the last star takes one character more
            mark += 1
            at, p = mark, star + 1
        else:
            return False
    return not pattern[p:].strip("*")


def matches_list(patterns: Iterable[str], text: str) -> bool:
    """Whether one of the patterns means the text, and none that begins with ``!`` does."""
    found = False
    for pattern in patterns:
        if pattern.startswith("!"):
            if matches(pattern[1:], text):
                return False
        elif matches(pattern, text):
            found = True
    return found


REFUSED = "'\"`$;&<>|(){}"
"""Characters that OpenSSH itself refuses in a user's name; white space and a dash in front are no better."""


def login_name(name: str) -> str:
    """Return a name that was given on the command line or from Python, if it can be one.

    Raises:
        UsageError: it cannot.
    """
    bad = not name or name.startswith("-") or any(one.isspace() or one in REFUSED for one in name)
    if bad or not name.isprintable():
        raise UsageError(f"{name!r} is no login name", hint="ssh takes none with spaces or any of " + REFUSED)
    return name


def options_of(text: str) -> Iterator[tuple[int, tuple[str, str]]]:
    """Line number, option in small letters, and value of each line; both ``Key value`` and ``Key=value``."""
    for number, line in enumerate(text.split("\n"), 1):
        line = line.strip()
        if line and not line.startswith("#"):
            key, _, value = (
                line.replace("=", " ", 1).partition(" ") if _equals_first(line) else line.partition(" ")
            )
            if "\t" in key:
                key, _, rest = key.partition("\t")
                value = f"{rest} {value}"
            yield number, (key.lower(), value.strip())


def _equals_first(line: str) -> bool:
    key = line.split(maxsplit=1)[0]
    rest = line[len(key) :].lstrip()
    return "=" in key or rest.startswith("=")


def words_of(value: str) -> list[str]:
    """Cut into words as OpenSSH does: a backslash stands for itself unless it protects something."""
    words: list[str] = []
    at = 0
    while at < len(value):
        if value[at] in " \t":
            at += 1
            continue
        if value[at] == "#":
            break
        word, quote = "", ""
        while at < len(value) and (quote or value[at] not in " \t"):
            one, after = value[at], value[at + 1 : at + 2]
            if one == "\\" and after and (after in "'\"\\" or (after == " " and not quote)):
                at += 1
                word += after
            elif one == quote:
                quote = ""
            elif not quote and one in "'\"":
                quote = one
            else:
                word += one
            at += 1
        words.append(word)
    return words
