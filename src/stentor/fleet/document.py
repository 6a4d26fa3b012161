"""A YAML text as a tree in which every value knows its place. Never an exception for bad text: a fault.

libyaml's event stream is read by hand instead of through a loader: a loader would guess types by
YAML 1.1 (``52:54:00:12:34:56`` a number in base sixty, ``no`` a falsehood), would keep the last of two
equal keys silently, and would unfold aliases to any size. Scalars follow YAML 1.2's core schema
(https://yaml.org/spec/1.2.2/#103-core-schema); tags that make objects are refused; sizes are bounded.
"""

from __future__ import annotations

import re

import yaml

from stentor.typed import Any, NamedTuple

MAX_BYTES = 4 * 1024 * 1024
MAX_VALUES = 500_000  # once aliases are unfolded
MAX_DEPTH = 40
_QUOTES = "put the text in quotes"


class Fault(NamedTuple):
    """Something wrong in a file."""

    file: str  # shown
    line: int  # from 1; 0 when the fault is the file as a whole
    column: int  # from 1; 0 with line 0
    what: str  # one sentence without a full stop
    hint: str = ""  # what to do about it; may be empty

    @property
    def where(self) -> str:
        """The place, as editors and terminals understand it."""
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Value:
    """A value with its place."""

    __slots__ = ("column", "data", "height", "keys", "line", "size", "text")

    def __init__(self, data: Any, line: int, column: int, text: str = "") -> None:
        self.data = data  # a scalar (None, bool, int, float, str), ``list[Value]``, or ``dict[str, Value]``
        self.text = text  # a scalar as it was written; empty for others
        self.line = line  # from 1
        self.column = column  # from 1
        self.keys: dict[str, tuple[int, int]] = {}  # for a mapping, the place of each key
        self.size = 1  # how many values it holds once aliases are unfolded
        self.height = 0  # how many levels it has below itself

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.data, dict):
            return {key: value.plain() for key, value in self.data.items()}
        if isinstance(self.data, list):
            return [value.plain() for value in self.data]
        return self.data

    def kind(self) -> str:
        """What it is, in a user's words."""
        if isinstance(self.data, dict):
            return "a mapping"
        if isinstance(self.data, list):
            return "a list"
        if self.data is None:
            return "nothing"
        if isinstance(self.data, bool):
            return "true or false"
        return "a number" if isinstance(self.data, (int, float)) else "text"


class Malformed(Exception):  # noqa: N818 - carries a fault, and never leaves this module's callers
    """The text is no document; ``fault`` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault


def parse(data: bytes, file: str, dialect: Builder | None = None) -> tuple[Value | None, list[Fault]]:
    """Read one YAML document.

    Args:
        file: its name, for faults.
        dialect: what reads other YAML than a fleet file's.

    Returns:
        The tree, or None where there is none, and the faults found. Equal keys are a fault, but the
        tree is still there (with the first of them), so that other faults can be found as well.
    """
    builder = dialect or Builder(file)
    try:
        text = _decode(data, file)
        builder.read(text)
    except Malformed as malformed:
        return None, [*builder.faults, malformed.fault]
    return builder.root, builder.faults


def _decode(data: bytes, file: str) -> str:
    def fault(what: str, hint: str = "", line: int = 0, column: int = 0) -> Malformed:
        return Malformed(Fault(file, line, column, what, hint))

    if len(data) > MAX_BYTES:
        raise fault(
            f"it is {len(data) / 1e6:.1f} MB; a fleet file may have {MAX_BYTES / 1e6:.1f} MB at most",
            "is it the file you mean?",
        )
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise fault("it is written in UTF-16", "save it as UTF-8")
    if b"\0" in data:
        raise fault("it is a binary file, not YAML", "is it the file you mean?")
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode(errors="replace")) + 1
        raise fault(
            f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8", line, column
        ) from None
    if not text.strip():
        raise fault("it is empty", "'stentor init' writes a fleet to begin with")
    return text


class Builder:
    """From events to a tree, without recursion.

    A dialect of YAML is a subclass with its own ``resolve``, ``tagged``, ``entry`` and ``twice``.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.root: Value | None = None
        self._anchors: dict[str, Value] = {}
        self._open: list[Value] = []
        self._pending: list[tuple[Value, str] | None] = []  # of each open mapping: the key awaiting its value
        self._documents = 0
        self._merges: set[tuple[int, int]] = set()  # the places of ``<<`` without quotes

    def fault(self, mark: Any, what: str, hint: str = "") -> Malformed:
        """A fault at a mark of the parser's."""
        return Malformed(Fault(self.file, mark.line + 1, mark.column + 1, what, hint))

    def read(self, text: str) -> None:
        """Build the tree of a text; raises Malformed where it is none."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            stream = loader(text)
            while True:
                event = stream.get_event()
                if event is None or isinstance(event, yaml.StreamEndEvent):
                    break
                self._event(event)
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error, text) from None
        except yaml.reader.ReaderError as error:
            line = text.count("\n", 0, error.position) + 1
            column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
            what = f"the character {error.character!r} may not be in YAML"
            if isinstance(error.character, int):
                what = f"the character U+{error.character:04X} may not be in YAML"
            raise Malformed(Fault(self.file, line, column, what)) from None
        except (yaml.YAMLError, RecursionError) as error:
            raise Malformed(Fault(self.file, 0, 0, f"it is not YAML: {error}")) from None
        if self.root is None:
            raise Malformed(
                Fault(self.file, 0, 0, "it is empty", "'stentor init' writes a fleet to begin with")
            )

    def _syntax(self, error: yaml.MarkedYAMLError, text: str) -> Malformed:
        mark = error.problem_mark or error.context_mark
        problem = str(error.problem or error.context or "it is not YAML")
        if mark is None:
            return Malformed(Fault(self.file, 0, 0, problem))
        lines = text.splitlines()
        line = lines[mark.line] if mark.line < len(lines) else ""
        if "\t" in line[: mark.column + 1]:
            return self.fault(mark, "a tab where YAML wants spaces", "indent with spaces")
        hint = ""
        if "cannot start any token" in problem:
            problem, hint = f"a text cannot begin with {line[mark.column : mark.column + 1]}", _QUOTES
        elif error.context in ("while scanning an alias", "while scanning an anchor"):
            hint = f"{_QUOTES}, if no {error.context.split()[-1]} is meant"
        elif error.context == "while scanning a quoted scalar" and "end of stream" in problem:
            return self.fault(error.context_mark or mark, "a quote is not closed", "close it")
        elif "mapping values are not allowed" in problem:
            hint = "a text with ': ' in it needs quotes, or the line is indented too far"
        elif "expected <block end>" in problem or "did not find expected" in problem:
            hint = "look at the indentation, and for a bracket or quote that is not closed above"
        return self.fault(mark, problem, hint)

    def _event(self, event: Any) -> None:
        mark = event.start_mark
        if isinstance(event, yaml.DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                raise self.fault(mark, "a second document begins here", "a fleet file is one document")
        elif isinstance(event, yaml.AliasEvent):
            self._add(self._alias(event), mark)
        elif isinstance(event, yaml.ScalarEvent):
            value = self._scalar(event)
            self._anchor(event, value)
            self._add(value, mark)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._start(event)
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            value = self._open.pop()
            if self._pending.pop() is not None:
                raise self.fault(mark, "a key without a value")
            if isinstance(value.data, dict):
                self._merge(value)
            self._add(value, mark)

    def _start(self, event: Any) -> None:
        mapping = isinstance(event, yaml.MappingStartEvent)
        mark = event.start_mark
        if len(self._open) >= MAX_DEPTH:
            raise self.fault(mark, f"it is nested more than {MAX_DEPTH} levels deep")
        usual = (None, "!", "tag:yaml.org,2002:map" if mapping else "tag:yaml.org,2002:seq")
        if event.tag not in usual and not self.tagged(event.tag):
            raise self.fault(mark, f"the tag {event.tag} is not for a fleet file", "leave it away")
        if self._open and isinstance(self._open[-1].data, dict) and self._pending[-1] is None:
            raise self.fault(
                mark, "a key must be a word, not a list or mapping", "a text with {{ }} or [ ] needs quotes"
            )
        value = Value({} if mapping else [], mark.line + 1, mark.column + 1)
        self._open.append(value)
        self._pending.append(None)
        self._anchor(event, value)

    def _anchor(self, event: Any, value: Value) -> None:
        if event.anchor is not None:
            self._anchors[event.anchor] = value

    def _alias(self, event: Any) -> Value:
        value = self._anchors.get(event.anchor)
        if value is None:
            raise self.fault(event.start_mark, f"there is no anchor &{event.anchor} before this alias")
        if any(value is outer for outer in self._open):
            raise self.fault(event.start_mark, f"*{event.anchor} would contain itself")
        return value

    def _scalar(self, event: Any) -> Value:
        mark = event.start_mark
        if event.value == "<<" and event.implicit[0]:
            self._merges.add((mark.line + 1, mark.column + 1))
        try:
            data = self.resolve(event.value, event.tag, event.implicit[0])
        except ValueError as error:
            raise self.fault(mark, str(error)) from None
        return Value(data, mark.line + 1, mark.column + 1, event.value)

    def _add(self, value: Value, mark: Any) -> None:
        """Put a finished value where it belongs: document, list, key or value of a mapping."""
        if not self._open:
            self.root = value
            return
        outer = self._open[-1]
        if isinstance(outer.data, list):
            outer.data.append(value)
        elif self._pending[-1] is None:
            if isinstance(value.data, (dict, list)):
                raise self.fault(mark, "a key must be a word, not a list or mapping")
            self._pending[-1] = (value, value.text)
            return
        else:
            key, name = self._pending[-1]
            self._pending[-1] = None
            self.entry(outer, key, name, value)
        outer.size += value.size
        outer.height = max(outer.height, value.height + 1)
        if len(self._open) + value.height > MAX_DEPTH:
            raise self.fault(mark, f"it is nested more than {MAX_DEPTH} levels deep")
        if outer.size > MAX_VALUES:
            raise self.fault(mark, f"its aliases unfold to more than {MAX_VALUES} values")

    def entry(self, outer: Value, key: Value, name: str, value: Value) -> None:
        """Put a value into a mapping."""
        if name in outer.data and self.twice(key, name, outer.keys[name][0]):
            return
        outer.data[name] = value
        outer.keys[name] = (key.line, key.column)

    def resolve(self, text: str, tag: str | None, plain: bool) -> Any:
        """Give a scalar its type; raise ValueError with the reason if it has none."""
        return _resolve(text, tag, plain)

    def tagged(self, tag: str) -> bool:  # noqa: ARG002 - for dialects
        """Whether a mapping or list may have this tag."""
        return False

    def twice(self, key: Value, name: str, first: int) -> bool:
        """Note that a key is there already, in line ``first``; return whether the first value stays."""
        what = f"'{name}' is here for the second time; the first is in line {first}"
        self.faults.append(Fault(self.file, key.line, key.column, what, "keep one of them"))
        return True

    def _merge(self, value: Value) -> None:
        """Unfold ``<<``: keys of the mappings it names, where the mapping has none of its own."""
        if value.keys.get("<<") not in self._merges:
            return
        merged = value.data.pop("<<")
        for one in merged.data if isinstance(merged.data, list) else [merged]:
            if not isinstance(one.data, dict):
                line, column = value.keys["<<"]
                raise Malformed(Fault(self.file, line, column, "<< takes a mapping, or a list of mappings"))
            for key, inner in one.data.items():
                if key not in value.data:
                    value.data[key] = inner
                    value.keys[key] = one.keys[key]


_INTEGER = re.compile(r"[-+]?[0-9]+\Z", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+\Z")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+\Z")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?\Z", re.ASCII)
_WORDS = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
_TAGS = {f"tag:yaml.org,2002:{name}" for name in ("null", "bool", "int", "float")}


def _resolve(text: str, tag: str | None, plain: bool) -> Any:
    """Give a scalar its type by YAML 1.2's core schema."""
    if tag in ("!", "tag:yaml.org,2002:str"):
        return text
    if tag is not None and tag not in _TAGS:
        raise ValueError(f"the tag {tag} is not for a fleet file; a text that begins with ! needs quotes")
    if tag is None and not plain:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if len(text) < 40:  # longer digits are text to us, and would be slow as numbers
        if _INTEGER.match(text):
            return int(text)
        if _OCTAL.match(text):
            return int(text[2:], 8)
        if _HEXADECIMAL.match(text):
            return int(text, 16)
        if _FLOAT.match(text):
            number = float(text)
            return text if number in (float("inf"), float("-inf")) else number
    return text
