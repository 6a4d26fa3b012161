"""What a pipeline or a file hands to the command that reads it: names, as far as the line says them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from stentor.guard.calls import name_of
from stentor.guard.find import as_find, roots_of, takes_all
from stentor.guard.words import AMBIENT, COMPUTED, LISTED
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.guard.calls import Call

# Filters, with how many operands come before the files which they read.
_FILTERS = {
    **dict.fromkeys(["cat", "sort", "uniq", "head", "tail", "tac", "cut", "nl", "rev", "shuf", "tee"], 0),
    **dict.fromkeys(["grep", "egrep", "fgrep", "rg", "awk", "gawk", "mawk", "sed"], 1),
    "tr": 9,
}
_VALUED = {
    "cut": "dfcb",
    "head": "nc",
    "tail": "nc",
    "sort": "kto",
    "awk": "Fv",
    "gawk": "Fv",
    "grep": "emABC",
    "sed": "e",
}
_PRINT_PATHS = """
    locate plocate mlocate comm diff join paste jq yq xmllint curl wget mysql mariadb psql sqlite3 fdupes
    rmlint
"""
# Programs which print paths from anywhere, or from a list: the line does not say which. After a name: with
# which of their words they do (locate(1), dpkg-query(1), rpm(8), pacman(8), tar(1), comm(1), jq(1)).
_ANY_PATHS = {
    **dict.fromkeys(_PRINT_PATHS.split(), ".*"),
    **dict.fromkeys(("dpkg", "dpkg-query"), "-L|--listfiles"),
    "rpm": "-\\w*l\\w*|--list",
    "pacman": "-Q\\w*l\\w*",
    "apk": "-\\w*L",
    "tar": "-?\\w*t\\w*|--list",
    "unzip": "-Z1?",
    "cpio": "-\\w*t\\w*|--list",
}
# Programs which print no paths.
_COMPUTING = frozenset((
    "seq", "pgrep", "pidof", "docker", "podman", "nerdctl", "kubectl", "dpkg", "apt", "rpm", "dnf",
    "virsh", "lxc",
))  # fmt: skip


def handed(fed_by: Sequence[Call], *, stdin: str | None = None, listed: str | bool = "") -> list[str]:
    """Return what is read, one item each: names, or a mark for what the line does not say.

    Args:
        fed_by: the commands before the reader in its pipeline.
        stdin: the text that is read, where the line holds it.
        listed: whether a file is read.
    """
    if stdin is not None:
        return stdin.split() or [COMPUTED]
    if not fed_by:
        return [LISTED] if listed else [AMBIENT]
    source = fed_by[-1]
    name, words = name_of(source.words), source.words[1:]
    if name in ("echo", "printf"):
        said = [word for word in words if not word.startswith("-")]
        return [part for word in said for part in word.replace("\\n", " ").replace("\\0", " ").split()]
    if name in ("find", "fd", "fdfind") or (name == "lfs" and words[:1] == ("find",)):
        every = takes_all(source.words)
        roots = roots_of(as_find(source.words)[1:]) or ["."]
        return [f"{root}/*" if root in every else f"{root}/x" for root in roots]
    if name == "ls":
        operands = [word for word in words if not word.startswith("-")]
        itself = any(re.fullmatch(r"-[a-zA-Z]*d[a-zA-Z]*|--directory", word) for word in words)
        # Of a directory it prints the names, of what a pattern stands for what the pattern says.
        return [word if itself or re.search(r"[*?[]", word) else "*" for word in operands] or ["*"]
    if name in _ANY_PATHS and any(re.fullmatch(_ANY_PATHS[name], word) for word in words):
        return [LISTED]
    if name == "git":
        return ["./x"]
    if name in _FILTERS:
        if len(_operands(name, words)) > _FILTERS[name]:
            return [LISTED]
        items = handed(fed_by[:-1], stdin=source.stdin, listed=source.listed)
        return ["x" if item == "*" else item for item in items]  # what a filter leaves is not all
    return [COMPUTED if name in _COMPUTING else AMBIENT]


def _operands(name: str, words: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            found.append(word)
        elif word[-1] in _VALUED.get(name, "") and not word.startswith("--"):
            next(rest, "")
    return found
