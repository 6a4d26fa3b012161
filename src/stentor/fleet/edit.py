"""Changes of a fleet file which leave everything else in it as it stands. Text in, text out.

The file is a person's: comments, order, alignment and quoting are theirs. So the place of one entry
is looked up (PyYAML knows the positions), only that piece is changed (ruamel.yaml keeps the comments
inside it), and it is put back between the untouched bytes around it.
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Mapping

import yaml

from stentor.errors import FleetError, UsageError
from stentor.fleet.suggest import did_you_mean
from stentor.typed import Any, NamedTuple

_BY_HAND = "change it in an editor, then look at it with 'stentor check'"
_WIDTH = 1 << 20  # never break a line: a list in braces would go on in another, with a blank before its end


class _Entry(NamedTuple):
    """An entry of a mapping: its key, and where the piece of text begins and ends."""

    key: str
    value: yaml.Node
    begin: int
    end: int
    column: int


def set_values(text: str, name: str, values: Mapping[str, Any]) -> str:
    """Change a node's entry.

    Args:
        name: the key under ``nodes``, or its alias.
        values: what to set, in the file's own words (``user``, ``state``, …); None removes a key.

    Raises:
        FleetError: there is no such entry to be changed.
    """
    entry = _find(text, name)
    if not _inside(entry.value, entry):
        raise FleetError(f"'{name}' is an alias of another entry", hint=_BY_HAND)
    try:
        after = _anew(text, entry, values)
    except FleetError:
        after = ""  # an anchor of another place
    if after and _kept(after) >= _kept(text) - _given_up(text, entry, values):
        return after
    return _spliced(text, entry, values)


def _anew(text: str, entry: _Entry, values: Mapping[str, Any]) -> str:
    """Write the entry anew. ruamel.yaml keeps most of what stands in it, but no comment in braces."""
    piece = _load(text, entry)
    key = next(iter(piece))
    if piece[key] is None:
        piece[key] = _flow({})
    if all(piece[key].get(word) == value for word, value in values.items()):
        return text
    for word, value in values.items():
        if value is None:
            piece[key].pop(word, None)
        elif isinstance(value, Mapping) and isinstance(piece[key].get(word), Mapping):
            piece[key][word].update(value)  # vars: those which are not named stay
        else:
            piece[key][word] = _flow(value) if isinstance(value, (list, dict)) else value
    return _put(text, entry, _dump(piece, entry.column))


def _spliced(text: str, entry: _Entry, values: Mapping[str, Any]) -> str:
    """Set values and touch nothing else, not even in the entry.

    Raises:
        FleetError: that would take more than to set single values.
    """
    node = entry.value
    refusal = FleetError(f"the entry of '{entry.key}' cannot be changed by a program", hint=_BY_HAND)
    if not isinstance(node, yaml.MappingNode) or not node.value:
        raise refusal
    edits = []
    first = node.value[0][0].start_mark
    for word, value in values.items():
        old = next((value for key, value in node.value if key.value == word), None)
        if value is None or isinstance(value, Mapping) or (old and not _inside(old, entry)):
            raise refusal
        written = _dump(_flow({word: value}), 0)[1:-1]
        if old:
            edits.append((old.start_mark.index, old.end_mark.index, written.removeprefix(f"{word}: ")))
        else:
            between = ", " if node.flow_style else "\n" + " " * first.column
            edits.append((first.index, first.index, written + between))
    after = text
    for begin, end, written in sorted(edits, reverse=True):
        after = after[:begin] + written + after[end:]
    if not _kept(after) >= _kept(text):
        raise refusal
    return after


def _inside(node: yaml.Node, entry: _Entry) -> bool:
    """Whether a node stands in the entry; what an alias means stands where its anchor is."""
    return bool(entry.begin <= node.start_mark.index and node.end_mark.index <= entry.end)


def _kept(text: str) -> Counter[str]:
    """What a program loses easily: comments, anchors, aliases and tags."""
    found: Counter[str] = Counter()
    end = 0
    for token in yaml.scan(text, Loader=yaml.SafeLoader):
        found.update(re.findall("#.*", text[end : token.start_mark.index]))
        if isinstance(token, (yaml.AnchorToken, yaml.AliasToken, yaml.TagToken)):
            found[f"{type(token).__name__} {token.value}"] += 1
        end = token.end_mark.index
    found.update(re.findall("#.*", text[end:]))
    return found


def _given_up(text: str, entry: _Entry, values: Mapping[str, Any]) -> Counter[str]:
    """What goes with the keys that are removed: the comment behind each."""
    found: Counter[str] = Counter()
    for key, value in entry.value.value if isinstance(entry.value, yaml.MappingNode) else []:
        if key.value in values and values[key.value] is None and _inside(value, entry):
            found.update(
                re.findall("#.*", text[key.start_mark.index : _line_end(text, value.end_mark.index)])
            )
    return found


def add_node(text: str, name: str, values: Mapping[str, Any]) -> str:
    """Add a node after the last one, in the style of the one before it.

    Raises:
        FleetError: there is no ``nodes`` section to add to.
        UsageError: the name is taken.
    """
    entries = _nodes(text)
    if any(name in (entry.key, _alias(entry)) for entry in entries):
        raise UsageError(f"node '{name}' exists already", hint=f"to change it: stentor node edit {name}")
    values = {
        key: _flow(value) if isinstance(value, (list, dict)) else value for key, value in values.items()
    }
    piece = {name: _flow(dict(values))}
    if not entries:
        raise FleetError(
            "there is no node to add after", hint="write the first one by hand, or 'stentor init'"
        )
    last = entries[-1]
    if text[last.end :].lstrip(" \n,").startswith("}"):  # `nodes: {...}` in braces
        return f"{text[: last.end]}, {_dump(_flow(piece), 0)[1:-1]}{text[last.end :]}"
    if isinstance(last.value, yaml.MappingNode) and not last.value.flow_style:
        piece = {name: dict(values)}
    begin = _line_end(text, last.end)
    lead = "" if text[:begin].endswith("\n") else "\n"
    added = " " * last.column + _dump(piece, last.column) + "\n"
    return text[:begin] + lead + added + text[begin:]


def _put(text: str, entry: _Entry, piece: str) -> str:
    end = entry.end
    while end > entry.begin and text[end - 1] in " \n":
        end -= 1
    # "projector:  {…}" keeps its two spaces: a person aligned them.
    start = entry.value.start_mark.index
    given, written = text[entry.begin : start], f"{entry.key}: "
    if "\n" not in given and given.rstrip() == written.rstrip() and piece.startswith(written):
        # "crtr:" alone has no blank, and needs one.
        piece = given + " " * (given == given.rstrip()) + piece[len(written) :]
    return text[: entry.begin] + piece.rstrip("\n") + text[end:]


def _line_end(text: str, index: int) -> int:
    """Return where the line of the last character before ``index`` ends, its newline included."""
    while index > 0 and text[index - 1] in " \n":
        index -= 1
    end = text.find("\n", index)
    return len(text) if end < 0 else end + 1


def _compose(text: str) -> yaml.Node:
    try:
        found = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        raise FleetError(f"not YAML: {error}", hint="see 'stentor check'") from None
    if not isinstance(found, yaml.MappingNode):
        raise FleetError("not a fleet file", hint="see 'stentor check'")
    return found


def _mapping(node: yaml.Node) -> list[_Entry]:
    if not isinstance(node, yaml.MappingNode):
        return []
    return [
        _Entry(key.value, value, key.start_mark.index, value.end_mark.index, key.start_mark.column)
        for key, value in node.value
    ]


def _nodes(text: str) -> list[_Entry]:
    section = next((e for e in _mapping(_compose(text)) if e.key == "nodes"), None)
    return _mapping(section.value) if section else []


def _alias(entry: _Entry) -> str:
    return next((e.value.value for e in _mapping(entry.value) if e.key == "alias"), entry.key)


def _find(text: str, name: str) -> _Entry:
    entries = _nodes(text)
    for entry in entries:
        if name in (entry.key, _alias(entry)):
            return entry
    known = [word for entry in entries for word in (entry.key, _alias(entry))]
    ranged = [entry.key for entry in entries if "[" in entry.key]
    otherwise = f"it may be of {ranged[0]}, which is one entry for many" if ranged else ""
    raise FleetError(f"nodes.yaml has no entry '{name}'", hint=did_you_mean(name, known, otherwise=otherwise))


def _yaml() -> Any:
    from ruamel.yaml import YAML

    writer = YAML()
    writer.width = _WIDTH
    writer.preserve_quotes = True
    writer.indent(mapping=2, sequence=4, offset=2)
    return writer


def _load(text: str, entry: _Entry) -> Any:
    from ruamel.yaml.error import YAMLError

    # As if it stood at the left edge, since ruamel.yaml keeps the columns of comments.
    first, *rest = text[entry.begin : entry.end].split("\n")
    margin = " " * entry.column
    piece = "\n".join([first, *(line.removeprefix(margin) for line in rest)])
    try:
        return _yaml().load(piece)
    except YAMLError as error:
        raise FleetError(f"this entry cannot be changed by a program: {error}") from None


def _flow(value: Any) -> Any:
    from ruamel.yaml.comments import CommentedMap, CommentedSeq

    made = CommentedSeq(value) if isinstance(value, list) else CommentedMap(value)
    made.fa.set_flow_style()
    return made


def _dump(piece: Any, column: int) -> str:
    """Write a piece so that it can stand at this column; its first line is already there."""
    out = io.StringIO()
    _yaml().dump(piece, out)
    first, *rest = out.getvalue().rstrip("\n").split("\n")
    return "\n".join([first, *(" " * column + line if line else line for line in rest)])
