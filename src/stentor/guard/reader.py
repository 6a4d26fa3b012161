"""Read shell text into simple commands, each with all that is known around it.

The grammar is tree-sitter's for bash, kept by the tree-sitter project
(https://github.com/tree-sitter/tree-sitter-bash): it reads what it can and says where it
could not, which here is never taken for harmless.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable

from stentor.guard.calls import Call, Reading, Write
from stentor.guard.lists import handed
from stentor.guard.proofs import always_runs, demanded, leaves, proven
from stentor.guard.source import encode
from stentor.guard.variables import NAMES as VARIABLES
from stentor.guard.words import (
    COMPUTED,
    GIVEN,
    LIMIT,
    MARKS,
    SPLIT,
    UNSAID,
    Expanded,
    TooMany,
    Values,
    expand,
    text_of,
)
from stentor.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tree_sitter import Node, Parser


_HERE_STRING_LAST = re.compile(r"(>{1,2}\s*[^\s;&|<>'\"]+)\s+(<<<\s*(?:'[^']*'|\"[^\"]*\"|[^\s;&|<>]+))")
_CALLS = 1000  # of functions, each with words and variables of its own
_NESTED = 8  # functions that call functions

_parser: Parser | None = None


def read(text: str, *, values: Values | None = None, cwd: tuple[str, ...] = ("~",)) -> Reading:
    """Read a command line or script."""
    global _parser
    if any(mark in text for mark in MARKS) or "\0" in text:
        return Reading((), (), (), ("it holds characters which no shell line holds",))
    if _parser is None:
        import tree_sitter
        import tree_sitter_bash

        _parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bash.language()))
    root = _parser.parse(encode(text)).root_node
    if root.has_error and "<<<" in text:
        # The grammar wants a here-string before what is written to; a shell takes them in any order.
        turned = _parser.parse(encode(_HERE_STRING_LAST.sub(r"\2 \1", text))).root_node
        root = root if turned.has_error else turned
    reader = _Reader(values or Values(), cwd)
    if root.has_error:
        reader.troubles.append(f"the shell's grammar does not fit at: {_first_error(root)}")
    try:
        reader.walk(root)
    except TooMany:
        reader.troubles.append("a word has too many possible values")
    except TooManyCalls:
        reader.troubles.append("its functions call each other too often")
    except RecursionError:
        reader.troubles.append("it is nested too deeply")
    calls = (*reader.calls, *reader.set)
    return Reading(calls, tuple(reader.writes), tuple(reader.bombs), tuple(reader.troubles))


def _first_error(node: Node) -> str:
    while not (node.is_error or node.is_missing):
        node = next(child for child in node.children if child.has_error or child.is_missing)
    return " ".join(text_of(node).split())[:40] or "its end"


class TooManyCalls(Exception):  # noqa: N818 - a way out of a deep recursion, never seen outside
    """Functions call functions in more ways than can be judged."""


class _Reader:
    """Walks the tree in the order of execution and collects."""

    def __init__(self, values: Values, cwd: tuple[str, ...]) -> None:
        self.values = values
        self.cwd = cwd
        self.before_cd: tuple[str, ...] = ()  # where we are if the cd before this failed
        self.stops_at_errors = False
        self.functions: dict[str, list[Node]] = {}
        self.within: list[str] = []  # functions that are being called
        self.stdin: str | None = None
        self.listed = ""
        self.fed_by: tuple[Call, ...] = ()
        self.calls: list[Call] = []
        self.set: list[Call] = []  # variables which programs run, as a call of env
        self.writes: list[Write] = []
        self.called: set[object] = set()
        self.bombs: list[str] = []
        self.troubles: list[str] = []

    def walk(self, node: Node) -> None:
        handler = getattr(self, f"_{node.type}", None)
        if handler is not None:
            handler(node)
            return
        self._children(node.children)

    def _children(self, children: Iterable[Node]) -> None:
        connected = True
        before: Node | None = None
        sure: frozenset[str] = frozenset()
        for child in children:
            if not child.is_named:
                connected = child.type == "&&"
                sure = proven(before, child.type == "&&") if child.type in ("&&", "||") else sure
                if child.type == "||":
                    connected = leaves(child.next_named_sibling)
                    if connected:
                        self.before_cd = ()
                if child.type in ("&&", "||") and leaves(child.next_named_sibling):
                    self._narrow(proven(before, child.type == "||"))
                continue
            if not connected:
                self._cd_may_have_failed()
            saved = self._narrow(sure)
            self.walk(child)
            self._widen(saved)
            connected, before = False, child

    def _narrow(self, names: frozenset[str]) -> dict[str, tuple[str, ...]]:
        """From here these variables are not empty; returns what they were."""
        saved = {name: self.values.of(name) for name in names}
        for name, values in saved.items():
            given = tuple(GIVEN if value in UNSAID else value for value in values if value)
            self.values.known[name] = tuple(dict.fromkeys(given)) or (GIVEN,)
        return saved

    def _widen(self, saved: dict[str, tuple[str, ...]]) -> None:
        """Behind a branch: what the variables were before it is possible again."""
        for name, values in saved.items():
            self.values.known[name] = tuple(dict.fromkeys((*values, *self.values.known[name])))

    def _if_statement(self, node: Node) -> None:
        """``if [ -n "$X" ]; then …``: what the test says holds in its branch."""
        at = next((i for i, child in enumerate(node.children) if child.type == "then"), len(node.children))
        condition, rest = node.children[:at], node.children[at:]
        self._children(condition)
        tests = [child for child in condition if child.is_named]
        holds, fails = (proven(tests[-1] if tests else None, success) for success in (True, False))
        branches = [child for child in rest if child.type in ("elif_clause", "else_clause")]
        saved = self._narrow(holds)
        self._children(child for child in rest if child not in branches)
        self._widen(saved)
        saved = self._narrow(fails)
        self._children(branches)
        if not any(leaves(child) for child in rest if child not in branches and child.is_named):
            self._widen(saved)

    def _cd_may_have_failed(self) -> None:
        if self.before_cd and not self.stops_at_errors:
            self.cwd = tuple(dict.fromkeys((*self.cwd, *self.before_cd)))
        self.before_cd = ()

    def _command(self, node: Node) -> None:
        first = len(self.calls)
        choices: list[tuple[str, ...]] = []
        stdin = self.stdin
        before: dict[str, tuple[str, ...]] = {}
        for child in node.children:
            if child.type == "variable_assignment":  # for this command alone, and not for its own words
                name, found = self._assigned(child)
                before[name] = found
            elif child.type == "herestring_redirect":
                self._substitutions(child)
                stdin = "".join(expand(child.children[-1], self.values)[:1])
            elif child.type.endswith("_redirect"):
                self._redirect(child)
            elif child.is_named and child.type != "comment":
                self._substitutions(child)
                choices.append(expand(child, self.values))
        if always_runs(node):
            self._narrow(demanded(node))
        substitutes = tuple(self.calls[first:])
        for words in self._readings(choices):
            call = Call(
                *(words, text_of(node), self.cwd, self.fed_by, stdin),
                values=Values({**self.values.known, **before}, self.values.exported | before.keys()),
                substitutes=substitutes,
                listed=self.listed,
            )
            self.calls.append(call)
            self._remember(call)
            if words[0] in self.functions:
                self._called(words, before)

    def _readings(self, choices: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Every choice of the words' values, each split where the shell splits."""
        product = list(itertools.islice(itertools.product(*choices), LIMIT + 1))
        if len(product) > LIMIT:
            raise TooMany
        split = ((part for word in words for part in _parts(word)) for words in product)
        return [words for words in dict.fromkeys(tuple(words) for words in split) if words]

    def _remember(self, call: Call) -> None:
        """What this command changes for the ones after it."""
        name, *rest = call.words
        operands = [word for word in rest if not word.startswith("-")]
        if name in ("cd", "pushd"):
            self.before_cd = self.cwd
            self.cwd = tuple(_joined(here, operands[0] if operands else "~") for here in self.cwd)
        elif name in ("read", "mapfile", "readarray", "getopts"):
            found = handed(call.fed_by, stdin=call.stdin, listed=call.listed)[:LIMIT]
            for variable in operands:
                self.values.give(variable.strip(MARKS), tuple(found) if name != "getopts" else (COMPUTED,))
        elif name == "set" and rest[:1] == ["--"]:
            self.values.known["@"] = self.values.known["*"] = (SPLIT.join(rest[1:]),)
            self.values.known |= {str(number): (word,) for number, word in enumerate(rest[1:], 1)}
        elif name == "set" and any(word.startswith("-") and "e" in word for word in rest):
            self.stops_at_errors = True

    def _substitutions(self, node: Node) -> None:
        """Read what is inside ``$( )``, backquotes and ``<( )``, wherever it is in the word."""
        if node.type in ("command_substitution", "process_substitution"):
            self._apart(node.children)
            return
        for child in node.children:
            self._substitutions(child)

    def _apart(self, children: Iterable[Node], *, fed_by: tuple[Call, ...] = ()) -> tuple[Call, ...]:
        """Walk what runs in a shell of its own: its cd and its stdin end with it."""
        saved = self.cwd, self.before_cd, self.stdin, self.fed_by, self.listed
        self.before_cd, self.fed_by = (), fed_by
        if fed_by:
            self.stdin, self.listed = None, ""
        first = len(self.calls)
        self._children(children)
        self.cwd, self.before_cd, self.stdin, self.fed_by, self.listed = saved
        return tuple(self.calls[first:])

    def _subshell(self, node: Node) -> None:
        self._apart(node.children)

    def _pipeline(self, node: Node) -> None:
        fed_by: tuple[Call, ...] = self.fed_by
        for number, child in enumerate(child for child in node.children if child.is_named):
            if number == 0 and not fed_by:
                fed_by = self._apart([child])
            else:
                fed_by = (*fed_by, *self._apart([child], fed_by=fed_by))

    def _redirected_statement(self, node: Node) -> None:
        redirects = [child for child in node.children if child.type.endswith("_redirect")]
        saved = self.stdin, self.listed, self.fed_by
        for redirect in redirects:
            if redirect.type == "file_redirect" and any(child.type == "<" for child in redirect.children):
                last = redirect.children[-1]
                file = "".join(expand(last, self.values)[:1])
                self.stdin, self.listed = None, "" if file == "/dev/null" else file or COMPUTED
                if last.type == "process_substitution":
                    self.fed_by, self.listed = self._apart(last.children), ""
            elif redirect.type == "heredoc_redirect":
                bodies = [child for child in redirect.children if child.type == "heredoc_body"]
                text = "".join(text_of(body) for body in bodies)
                quoted = re.search(r"[\"'\\]", text_of(redirect.children[1])) is not None
                self.stdin = text if quoted else Expanded(text)
            elif redirect.type == "herestring_redirect":
                self.stdin = "".join(expand(redirect.children[-1], self.values)[:1])
        first = len(self.calls)
        self._children(child for child in node.children if child not in redirects)
        body = tuple(self.calls[first:])
        self.stdin, self.listed, self.fed_by = saved
        for redirect in redirects:
            self._redirect(redirect, body)

    def _redirect(self, node: Node, body: tuple[Call, ...] = ()) -> None:
        if node.type == "heredoc_redirect":
            for child in node.children:
                if child.type == "pipeline":
                    self._apart([child], fed_by=body)
                elif child.type == "heredoc_body":
                    self._substitutions(child)
                elif child.type == "file_redirect":
                    self._redirect(child, body)
                elif child.is_named and child.type not in ("heredoc_start", "heredoc_end", "file_descriptor"):
                    self.walk(child)
            return
        self._substitutions(node)
        operator = next((child.type for child in node.children if not child.is_named), "")
        if node.type != "file_redirect" or not operator.strip("&").startswith(">"):
            return
        named = [child for child in node.children if child.is_named and child.type != "file_descriptor"]
        for value in expand(named[-1], self.values) if named else ():
            for part in _parts(value):
                self.writes.append(Write(part, ">>" in operator, text_of(node), self.cwd, body))

    def _file_redirect(self, node: Node) -> None:
        self._redirect(node)

    def _declaration_command(self, node: Node) -> None:
        """``export``, ``declare -x`` and their like."""
        self._children(node.children)
        words = text_of(node).split()
        if words[0] == "export" or any(re.fullmatch(r"-\w*x\w*", word) for word in words[1:2]):
            named = [
                child.children[0] if child.children else child for child in node.children if child.is_named
            ]
            self.values.exported |= {text_of(child) for child in named}

    def _variable_assignment(self, node: Node) -> None:
        self.values.give(*self._assigned(node))

    def _assigned(self, node: Node) -> tuple[str, tuple[str, ...]]:
        """A variable, and what it is given."""
        name, *rest = [child for child in node.children if child.is_named]
        variable = text_of(name).partition("[")[0]
        found: tuple[str, ...] = ("",) if not rest else ()
        self._substitutions(name)
        for child in rest:
            self._substitutions(child)
            members = [word for word in child.children if word.is_named] if child.type == "array" else [child]
            found += tuple(
                value.replace(SPLIT, " ") for member in members for value in expand(member, self.values)
            )
        if variable in VARIABLES:
            words = [("env", f"{variable}={value}") for value in found]
            known = Values({**self.values.known}, self.values.exported)
            self.set += [Call(one, text_of(node), self.cwd, values=known) for one in words]
        return variable, found

    def _for_statement(self, node: Node) -> None:
        named = [child for child in node.children if child.is_named]
        variable, words = named[0], [child for child in named[1:] if child.type != "do_group"]
        found: tuple[str, ...] = ()
        for word in words:
            first = len(self.calls)
            self._substitutions(word)
            for last in self.calls[first:][-1:]:
                found += tuple(item for item in handed((*last.fed_by, last)) if item not in MARKS)
            found += tuple(part for value in expand(word, self.values) for part in _parts(value))
        if not words:  # "for x; do" goes through the parameters
            found = tuple(part for value in self.values.known.get("@", ()) for part in _parts(value) if part)
        # What a substitution falls into is never empty.
        items = tuple(GIVEN if item == COMPUTED else item for item in found)
        self.values.give(text_of(variable), items or (COMPUTED,))
        self._children(child for child in named if child.type in ("do_group", "compound_statement"))

    def _function_definition(self, node: Node) -> None:
        """Read a function once by itself, and again at each call with what it is given."""
        name = text_of(next(child for child in node.children if child.type == "word"))
        body = [child for child in node.children if child.is_named][1:]
        inside = self._body(
            body, {"@": ("",), "*": ("",), **{str(number): (GIVEN,) for number in range(1, 10)}}
        )
        source = "".join(text_of(child) for child in body)
        again = [call for call in inside if call.words[0] == name]
        if again and (any(call.fed_by for call in again) or "&" in source.replace("&&", "")):
            self.bombs.append(text_of(node))
        self.functions[name] = body

    def _body(self, body: list[Node], given: dict[str, tuple[str, ...]]) -> tuple[Call, ...]:
        outer = self.values
        self.values = Values({**outer.known, **given}, outer.exported)
        inside = self._apart(body)
        again = {name: outer.of(name) for name in given}
        self.values = Values({**self.values.known, **again}, self.values.exported)
        return inside

    def _called(self, words: tuple[str, ...], before: dict[str, tuple[str, ...]]) -> None:
        name, rest = words[0], words[1:]
        if name in self.within or len(self.within) > _NESTED:
            return
        known = hash(frozenset(self.values.known.items()))
        call = (words, self.cwd, known, self.stdin, self.listed, len(self.fed_by))
        if call in self.called:  # nothing new can come of it
            return
        self.called.add(call)
        if len(self.called) > _CALLS:
            raise TooManyCalls
        given = {**before, **{str(number): (value,) for number, value in enumerate(rest, 1)}}
        given["@"] = given["*"] = (SPLIT.join(rest),)
        self.within.append(name)
        self._body(self.functions[name], given)
        self.within.pop()

    def _comment(self, _node: Any) -> None:
        return


def _parts(value: str) -> list[str]:
    return [part for part in value.split(SPLIT) if part] if SPLIT in value else [value]


def _joined(here: str, to: str) -> str:
    if to.startswith(("/", "~")):
        return to
    return f"{here}/{to}" if to not in ("", ".") else here
