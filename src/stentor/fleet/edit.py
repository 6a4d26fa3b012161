"""Changes of a fleet file which leave everything else in it as it stands. Text in, text out.

The file is a person's: comments, order, alignment and quoting are theirs. So the place of one entry
is looked up (PyYAML knows the positions), only that piece is changed (ruamel.yaml keeps the comments
inside it), and it is put back between the untouched bytes around it.
"""

from __future__ import annotations

import io
from collections.abc import Mapping

import yaml

from stentor.errors import FleetError, UsageError
from stentor.fleet.suggest import did_you_mean
from stentor.typed import Any, NamedTuple

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
        text: of ``nodes.yaml``.
        name: the key under ``nodes``, or its alias.
        values: what to set, in the file's own words (``user``, ``state``, …); None removes a key.

    Raises:
        FleetError: there is no such entry to be changed.
    """
    entry = _find(text, name)
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
    if isinstance(last.value, yaml.MappingNode) and not last.value.flow_style:
        piece = {name: dict(values)}
    begin = _line_end(text, last.end)
    lead = "" if text[:begin].endswith("\n") else "\n"
    added = " " * last.column + _dump(piece, last.column) + "\n"
    return text[:begin] + lead + added + text[begin:]


def add_to_list(text: str, section: str, key: str, item: str) -> str:
    """Add an item to a list in a section at the top of the file; both are made if they are not there."""
    top = _mapping(_compose(text))
    entry = next((e for e in top if e.key == section), None)
    if entry is None:
        lead = "" if not text or text.endswith("\n") else "\n"
        return f"{text}{lead}{section}:\n  {key}: [{item}]\n"
    piece = _load(text, entry)
    held = piece[section]
    if held is None:
        held = piece[section] = {}
    if key not in held or held[key] is None:
        held[key] = _flow([])
    if item not in held[key]:
        held[key].append(item)
    return _put(text, entry, _dump(piece, entry.column))


def _put(text: str, entry: _Entry, piece: str) -> str:
    end = entry.end
    while end > entry.begin and text[end - 1] in " \n":
        end -= 1
    # "projector:  {…}" keeps its two spaces: a person aligned them.
    start = entry.value.start_mark.index
    given, written = text[entry.begin : start], f"{entry.key}: "
    if "\n" not in given and given.rstrip() == written.rstrip() and piece.startswith(written):
        piece = given + piece[len(written) :]
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
