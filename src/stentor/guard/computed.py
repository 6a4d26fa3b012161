"""What can be computed of a word: parameter expansions, and what programs print that only work on words."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from fnmatch import translate

_PLACE = re.compile(r"%[-+ #0]*\d*(?:\.\d+)?[sbqdiuxXc]")
_CASES: dict[str, Callable[[str], str]] = {
    ",,": str.lower,
    "^^": str.upper,
    ",": lambda value: value[:1].lower() + value[1:],
    "^": lambda value: value[:1].upper() + value[1:],
}


def printed(words: Sequence[str]) -> str:
    """What ``echo`` or ``printf`` prints, with their escapes for a new line (printf(1))."""
    said = [word for word in words[1:] if not re.fullmatch(r"-[neE]+|--|-v", word)]
    if words[0].endswith("printf") and said:
        form, given = said[0], said[1:]
        places = len(_PLACE.findall(form))
        turns = [given[at : at + places] for at in range(0, len(given), places)] if places else []
        said = ["".join(_filled(form, turn) for turn in turns or [[]])]
    return " ".join(said).replace("\\n", "\n").replace("%%", "%")


def _filled(form: str, words: Sequence[str]) -> str:
    left = iter(words)
    return _PLACE.sub(lambda _: next(left, ""), form)


def answered(words: Sequence[str]) -> str | None:
    """What a program prints which only works on its words; None if it is none of them."""
    name, operands = words[0], [word for word in words[1:] if not word.startswith("-")]
    if name in ("echo", "printf"):
        return printed(words).rstrip("\n")
    if name in ("realpath", "readlink") and operands:
        return posixpath.normpath(operands[-1])
    if name == "dirname" and operands:
        return posixpath.dirname(operands[0].rstrip("/")) or ("/" if operands[0].startswith("/") else ".")
    if name == "basename" and operands:
        return posixpath.basename(operands[0].rstrip("/")).removesuffix("".join(operands[1:2]))
    return None


def changed(value: str, change: str) -> str | None:
    """``${value%pattern}`` and its like (bash(1), "Parameter Expansion"); None if it cannot be said."""
    if any(mark in change for mark in "$`\"'\\"):
        return None
    if change in _CASES:
        return _CASES[change](value)
    cut = re.fullmatch(r"(%%?|##?)(.+)", change, re.DOTALL)
    if cut:
        ends = range(len(value) + 1) if cut[1] in ("%%", "#") else range(len(value), -1, -1)
        whole = re.compile(translate(cut[2]))
        for at in ends:
            if whole.match(value[at:] if cut[1][0] == "%" else value[:at]):
                return value[:at] if cut[1][0] == "%" else value[at:]
        return value
    swap = re.fullmatch(r"/(/?)([^/]+)(?:/(.*))?", change)
    if swap and not re.search(r"[*?[#%]", swap[2]):
        return value.replace(swap[2], swap[3] or "", -1 if swap[1] else 1)
    part = re.fullmatch(r":(\d+)(?::(\d+))?", change)
    return value[int(part[1]) :][: int(part[2]) if part[2] else None] if part else None
