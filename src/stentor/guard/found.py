"""Commands that run others on what they find, ``xargs`` and ``find``: on what do they run them?"""

from __future__ import annotations

import re

from stentor.guard.inner import Inner, name_of
from stentor.guard.options import Options, after_options
from stentor.guard.reader import Call
from stentor.guard.words import AMBIENT, COMPUTED


def xargs(call: Call) -> list[Inner]:
    """Return what ``xargs`` runs: its words with each thing that is handed to it."""
    options = Options(
        "IndPLaEs",
        "0rtpxo",
        ("replace", "max-args", "delimiter", "max-procs", "max-lines", "arg-file", "max-chars"),
    )
    replaced = [call.words[i + 1] for i, word in enumerate(call.words[:-1]) if word == "-I"]
    replaced += [word[2:] for word in call.words if word.startswith("-I") and len(word) > 2]
    replaced += ["{}"] if any(word == "-i" or word.startswith("--replace") for word in call.words) else []
    found = []
    for rest in after_options(call.words, options):
        for item in _fed(call):
            if replaced:
                found.append(Inner(tuple(word.replace(replaced[0], item) for word in rest)))
            else:
                found.append(Inner((*rest, item)))
    return found


def _fed(call: Call) -> list[str]:
    """What the commands before it in the pipeline hand over, as far as the line says."""
    if call.stdin is not None:
        return call.stdin.split() or [COMPUTED]
    items: list[str] = []
    for source in call.fed_by:
        name = name_of(source.words)
        operands = [word for word in source.words[1:] if not word.startswith("-")]
        if name in ("echo", "printf"):
            items += [
                part for word in operands for part in word.replace("\\n", " ").replace("\\0", " ").split()
            ]
        elif name == "find":
            roots = roots_of(source.words[1:]) or ["."]
            items += [f"{root}/x" for root in roots]
        elif name == "ls":
            itself = any(re.fullmatch(r"-[a-zA-Z]*d[a-zA-Z]*|--directory", word) for word in source.words[1:])
            items += operands if itself else [f"{root}/x" for root in operands] or ["./x"]
        elif name in _PRINT_NAMES:
            items.append(COMPUTED)
        else:
            items.append(AMBIENT)
    return list(dict.fromkeys(items)) or [AMBIENT]


_NARROWING = (
    "-name -iname -path -ipath -regex -iregex -mtime -mmin -ctime -cmin -atime -amin -newer -size -empty"
    " -inum -user -group -perm -lname -samefile -xtype -nouser -nogroup"
)
_TESTS = frozenset(_NARROWING.split())
# Programs whose output is not in the line.
_COMPUTING = "cat seq git pgrep docker podman dpkg apt grep sort uniq head tail awk sed cut tr"
_PRINT_NAMES = frozenset(_COMPUTING.split())


def narrowed(words: tuple[str, ...]) -> bool:
    """Whether a ``find`` takes only some of what is below its roots."""
    return not _TESTS.isdisjoint(words)


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


_ON_TREES = {"rm": "-r", "chmod": "-R", "chown": "-R", "chgrp": "-R"}


def find(call: Call) -> list[Inner]:
    """Return what ``find -exec`` and its like run, for each place where it begins."""
    words = call.words
    found: list[Inner] = []
    for index, word in enumerate(words):
        if word not in ("-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec"):
            continue
        ends = [at for at, other in enumerate(words) if at > index and other in (";", "+")]
        rest = words[index + 1 : ends[0] if ends else len(words)]
        for root in roots_of(words[1:]) or ["."]:
            found += _for_each(rest, root, narrowed(words))
    return found


def _for_each(rest: tuple[str, ...], root: str, narrow: bool) -> list[Inner]:
    """What ``-exec`` runs: on all below a root it is what ``-R`` would do to the root."""
    if not rest:
        return []
    option = _ON_TREES.get(name_of(rest), "")
    if option and (not narrow or root == "/"):
        return [Inner((rest[0], option, *(word.replace("{}", root) for word in rest[1:])))]
    return [Inner(tuple(word.replace("{}", f"{root}/x") for word in rest))]
