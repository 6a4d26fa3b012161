"""Does a tree have the shape of a struct? Every fault at once, each at its own place.

msgspec judges single values; it stops at the first fault of a whole file, so the walk over
structs, mappings and lists is done here.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from stentor.fleet.document import Fault, Value
from stentor.fleet.suggest import did_you_mean

_WORDS = {str: "text", int: "a whole number", float: "a number", bool: "true or false"}


class Shape:
    """One file's walk."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []  # what was found
        # Texts which are to be evaluated against the fleet, once there is one, each with the list (already
        # part of the plain data) which then takes the aliases.
        self.selectors: list[tuple[Value, list[str]]] = []
        # Names of groups which the fleet must have, each with its place.
        self.groups: list[tuple[tuple[int, int], str]] = []
        self._fields: dict[type[msgspec.Struct], dict[str, msgspec.structs.FieldInfo]] = {}

    def fault(self, place: Value | tuple[int, int], what: str, hint: str = "") -> None:
        """Note a fault at a value or a place."""
        line, column = (place.line, place.column) if isinstance(place, Value) else place
        self.faults.append(Fault(self.file, line, column, what, hint))

    def struct(self, value: Value, struct: type[msgspec.Struct], title: str) -> dict[str, Any]:
        """Check a mapping against a struct, and return the fields that are good, as plain data."""
        if not isinstance(value.data, dict):
            self.fault(
                value, f"{title} must be a mapping of keys to values, not {value.kind()}", _below(value)
            )
            return {}
        fields = self._fields.get(struct)
        if fields is None:  # msgspec evaluates all annotations anew each time
            fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
            self._fields[struct] = fields
        forbid = struct.__struct_config__.forbid_unknown_fields
        good: dict[str, Any] = {}
        for key, inner in value.data.items():
            if key in fields:
                checked = self.value(inner, fields[key].type, key, optional=not fields[key].required)
                if checked is not _BAD:
                    good[key] = checked
            elif forbid:
                listed = "it may have " + ", ".join(fields)
                meant: Mapping[str, str] = getattr(struct, "elsewhere", {})
                word = meant.get(key.lower().replace("_", "").replace("-", ""))
                hint = f"did you mean '{word}'?" if word else did_you_mean(key, fields, otherwise=listed)
                if other := getattr(struct, "of_others", {}).get(key):
                    hint = f"it belongs in {other}"
                self.fault(value.keys[key], f"{title} has no key '{key}'", hint)
            else:
                good[key] = inner.plain()
        for key, field in fields.items():
            if field.required and key not in value.data:
                self.fault(value, f"{title} lacks '{key}'")
        return good

    def value(self, value: Value, kind: Any, title: str, *, optional: bool = False) -> Any:
        """Check any value; return it as plain data, or ``_BAD`` after noting why not."""
        choices = list(_choices(kind))
        if value.data is None and (optional or any(one is type(None) for one, _ in choices)):
            return None
        for one, metas in choices:
            base = get_origin(one) or one
            if base is Any:
                return value.plain()
            if isinstance(value.data, dict) and base is dict:
                return self._mapping(value, one, title)
            if isinstance(value.data, dict) and isinstance(base, type) and issubclass(base, msgspec.Struct):
                return self.struct(value, base, title)
            if isinstance(value.data, list) and base is list:
                return self._list(value, one, title)
            if base is list and _extra(metas).get("one") and _fits_item(value, one):
                checked = self.value(value, get_args(one)[0], title)
                return _BAD if checked is _BAD else [checked]
        scalars = [(one, metas) for one, metas in choices if one in _WORDS or get_origin(one) is Literal]
        if isinstance(value.data, (dict, list)) or not scalars:
            hint = "" if scalars else _written(value, choices)
            self.fault(value, f"{title} must be {_expected(choices)}, not {value.kind()}", hint)
            return _BAD
        return self._scalar(value, scalars, title)

    def _mapping(self, value: Value, kind: Any, title: str) -> Any:
        key_kind, inner_kind = get_args(kind)
        ((_, metas),) = _choices(key_kind)
        good = {}
        for key, inner in value.data.items():
            try:
                msgspec.convert(key, key_kind)
                bad = "\n" in key and any(meta.pattern for meta in metas)
            except msgspec.ValidationError:
                bad = True
            if bad:
                extra = _extra(metas)
                self.fault(
                    value.keys[key],
                    f"'{short(key)}' {extra.get('what', 'is no name')}",
                    extra.get("hint", ""),
                )
                continue
            if _extra(metas).get("group"):
                self.groups.append((value.keys[key], key))
            checked = self.value(inner, inner_kind, f"{title.removesuffix('s')} '{key}'")
            if checked is not _BAD:
                good[key] = checked
        return good

    def _list(self, value: Value, kind: Any, title: str) -> Any:
        (inner_kind,) = get_args(kind)
        checked = [self.value(inner, inner_kind, title) for inner in value.data]
        return [one for one in checked if one is not _BAD]

    def _scalar(self, value: Value, choices: list[tuple[Any, tuple[Any, ...]]], title: str) -> Any:
        for one, metas in choices:
            try:
                plain = msgspec.convert(value.data, _annotated(one, metas))
            except msgspec.ValidationError:
                continue
            if isinstance(plain, str) and "\n" in plain and any(meta.pattern for meta in metas):
                continue  # $ of a pattern lets a last line break pass
            if _extra(metas).get("selector"):
                aliases: list[str] = []
                self.selectors.append((value, aliases))
                return aliases
            return self._parsed(value, plain, _extra(metas).get("parse"), title)
        one, metas = next((choice for choice in choices if _of_kind(value.data, choice[0])), choices[0])
        extra = _extra(metas)
        shown = f"{title} '{short(value.text)}'"
        if get_origin(one) is Literal:
            words = [str(word) for word in get_args(one)]
            listed = "it is one of " + ", ".join(words)
            self.fault(value, f"{shown} is not known", did_you_mean(value.text, words, otherwise=listed))
        elif not _of_kind(value.data, one):
            fraction = isinstance(value.data, float) and any(kind is int for kind, _ in choices)
            found = short(value.text) if fraction else value.kind()
            self.fault(
                value, f"{title} must be {_expected(choices)}, not {found}", _in_text(value, one, metas)
            )
        else:
            least = next((f"at least {meta.ge}" for meta in metas if meta.ge is not None), "")
            self.fault(
                value, f"{shown} {extra.get('what', 'is not allowed here')}", str(extra.get("hint", least))
            )
        return _BAD

    def _parsed(self, value: Value, plain: Any, parse: Callable[[Any], Any] | None, title: str) -> Any:
        if parse is None:
            return plain
        try:
            return parse(plain)
        except ValueError as error:
            self.fault(value, f"{title}: {error}")
            return _BAD


_BAD: Any = object()


def _of_kind(data: Any, kind: Any) -> bool:
    return type(data) is kind or (kind is float and type(data) is int)


def _fits_item(value: Value, kind: Any) -> bool:
    """Whether what stands in place of a list may be its only item."""
    if not isinstance(value.data, dict):
        return True
    bases = [get_origin(one) or one for one, _ in _choices(get_args(kind)[0])]
    return any(
        base is dict or (isinstance(base, type) and issubclass(base, msgspec.Struct)) for base in bases
    )


def _below(value: Value) -> str:
    """How a mapping is written, for what stands in its place."""
    if isinstance(value.data, str) and value.text.endswith("}"):
        return "a blank is missing after a ':'"
    return "write its keys below it, a line each: KEY: VALUE"


def _written(value: Value, choices: list[tuple[Any, tuple[Any, ...]]]) -> str:
    """How the list or mapping is written that should stand here."""
    return (
        "a list is written [ONE, TWO]"
        if any(get_origin(one) is list for one, _ in choices)
        else _below(value)
    )


def _in_text(value: Value, kind: Any, metas: tuple[Any, ...]) -> str:
    """What to write in place of a scalar of another kind."""
    hint = str(_extra(metas).get("hint", ""))
    if kind is bool:
        return "write true or false, without quotes"
    if kind is not str:
        return hint
    if value.data is None:
        return hint or "an empty text is written ''"
    try:
        msgspec.convert(value.text, _annotated(kind, metas))
    except msgspec.ValidationError:
        return hint
    return f"put it in quotes: '{short(value.text)}'"


def _choices(kind: Any, metas: tuple[Any, ...] = ()) -> list[tuple[Any, tuple[Any, ...]]]:
    """Take Annotated and unions apart."""
    if get_origin(kind) is Annotated:
        inner, *own = get_args(kind)
        return _choices(inner, (*own, *metas))
    if get_origin(kind) in (Union, types.UnionType):
        return [choice for one in get_args(kind) for choice in _choices(one, metas)]
    return [(kind, metas)]


def _annotated(kind: Any, metas: tuple[Any, ...]) -> Any:
    for meta in metas:
        kind = Annotated[kind, meta]
    return kind


def _extra(metas: tuple[Any, ...]) -> dict[str, Any]:
    merged: dict[str, Any] = {}
    for meta in metas:  # the outermost last
        merged.update(meta.extra or {})
    return merged


def _expected(choices: list[tuple[Any, tuple[Any, ...]]]) -> str:
    words = []
    for one, metas in choices:
        base = get_origin(one) or one
        if base is Literal:
            words.append("one of " + ", ".join(map(str, get_args(one))))
        elif base is list:
            if _extra(metas).get("one"):
                words += [_expected(_choices(get_args(one)[0]))]
            words.append("a list")
        elif base is not type(None):
            words.append(_WORDS.get(base, "a mapping of keys to values"))
    return " or ".join(dict.fromkeys(words))


def short(text: str, longest: int = 60) -> str:
    """Return what a file says, which may be anything, as it can be shown in a line."""
    text = text if len(text) <= longest else text[: longest - 3] + "..."
    return "".join(character if character.isprintable() else "?" for character in text)
