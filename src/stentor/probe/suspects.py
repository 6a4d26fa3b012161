"""Which line of a start-up file ends a shell, or holds it up: judged by reading.

It is for nodes on which no command runs, so that no shell can be asked to trace itself: their files come
by sftp. Reading is no proof, so the lines are called likely, in the order of how likely they are.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stentor.probe.observe import Place, harmless
from stentor.shells import FAMILIES

EVERY = tuple(dict.fromkeys(path for family in FAMILIES.values() for path in family.reads))
LARGEST = 1 << 20  # bytes; no start-up file of a person is larger

_SOURCE = re.compile(r"(?:^|[;&|{]|\bthen|\bdo|\belse)\s*(?:\.|source|builtin source)\s+(\S+)")
_GUARD = re.compile(
    r"^\s*\[\[?\s+(?:-z\s+\"?\$\{?PS1|\$-\s+!=\s+\*i\*|!\s+-o\s+interactive).*(?:return|exit)"
    r"|^\s*\*\)\s*return|^\s*\[\[?\s+-o\s+interactive\s*\]\]?\s*\|\|\s*return"
    r"|^\s*status\s+(?:is-interactive|--is-interactive)\s*;?\s*or\s+(?:return|exit)"
)
_FOR_PEOPLE = re.compile(
    r"status\s+(?:--)?is-(?:interactive|login)\s*;\s*and\b|\[\[?\s+-o\s+(?:interactive|login)\s*\]\]?\s*&&"
    r"|\$-\s*==?\s*\*i\*\s*\]\]\s*&&"
)
_ENDS = re.compile(r"(?:^|[;&|{]|\bthen|\bdo|\belse|\band|\bor)\s*(exit|exec|logout|kill|set)\b([^;&|#]*)")
_HOLDS = re.compile(
    r"(?:^|[;&|{]|\bthen|\bdo|\belse|\band|\bor|\$\()\s*"
    r"(while|until|for|sleep|read|cat|wait|exec|tmux|screen|ssh|ssh-add|curl|wget|ping|sudo|select|tail)\b([^#]*)"
)


class Suspect(NamedTuple):
    """A line which may be the one."""

    place: Place  # the file as it is named on the node, and the line
    text: str  # what stands there
    weight: int  # how likely it is; comparable with others of the same file set only


def suspects(files: Mapping[str, str], family: str, home: str, *, code: int | None = None) -> list[Suspect]:
    """Return the lines which may end a shell before its first command, the likeliest first.

    Args:
        files: absolute path to text, of those which could be read.
        family: one of ``shells.FAMILIES``; empty where it is not known.
        code: with which the shell ended; None if it did not end.
    """
    found: list[Suspect] = []
    for path in in_order(files, family, home):
        for number, line, guarded in _reached(files[path]):
            weight = _weight(line, code) - (3 if guarded else 0)
            if weight > 0:
                found.append(Suspect(Place(path, number), harmless(line.strip())[:120], weight))
    return sorted(found, key=lambda suspect: -suspect.weight)


def in_order(files: Mapping[str, str], family: str, home: str) -> list[str]:
    """The files which a shell reads for a command, each followed by those which it sources."""
    kind = FAMILIES.get(family)
    order: list[str] = []

    def add(path: str) -> None:
        if path in files and path not in order:
            order.append(path)
            for other in sourced(files[path], home):
                add(other)

    for name in EVERY if kind is None else kind.reads:
        add(home + name[1:] if name.startswith("~") else name)
        if kind and kind.folder and name.startswith("~"):
            for path in sorted(files):
                if path.startswith(f"{home}/{kind.folder}/"):
                    add(path)
    return order


def sourced(text: str, home: str) -> list[str]:
    """Absolute paths of the files which this one reads in turn, where it names them outright."""
    found: dict[str, None] = {}
    for _, line, _ in _reached(text):
        for word in _SOURCE.findall(line):
            path = word.strip("\"';").replace("${HOME}", home).replace("$HOME", home)
            path = home + path[1:] if path.startswith("~/") else path
            if path.startswith("/") and "$" not in path:
                found[posixpath.normpath(path)] = None
    return list(found)


def _reached(text: str) -> Iterable[tuple[int, str, bool]]:
    """Lines which a shell for a command comes to: number, text, and whether a condition is around it."""
    depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        bare = line.strip()
        if not bare or bare.startswith("#") or _FOR_PEOPLE.search(bare):
            continue
        if _GUARD.match(line):
            return  # what stands below it is for people only
        closes = bool(re.match(r"(fi|done|esac|end|\})\b|\}", bare))
        depth = max(0, depth - closes)
        yield number, line, depth > 0
        opens = re.match(r"(if|case|function|switch)\b|.*\)\s*\{$|.*\(\)\s*\{", bare)
        if opens and not re.search(r"\b(fi|esac|end)\s*$|\}\s*$", bare):
            depth += 1


def _weight(line: str, code: int | None) -> int:
    if code is None:
        match = _HOLDS.search(line)
        if not match:
            return 0
        forever = match[1] in ("while", "until") and re.search(r"\b(while|until)\s+(:|true|false|\[)", line)
        return 6 if forever else 5 if match[1] in ("sleep", "read", "exec", "cat", "tmux") else 4
    match = _ENDS.search(line)
    if not match:
        return 0
    verb, rest = match[1], match[2].strip()
    if verb == "set" and not re.match(r"-\w*e|-o errexit", rest):
        return 0
    if verb == "exec" and re.match(r"[<>0-9&]", rest):
        return 0  # a redirection
    if verb == "exit" and rest == str(code):
        return 8
    if verb == "exec" and code in (126, 127):
        return 8
    return {"exit": 5, "exec": 5, "logout": 5, "set": 4, "kill": 4}[verb]
