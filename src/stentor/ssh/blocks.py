"""Which blocks of ssh_config a name falls into, without asking ssh: ``ssh -G`` for 1000 nodes takes seconds.

Only enough is read to know that two names fall into the same blocks. What is not understood (``Match exec``,
tokens in ``HostName``) makes the answer "unknown", and then ssh itself is asked.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

from stentor.fleet.openssh import matches_list
from stentor.typed import NamedTuple

_DEEPEST = 16  # OpenSSH's own limit of Include

Read = Callable[[str], str]
List = Callable[[str], Sequence[str]]


class Blocks(NamedTuple):
    """The patterns of all Host and Match lines."""

    patterns: frozenset[tuple[str, ...]]  # those of each line; a set, since the same line may come often
    unknown: bool = False  # whether something depends on more than on names

    def alike(self, one: str, other: str) -> bool:
        """Whether both names surely fall into the same blocks."""
        return not self.unknown and all(
            matches_list(line, one) == matches_list(line, other) for line in self.patterns
        )


def read_blocks(paths: Sequence[tuple[str, str]], read: Read, listed: List, home: str) -> Blocks:
    """Read the blocks of ssh_config files and of what they include.

    Args:
        paths: each file, and the folder in which relative names of its ``Include`` lie.
        read: from a path to its text; raises OSError.
        listed: from a glob pattern to paths.
        home: for ``~/``.
    """
    patterns: set[tuple[str, ...]] = set()
    waiting = [(path, base, 0) for path, base in paths]
    unknown = False
    while waiting and not unknown:
        path, base, depth = waiting.pop()
        try:
            text = read(path)
        except (OSError, UnicodeDecodeError):
            continue  # ssh does without it as well
        for key, words in _lines(text):
            if key == "host":
                patterns.add(tuple(words))
            elif key == "match":
                line = _of_match(words)
                unknown = unknown or line is None
                patterns.add(line or ())
            elif key == "include":
                found = [_expanded(word, base, home) for word in words]
                unknown = unknown or depth >= _DEEPEST or any("%" in one or "$" in one for one in found)
                if not unknown:
                    waiting += [(file, base, depth + 1) for one in found for file in listed(one)]
            elif key == "hostname":
                unknown = unknown or any("%" in word for word in words)
            elif key == "canonicalizehostname":
                unknown = unknown or words != ["no"]
    return Blocks(frozenset(patterns), unknown)


def _lines(text: str) -> list[tuple[str, list[str]]]:
    found = []
    for line in text.split("\n"):
        key, *words = re.split(r"[\s=]+", line.strip().replace('"', ""))
        if key and not key.startswith("#"):
            found.append((key.lower(), words))
    return found


def _of_match(words: list[str]) -> tuple[str, ...] | None:
    """The patterns of a Match line on names alone; None for all others."""
    if [word.lower() for word in words] == ["all"]:
        return ("*",)
    kinds = {word.lower() for word in words[::2]}
    if len(words) % 2 or not kinds <= {"host", "originalhost"} or len(words) != 2:
        return None
    return tuple(words[1].split(","))


def _expanded(word: str, base: str, home: str) -> str:
    if word.startswith("~/"):
        return posixpath.join(home, word[2:])
    return posixpath.join(base, word)
