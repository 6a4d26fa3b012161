"""``xargs``, ``find -exec`` and ``$(…)``: on what do they run other commands?"""

from __future__ import annotations

from stentor.guard.calls import Call
from stentor.guard.find import as_find, roots_of, takes_all
from stentor.guard.inner import Inner, name_of
from stentor.guard.lists import handed
from stentor.guard.options import Options, after_options
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
    named = any(word.startswith(("-a", "--arg-file")) for word in call.words[1:])
    source = () if named else call.fed_by
    items = dict.fromkeys(handed(source, stdin=None if named else call.stdin, listed=named or call.listed))
    found = []
    for rest in after_options(call.words, options):
        for item in items:
            if replaced:
                found.append(Inner(tuple(word.replace(replaced[0], item) for word in rest)))
            else:
                found.append(Inner((*rest, item)))
    return found


def substituted(call: Call) -> list[Inner]:
    """Return the command with what a ``find`` or ``ls`` prints in place of its ``$(…)``."""
    if not call.substitutes:
        return []
    last = call.substitutes[-1]
    items = [item for item in handed((*last.fed_by, last)) if item not in (COMPUTED, AMBIENT)]
    words = [tuple(item if word == COMPUTED else word for word in call.words) for item in items]
    return [Inner(given) for given in words if given != call.words]


_ON_TREES = {"rm": "-r", "chmod": "-R", "chown": "-R", "chgrp": "-R"}


def find(call: Call) -> list[Inner]:
    """Return what ``find -exec`` and its like run, for each place where it begins."""
    words = as_find(call.words)
    found: list[Inner] = []
    for index, word in enumerate(words):
        if word not in ("-exec", "-execdir", "-ok", "-okdir"):
            continue
        ends = [at for at, other in enumerate(words) if at > index and other in (";", "+")]
        rest = words[index + 1 : ends[0] if ends else len(words)]
        for root in roots_of(words[1:]) or ["."]:
            found += _for_each(rest, root, root in takes_all(words))
    return found


def _for_each(rest: tuple[str, ...], root: str, every: bool) -> list[Inner]:
    """What ``-exec`` runs: on all below a root it is what ``-R`` would do to the root."""
    if not rest:
        return []
    option = _ON_TREES.get(name_of(rest), "")
    if option and every:
        return [Inner((rest[0], option, *(word.replace("{}", root) for word in rest[1:])))]
    one = f"{root.rstrip('/')}/{'*' if every else 'x'}"
    return [Inner(tuple(word.replace("{}", one) for word in rest))]
