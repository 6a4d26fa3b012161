"""What can be completed where the cursor stands, and how it is written there.

A line is read only as far as completion needs it: blanks, quotes and backslashes as in a POSIX
shell (POSIX.1-2017, Shell Command Language, 2.2 Quoting).
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ENDS_A_WORD = " \t;|&()<>"
_BEGINS_A_COMMAND = ";|&("
_SPECIAL = re.compile(r"([^\w@%+=:,./~-])")
_SELECTOR = re.compile(r"[,!&^]")


class Word(NamedTuple):
    """The word before the cursor."""

    start: int  # where it begins in the line
    text: str  # without its quotes and backslashes
    quote: str  # the quote that is still open, or nothing
    command: bool  # whether a command's name stands there


class Wanted(NamedTuple):
    """What is to be completed."""

    kind: str  # ``names`` (of nodes and groups), ``commands``, ``views``, ``paths``, or nothing
    text: str = ""  # what is there of it
    start: int = 0  # where it begins in the line
    quote: str = ""  # the quote that is open
    selector: str = ""  # whose paths, where the line itself says it


def last_word(line: str) -> Word:
    """Return the word in which the line ends; an empty one behind a blank."""
    start, text, quote, command, escaped, seen = 0, "", "", True, False, False
    for index, character in enumerate(line):
        if escaped:
            text, escaped = text + character, False
        elif character == "\\" and quote != "'":
            escaped = True
        elif quote:
            if character == quote:
                quote = ""
            else:
                text += character
        elif character in "'\"":
            quote, seen = character, True
        elif character in _ENDS_A_WORD:
            if character in _BEGINS_A_COMMAND:
                command = True
            elif character in "<>" or text or seen:
                command = False
            start, text, seen = index + 1, "", False
        else:
            text += character
    return Word(start, text, quote, command)


def wanted(line: str) -> Wanted:
    """Say what is to be completed at the end of a line."""
    begin = len(line) - len(line.lstrip())
    text = line[begin:]
    if text[:1] == "!":
        return Wanted("")
    selector = ""
    if text[:1] == "@":
        selector, blank, rest = text.partition(" ")
        if not blank:
            return _names(text, begin)
        begin, text = len(line) - len(rest), rest
    if text[:1] == ":" and text[1:2] not in (" ", "\t") and not selector:
        name, blank, rest = text[1:].partition(" ")
        if not blank:
            return Wanted("commands", name, begin + 1)
        word = rest.rpartition(" ")[2]
        at = len(line) - len(word)
        if name == "view":
            return Wanted("views", word, at)
        return Wanted("") if word[:1] == "-" or name == "with" else _names(word, at)
    last = last_word(text)
    if last.command and "/" not in last.text:
        return Wanted("")
    return Wanted("paths", last.text, begin + last.start, last.quote, selector)


def _names(text: str, start: int) -> Wanted:
    """The last name of a selector: of ``@all!@g`` it is ``@g``."""
    parts = list(_SELECTOR.finditer(text))
    at = parts[-1].end() if parts else 0
    return Wanted("names", text[at:], start + at)


def listing(path: str) -> str:
    """Return the command which lists what begins with a path: one a line, directories with a slash."""
    home, rest = ('"$HOME"/', path[2:]) if path.startswith("~/") else ("", path)
    from stentor.sh.quoting import quote

    quoted = quote(rest) if rest else ""
    here = "./" if rest.startswith("-") else ""
    return f"ls -dp {here}{home}{quoted}* 2>/dev/null | head -n 200"


def written(path: str, found: str, quote: str) -> str:
    """Return what replaces the word: the folder as it was typed, then the name that was found, quoted.

    Args:
        path: what was typed, without quotes.
        found: a line of the listing.
        quote: the quote that is open.
    """
    name = found.rstrip("/").rpartition("/")[2] + ("/" if found.endswith("/") else "")
    whole = path[: path.rfind("/") + 1] + name
    if quote == "'":
        return quote + whole.replace("'", "'\\''")
    if quote:
        return quote + re.sub(r'([\\"$`])', r"\\\1", whole)
    return _SPECIAL.sub(r"\\\1", whole)
