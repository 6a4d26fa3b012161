"""``find`` and ``fd``: where they begin, and whether they take all that is there (find(1), "TESTS")."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from itertools import pairwise

from stentor.guard.paths import KNOWN, data, lost, needed, readings
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.guard.calls import Call

_NARROWING = (
    "-name -iname -path -ipath -regex -iregex -mtime -mmin -ctime -cmin -atime -amin -newer -size -empty"
    " -inum -user -group -perm -lname -samefile -xtype -nouser -nogroup"
)
# What is old may go, even of data; by a name, a kind or a user all that there is of it would be lost.
_AGE = frozenset((
    "-mtime", "-mmin", "-ctime", "-cmin", "-atime", "-amin", "-newer", "-empty", "-inum",
    "-samefile", "-xtype", "-nouser",
))  # fmt: skip
_HOLDING = ("/home", "/srv", "/opt", "/var/lib", "/root")
_ACTIONS = ("-delete", "-exec", "-execdir", "-ok", "-okdir")
_REMOVING = frozenset(["rm", "unlink", "shred", "truncate", "mv", "srm"])
_TESTS = frozenset(_NARROWING.split())
# What programs and editors leave behind, wherever it is.
_LEFTOVERS = [
    "*.bak", "*.old", "*.orig", "*~", "*.rpmnew", "*.rpmsave", "*.rpmorig", "*.dpkg-*", "*.ucf-*",
    "*.pacnew", "*.pacsave", "*.swp", "*.tmp", "*.pyc", "*.pyo", "__pycache__",
]  # fmt: skip


# And of data, wherever it is.
_OF_DATA = [
    *_LEFTOVERS,
    "*.o",
    "*.pid",
    "*.lock",
    "*.log",
    "*.log.*",
    "core",
    "core.*",
    ".nfs*",
    "._*",
    ".DS_Store",
    "Thumbs.db",
    "node_modules",
    "cache",
    ".cache",
    "tmp",
]
_FD_VALUED = "etEdjScog"
_FD_NARROWS = (
    "-e", "-E", "-S", "-o", "-g", "--extension", "--exclude", "--size", "--owner", "--glob",
    "--changed",
)  # fmt: skip
_FD_ACTIONS = ("-x", "-X", "--exec", "--exec-batch")


def as_find(words: tuple[str, ...]) -> tuple[str, ...]:
    """The words of an ``fd`` as those of a ``find`` (fd(1)); others are themselves."""
    if words[:1] == ("lfs",):
        return ("find", *(word[1:] if word.startswith("--") else word for word in words[2:]))
    if not words[0].rpartition("/")[2].startswith("fd"):
        return words
    at = next((i for i, word in enumerate(words) if word in _FD_ACTIONS), len(words))
    operands: list[str] = []
    narrowed = aged = False
    rest = iter(words[1:at])
    for word in rest:
        if word.startswith("-") and len(word) > 1:
            narrowed |= word.startswith(_FD_NARROWS)
            aged |= word.startswith("--change")
            if word[-1] in _FD_VALUED and not word.startswith("--"):
                next(rest, "")
        else:
            operands.append(word)
    narrowed |= operands[:1] not in ([], ["."], [""], [".*"], ["*"])
    run = words[at + 1 :]
    run = (*run, "{}") if run and "{}" not in run else run
    test, action = (
        ("-mtime", "1") if aged else ("-name", "x") if narrowed else (),
        ("-exec", *run) if run else (),
    )
    return ("find", *(operands[1:] or ["."]), *test, *action)


def roots_of(words: tuple[str, ...]) -> list[str]:
    """Where a ``find`` begins.

    Args:
        words: after the name.
    """
    roots = []
    for word in words:
        if word.startswith(("-", "(", "!")):
            if word in ("-H", "-L", "-P"):
                continue
            break
        roots.append(word)
    return roots


def takes_all(words: tuple[str, ...]) -> list[str]:
    """The roots of which a ``find`` takes all, or too much: of the system every part is needed."""
    words = as_find(words)
    roots = roots_of(words[1:]) or ["."]
    at = next((i for i, word in enumerate(words) if word in _ACTIONS), len(words))
    words = words[:at]  # what stands behind an action does not narrow it, nor what stands before an "or"
    words = words[max((i for i, word in enumerate(words) if word in ("-o", "-or")), default=0) :]
    if _TESTS.isdisjoint(words):
        return roots
    names = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-name", "-iname")]
    system = [root for root in roots if root == "/" or needed(posixpath.normpath(root))]
    # "+0" is no age.
    old = any(word in _AGE and value not in ("+0", "-1") for word, value in pairwise((*words, "")))
    held = [root for root in roots if data(normal := posixpath.normpath(root)) or normal in _HOLDING]
    return [
        *([] if _all_of(names, _LEFTOVERS) else system),
        *([] if _all_of(names, _OF_DATA) or old else held),
    ]


def _all_of(names: list[str], forms: list[str]) -> bool:
    """Whether there are names, and each has one of these forms."""
    return bool(names) and all(any(fnmatchcase(name, form) for form in forms) for name in names)


def find(words: tuple[str, ...], call: Call) -> Iterator[tuple[str, str]]:
    """``find … -delete``, and ``-exec rm``: everything below its roots, unless a test narrows it down."""
    words = as_find(words)
    yield from _by_name(words)
    if "-delete" not in words and not any(re.search(r"(^|/)rm$", word) for word in words[1:]):
        return
    for root in takes_all(words):
        for path, condition in readings(root, call.cwd):
            what = lost(path) if path else "something"
            if what:
                reason = f"deletes {what} ({path})" if path else f"deletes below something, and {condition}"
                yield "remove-tree", f"{reason}, {condition}" if condition and path else reason


def _by_name(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """``find … -name authorized_keys -delete``: files that logins need, which the name takes."""
    names = [words[i + 1] for i, word in enumerate(words[:-1]) if word in ("-name", "-iname")]
    ends = [words[i + 1] for i, word in enumerate(words[:-1]) if word in _ACTIONS and word != "-delete"]
    programs = {word.rpartition("/")[2] for word in ends}
    if not names or not ("-delete" in words or programs & _REMOVING):
        return
    for file in KNOWN:
        homes = ("/home", "/root", "/", "~") if file.startswith("~") else ()
        for root in roots_of(words[1:]) or ["."]:
            below = root in homes or file.startswith(root.rstrip("/") + "/")
            if below and any(fnmatchcase(posixpath.basename(file), name) for name in names):
                yield "login-file", f"removes {file}, which a login or the next boot needs"
                return
