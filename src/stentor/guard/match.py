"""The tables of rules, ``tables/*.rules``: which rows look at a command, and what each finds.

A row is ``names | when | rule | what happens``. ``when`` is a list of tests which must all hold, in order:

=====================  ==================================================================================
``-r/--recursive``     this option is given, by any of its names; ``--del*`` is a pattern
``-s/--shell=x,*y``    it is given with one of these values
``stop,disable``       the next of the operands is one of these; the first test of this kind is about the
                       first operand, the others find theirs anywhere behind
``..,del``             the same, anywhere
``any:disk``           one of the operands, or of the values of options, is of that kind
``each:tree``          one of these operands is of that kind; ``last``, ``init`` (all but the last), ``rest``
                       (behind those found), ``1``, ``2+``, ``cwd``, ``-C:tree`` (an option's value), and
                       ``into`` (the files that a copy would write) and
                       ``inside`` (the same without the target itself)
``each=*:9200/*``      one of them has this form; ``each`` alone: there is one
``reads:crontab``      this program feeds it
``narrowed``           what feeds it lists only some of all (``--filter``)
``!…``                 the test does not hold
=====================  ==================================================================================

In ``what happens``, ``{}`` is what was found; ``{name}``, ``{first}``, ``{last}`` and ``{all}`` are words.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase

from stentor.guard.calls import Call, name_of
from stentor.guard.paths import (
    detaches,
    device,
    kept,
    login_file,
    lost,
    mounted,
    needed,
    no_login,
    part_of_system,
    readings,
    top,
    whole_tree,
)
from stentor.guard.tools import Line, read_line, rows_of
from stentor.guard.units import WORDS
from stentor.guard.words import LISTED, MARKS
from stentor.typed import NamedTuple

Hit = tuple[str, str]
_PLACE = re.compile(r"(!?)(each|any|rest|last|init|into|inside|cwd|\d\+?|-[\w/-]+)(?::(\w+)|=(.*))?")
_UNNAMED = "what the line does not name"
_COMMA = re.compile(r"(?<!\\),")


class Row(NamedTuple):
    """One rule of a table."""

    when: tuple[str, ...]
    rule: str
    reason: str


class Found(NamedTuple):
    """What a test of a row found: in words, and on which condition it is so."""

    shown: str = ""
    condition: str = ""


def _rows() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for table in ("files", "system", "data", "cloud", "cluster", "hosts"):
        for names, when, rule, reason in rows_of(f"{table}.rules"):
            row = Row(tuple(when.split()), rule, reason)
            for name in names.split():
                found.setdefault(name, []).append(row)
    return found


ROWS = _rows()


def judge(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Return what the tables say of a command."""
    told: set[Row] = set()
    # What an option takes that is not known, is known neither: so it is read both ways. What a word is not
    # is said by the first alone.
    for guess in (False, True):
        line = read_line(words, unknown_takes_value=guess)
        if line.changes_nothing:
            return
        for row in ROWS.get(line.name, ()):
            if row not in told and not (guess and any(test.startswith("!") for test in row.when)):
                hits = [(row.rule, said(row.reason, line, found)) for found in _matches(row.when, line, call)]
                told |= {row} if hits else set()
                yield from hits


def said(reason: str, line: Line, found: Found) -> str:
    """Return a row's reason in words."""
    operands = [re.sub(f"[{MARKS}]", " ", word).strip() or _UNNAMED for word in line.operands]
    shown = re.sub(f"[{MARKS}]", " ", found.shown).strip() or _UNNAMED
    text = reason.replace("{}", shown).replace("{name}", line.name)
    text = text.replace("{all}", " ".join(operands)).replace("{first}", "".join(operands[:1]))
    text = text.replace("{last}", "".join(operands[-1:]) or _UNNAMED)
    text = text.replace(" :", ":")
    return f"{text}, {found.condition}" if found.condition else text


def _matches(when: tuple[str, ...], line: Line, call: Call) -> list[Found]:
    """What the tests of a row find; nothing if one of them does not hold."""
    position, found = 0, [Found()]
    for test in when:
        negative, test = test.startswith("!"), test.removeprefix("!")
        place = _PLACE.fullmatch(test)
        sources = (*call.fed_by, *call.substitutes)
        if test.startswith("reads:"):
            holds = any(name_of(source.words) == test[6:] for source in sources)
        elif test == "narrowed":
            holds = any(map(_narrows, sources))
        elif place and (place[3] or not test.startswith("-")):
            hits = list(_placed(place, line, call, position))
            holds = bool(hits)
            found = hits if place[3] else found
        elif test.startswith("-"):
            holds = _option(test, line)
        elif negative:
            holds = any(fnmatchcase(operand, one) for operand in line.operands for one in test.split(","))
        else:
            position, holds = _next(test, line, position)
        if holds == negative:
            return []
    return found


def _narrows(source: Call) -> bool:
    """Whether what feeds a command lists only some of all: ``--filter``, ``grep``."""
    words = source.words
    return any(word in ("-f", "--filter") for word in words) or name_of(words) in ("grep", "egrep", "rg")


def _next(test: str, line: Line, position: int) -> tuple[int, bool]:
    """Look for the next operand that is one of these; returns where to go on."""
    anywhere = position > 0 or test.startswith("..,")
    until = len(line.operands) if anywhere else 1
    for index, operand in enumerate(line.operands[position:until], position):
        if _word(operand, test.removeprefix("..,"), line):
            return index + 1, True
    return position, False


def _word(operand: str, test: str, line: Line) -> bool:
    for word in test.split(","):
        if fnmatchcase(operand, word) or (
            "prefix" in line.tool.traits and operand and word.startswith(operand)
        ):
            return True
    return False


def _option(test: str, line: Line) -> bool:
    names, equals, values = test.partition("=")
    if "*" in names:
        return any(fnmatchcase(name, names) for name, _ in line.options)
    given = line.values(names)
    if not equals:
        return bool(given)
    forms = [form.replace("\\,", ",") for form in _COMMA.split(values)]
    return any(fnmatchcase(value, form) for value in given for form in forms)


def _placed(place: re.Match[str], line: Line, call: Call, position: int) -> Iterator[Found]:
    where, kind, forms = place[2], place[3], place[4]
    for word in _words_at(where, line, position):
        if forms is not None:
            if any(fnmatchcase(word, form) for form in forms.split(",")):
                yield Found(word)
        elif not kind:
            yield Found(word)
        elif kind in WORDS:
            if WORDS[kind](word):
                yield Found(word)
        else:
            yield from _paths(kind, word, call.cwd)


def _words_at(where: str, line: Line, position: int) -> list[str]:
    operands = list(line.operands)
    if where[0] == "-":
        return line.values(where)
    if where[0].isdecimal():
        start = int(where[0]) - 1
        return operands[start:] if where.endswith("+") else operands[start : start + 1]
    if where in ("into", "inside"):
        return _written(line, itself=where == "into")
    ending = [_local(word) if line.name == "rsync" else word for word in operands[-1:]]
    if where == "any":
        return [*operands, *(value for _, value in line.options if value)]
    pieces = {"rest": operands[position:], "last": ending, "init": operands[:-1], "cwd": ["."]}
    return pieces.get(where, operands)


def _written(line: Line, *, itself: bool) -> list[str]:
    """Where a copy writes: its target, and what each source would be in it."""
    folder = line.values("-t/--target-directory")
    target = folder or line.operands[-1:]
    sources = line.operands if folder else line.operands[:-1]
    if not sources:
        return []
    to = _local(target[0]) or "~"
    names = [posixpath.basename(source.partition(":")[2] or source) for source in sources]
    inside = [f"{to}/{'.' if name == '*' else name}" for name in names]
    return [*([to] if itself and not folder else []), *inside]


def _local(path: str) -> str:
    """A path on another machine, without the machine."""
    machine, colon, rest = path.partition(":")
    return rest if colon and "/" not in machine else path


_KINDS: dict[str, Callable[[str], str]] = {
    "tree": whole_tree,
    "lost": lost,
    "kept": kept,
    "top": top,
    "contents": lambda path: lost(path, contents_only=True),
    "login": login_file,
    "device": device,
    "onto": needed,
    "mount": mounted,
    "nologin": no_login,
    "part": part_of_system,
    "sysfs": detaches,
    "root": lambda path: path if path == "/" else "",
    "inroot": lambda path: login_file(path.removeprefix("~")) or needed(path.removeprefix("~")),
}
_TREES = ("tree", "lost", "contents", "part")
_UNSAID = {
    "tree": "something with all below it",
    "lost": "something with all below it",
    "contents": "something",
}


def _paths(kind: str, word: str, cwd: tuple[str, ...]) -> Iterator[Found]:
    """What of this kind the word can mean."""
    for path, condition in readings(word, cwd):
        if not path:
            if kind in ("tree", "lost") or (kind == "contents" and word == LISTED):
                yield Found(_UNSAID[kind], f"and {condition}")
        elif what := _KINDS[kind](path):
            shown = (
                "~, the login directory"
                if path == "~"
                else path.removeprefix("~" if kind == "inroot" else "")
            )
            yield Found(f"{what} ({shown})" if kind in _TREES else shown, condition)


def flags(words: tuple[str, ...]) -> tuple[set[str], list[str]]:
    """Return a command's short and long options, and its operands, of a program that is in no table."""
    options: set[str] = set()
    operands: list[str] = []
    rest = iter(words[1:])
    for word in rest:
        if word == "--":
            operands += rest
        elif word.startswith("--"):
            options.add(word.partition("=")[0])
        elif word.startswith("-") and len(word) > 1:
            options |= set(word[1:])
        else:
            operands.append(word)
    return options, operands
