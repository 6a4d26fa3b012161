"""What a word of shell can become: every value that can be known, and marks for what cannot.

A value is text in which private characters stand for what the line does not say. The
guard asks of each what the word is when that part is *empty*, since ``rm -rf "$DIR"/*`` is how
machines have been lost; and a word that is nothing but a variable of the node's environment
can be anything.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

from stentor.guard.computed import answered, changed
from stentor.guard.source import decode
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

COMPUTED = (
    "\ue000"  # the output of a command, a variable that is set here from something unknown: may be empty
)
GIVEN = "\ue001"  # unknown, but never empty: ${X:?}, $$, $(mktemp)
AMBIENT = "\ue002"  # a variable which the line does not set: may be empty, may be anything
SPLIT = "\ue003"  # where the shell splits an unquoted value
LISTED = "\ue004"  # an item of a list that is read from a file: may be anything
MARKS = COMPUTED + GIVEN + AMBIENT + SPLIT + LISTED
UNSAID = COMPUTED + AMBIENT + LISTED  # what may be empty

SUBSTITUTED = "/dev/fd/63"  # what <( ) is

LIMIT = 64  # values of one word; a word with more is too much to judge

_NEVER_EMPTY = {
    "$", "?", "#", "!", "-", "RANDOM", "SECONDS", "LINENO", "UID", "EUID", "PPID", "HOSTNAME", "USER",
    "LOGNAME", "BASHPID", "OSTYPE", "HOSTTYPE", "SHELL", "PATH",
}  # fmt: skip
_SPEAKS = {
    "mktemp", "hostname", "date", "whoami", "nproc", "id", "uname", "wc", "tempfile", "tty",
    "dirname", "basename",
}  # fmt: skip
_ANSWER = ("echo", "printf", "realpath", "readlink", "dirname", "basename")
_ESCAPES = {
    "n": "\n", "t": "\t", "r": "\r", "a": "\a", "b": "\b", "f": "\f", "v": "\v", "e": "\x1b", "E": "\x1b",
}  # fmt: skip


_QUOTED = re.compile(r"'[^']*'|\"(?:\\.|[^\"])*\"|\$\([^()]*\)|`[^`]*`|\$\{[^{}]*\}")


class TooMany(Exception):  # noqa: N818 - a way out of a deep recursion, never seen outside
    """A word has more possible values than can be judged."""


_ALWAYS: dict[str, tuple[str, ...]] = {
    "HOME": ("~",),
    "PWD": (".",),
    "OLDPWD": (COMPUTED,),
    "IFS": (" ",),
}


class Expanded(str):
    """Text for another shell, in which this one has put the values of its variables."""

    __slots__ = ()


class Values:
    """The variables of a line: every value each of them was ever given, and which of them are exported."""

    def __init__(
        self, known: dict[str, tuple[str, ...]] | None = None, exported: frozenset[str] = frozenset()
    ) -> None:
        self.known = {**_ALWAYS, **(known or {})}
        self.exported = exported

    def elsewhere(self) -> Values:
        """Return what another shell has of them: those that are not exported are empty there."""
        kept = _ALWAYS.keys() | self.exported
        return Values(
            {name: values if name in kept else (*values, COMPUTED) for name, values in self.known.items()},
            self.exported,
        )

    def give(self, name: str, values: tuple[str, ...]) -> None:
        """Add values: a branch may be taken or not, so earlier ones stay possible."""
        together = tuple(dict.fromkeys((*self.known.get(name, ()), *values)))
        if len(together) > LIMIT:
            raise TooMany
        self.known[name] = together

    def of(self, name: str) -> tuple[str, ...]:
        """Return what this variable can be."""
        if name in self.known:
            return self.known[name]
        return (GIVEN,) if name in _NEVER_EMPTY else (AMBIENT,)


def text_of(node: Node) -> str:
    """Return a node's source."""
    return decode(node.text or b"")


def expand(node: Node, values: Values) -> tuple[str, ...]:
    """Return every value this word can have; ``SPLIT`` marks where it falls into several.

    Raises:
        TooMany: more than ``LIMIT``.
    """
    found = tuple(dict.fromkeys(_unbraced(value) for value in _expand(node, values, quoted=False)))
    source = text_of(node)
    if not re.search(r"[\"'`]|\$\(", source):
        found = tuple((SPLIT.join(group),) for group in found)
    elif re.search(r"\{[^{}]*,[^{}]*\}", _QUOTED.sub("", source)):
        found = tuple((*group, SPLIT.join(group)) for group in found)
    flat = tuple(dict.fromkeys(value for group in found for value in group))
    if len(flat) > LIMIT:
        raise TooMany
    return flat


def _expand(node: Node, values: Values, *, quoted: bool) -> tuple[str, ...]:
    handler = _HANDLERS.get(node.type)
    if handler is None:
        return (COMPUTED,)
    return handler(node, values, quoted)


def _word(node: Node, _values: Values, _quoted: bool) -> tuple[str, ...]:
    return (re.sub(r"\\(.)", lambda match: match[1].strip("\n"), text_of(node), flags=re.DOTALL),)


def _raw(node: Node, _values: Values, _quoted: bool) -> tuple[str, ...]:
    return (text_of(node)[1:-1],)


def _ansi(node: Node, _values: Values, _quoted: bool) -> tuple[str, ...]:
    def one(match: re.Match[str]) -> str:
        code = match[1]
        if code[0] in "xuU" and len(code) > 1:
            return chr(int(code[1:], 16) % 0x110000)
        if code[0] in "01234567":
            return chr(int(code, 8) % 256)
        if code[0] == "c" and len(code) > 1:
            return chr(ord(code[1]) & 31)
        return _ESCAPES.get(code, code)

    pattern = r"\\(x[0-9a-fA-F]{1,2}|u[0-9a-fA-F]{1,4}|U[0-9a-fA-F]{1,8}|[0-7]{1,3}|c.|.)"
    return (re.sub(pattern, one, text_of(node)[2:-1], flags=re.DOTALL),)


def _parts(node: Node, values: Values, quoted: bool, inner: tuple[str, str] | None = None) -> tuple[str, ...]:
    """A word made of parts. Between them the source may hold text which has no node of its own."""
    source, base = node.text or b"", node.start_byte
    position = base + (len(inner[0]) if inner else 0)
    pieces: list[tuple[str, ...]] = []
    for child in node.children:
        if inner and not child.is_named and text_of(child) == '"':
            continue
        if child.start_byte > position:
            pieces.append((decode(source[position - base : child.start_byte - base]),))
        pieces.append(_expand(child, values, quoted=quoted) if child.is_named else (text_of(child),))
        position = child.end_byte
    end = node.end_byte - (len(inner[1]) if inner else 0)
    if position < end:
        pieces.append((decode(source[position - base : end - base]),))
    combined = tuple("".join(choice) for choice in itertools.islice(itertools.product(*pieces), LIMIT + 1))
    if len(combined) > LIMIT:
        raise TooMany
    return combined


def _concatenation(node: Node, values: Values, quoted: bool) -> tuple[str, ...]:
    return _parts(node, values, quoted)


def _string(node: Node, values: Values, _quoted: bool) -> tuple[str, ...]:
    return _parts(node, values, True, ('"', '"'))


def _content(node: Node, _values: Values, _quoted: bool) -> tuple[str, ...]:
    return (re.sub(r'\\([$`"\\\n])', lambda match: match[1].strip("\n"), text_of(node)),)


def _variable(node: Node, values: Values, quoted: bool) -> tuple[str, ...]:
    return _split(values.of(text_of(node)[1:]), quoted)


def _expansion(node: Node, values: Values, quoted: bool) -> tuple[str, ...]:
    text = text_of(node)
    match = re.fullmatch(r"\$\{([A-Za-z_]\w*|[0-9]+|[@*#?$!-])(?:\[[@*\w]+\])?(.*)\}", text, re.DOTALL)
    if not match:
        return (GIVEN,) if text.startswith("${#") else (AMBIENT,)
    name, rest = match[1], match[2]
    own = values.of(name)
    if not rest:
        return _split(own, quoted)
    if rest.startswith((":?", "?")):
        return _split(tuple(value for value in own if value and value not in UNSAID) or (GIVEN,), quoted)
    if rest.startswith((":-", "-", ":=", "=", ":+", "+")):
        operator = rest[:2] if rest.startswith(":") else rest[:1]
        named = [child for child in node.children if child.is_named][1:]
        other = tuple(value for child in named for value in _expand(child, values, quoted=quoted)) or (
            rest[len(operator) :],
        )
        if "+" in operator:
            return ("", *other)
        kept = tuple(GIVEN if value in UNSAID else value for value in own if value)
        return _split((*kept, *other), quoted)
    if name not in values.known:
        return (AMBIENT,)
    found = [None if unknown(value) else changed(value, rest) for value in own]
    return _split(tuple(COMPUTED if value is None else value for value in found), quoted)


def _substitution(node: Node, values: Values, quoted: bool) -> tuple[str, ...]:
    commands = [child for child in node.children if child.is_named]
    if len(commands) == 1 and commands[0].type == "file_redirect":
        return (LISTED,)
    if len(commands) != 1 or commands[0].type != "command":
        return (COMPUTED,)
    words = [child for child in commands[0].children if child.is_named]
    name = text_of(words[0]) if words else ""
    if name == "cat":
        return (LISTED,)
    if name == "pwd":
        return (".",)
    if name in _ANSWER and (said := _answers(words, values)):
        return _split(said, quoted)
    return (GIVEN,) if name in _SPEAKS else (COMPUTED,)


def _answers(words: list[Node], values: Values) -> tuple[str, ...]:
    """What a program prints that only works on its words; nothing if it depends on what is unknown."""
    choices = itertools.product(*(_expand(word, values, quoted=True) for word in words))
    found = [answered(choice) for choice in itertools.islice(choices, LIMIT)]
    return (
        tuple(text for text in found if text is not None) if not any(unknown(t or "") for t in found) else ()
    )


def _never_empty(_node: Node, _values: Values, _quoted: bool) -> tuple[str, ...]:
    return (GIVEN,)


def _name(node: Node, values: Values, quoted: bool) -> tuple[str, ...]:
    return (
        tuple(value for child in node.children for value in (_expand(child, values, quoted=quoted)))
        if node.children
        else _word(node, values, quoted)
    )


def _split(found: tuple[str, ...], quoted: bool) -> tuple[str, ...]:
    return found if quoted else tuple(re.sub(r"[ \t\n]+", SPLIT, value) for value in found)


_HANDLERS: dict[str, Callable[[Node, Values, bool], tuple[str, ...]]] = {
    "word": _word,
    "number": _word,
    "variable_name": _word,
    "extglob_pattern": _word,
    "regex": _word,
    "raw_string": _raw,
    "ansi_c_string": _ansi,
    "string": _string,
    "translated_string": lambda node, values, quoted: _expand(node.children[-1], values, quoted=quoted),
    "string_content": _content,
    "concatenation": _concatenation,
    "brace_expression": _word,
    "simple_expansion": _variable,
    "expansion": _expansion,
    "command_substitution": _substitution,
    "arithmetic_expansion": _never_empty,
    "process_substitution": lambda _node, _values, _quoted: (SUBSTITUTED,),
    "command_name": _name,
}


def _unbraced(text: str) -> tuple[str, ...]:
    """Expand ``{a,b}``; quoted braces too, since a guard may be too careful but not too trusting."""
    match = re.search(r"\{([^{}]*,[^{}]*)\}", text)
    if not match:
        return (text,)
    choices = match[1].split(",")
    if len(choices) > LIMIT:
        raise TooMany
    found = tuple(
        value
        for choice in choices
        for value in _unbraced(text[: match.start()] + choice + text[match.end() :])
    )
    if len(found) > LIMIT:
        raise TooMany
    return found


def unknown(text: str) -> bool:
    """Whether a word holds anything that the line does not say."""
    return any(mark in text for mark in MARKS)
