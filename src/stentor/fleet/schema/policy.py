"""How sections of a policy are written in a file: msgspec structs derived from ``fleet.policy.sections``.

``FORMS`` says for every name in the annotations of the sections what may stand in the file. A selector
arrives in the policy as the aliases it names; other values arrive parsed (``extra["parse"]``).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Annotated, Any, ClassVar, Literal, get_type_hints

import msgspec
from msgspec import Meta

from stentor import durations
from stentor.fleet import policy
from stentor.fleet.policy import joining, sections, serving
from stentor.fleet.policy.section import Section
from stentor.fleet.policy.values import Keep, Share
from stentor.fleet.schema import kinds

_ATTRIBUTE = re.compile(r"^ {4}(\w+): (.*(?:\n {6,}.*)*)", re.MULTILINE)  # in a docstring


def _whole_seconds(text: str) -> int:
    return max(1, round(durations.parse(text)))


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"invalid regular expression '{text}': {error}") from None
    return text


def _parsed(kind: Any, parse: Callable[[Any], Any]) -> Any:
    return Annotated[kind, Meta(extra={"parse": parse})]


class _Tuple:
    """``tuple[Kind, ...]``, which is a list in a file."""

    def __class_getitem__(cls, arguments: tuple[Any, Any]) -> Any:
        return list[arguments[0]]  # type: ignore[valid-type]


FORMS: dict[str, Any] = {
    "tuple": _Tuple,
    "Mapping": dict,
    "Aliases": kinds.Selector,
    "Share": kinds.Share | _parsed(kinds.Count, Share),
    "Shares": kinds.Waves | _parsed(kinds.Positive, lambda number: (Share(number),)),
    "Seconds": kinds.Duration | Annotated[float, Meta(ge=0)],
    "WholeSeconds": _parsed(kinds.Duration, _whole_seconds) | kinds.Positive,
    "Bytes": kinds.Size | kinds.Count,
    "Keep": kinds.Keep | _parsed(kinds.Positive, Keep),
    "Positive": kinds.Positive,
    "EngineName": Literal[sections.ENGINES],
    "Columns": Annotated[int, Meta(ge=2)],
    "Rows": Annotated[int, Meta(ge=3)],
    "Minutes": Annotated[float, Meta(gt=0)],
    "Line": kinds.Line,
    "Lines": Annotated[list[kinds.Line], kinds.ONE_OR_MORE],
    "Word": kinds.Word,
    "Words": Annotated[list[kinds.Word], kinds.ONE_OR_MORE],
    "Path": Annotated[str, Meta(min_length=1)],
    "Program": kinds.Program,
    "Command": kinds.Command,
    "MountPoint": Annotated[
        str, Meta(pattern=r"^/\S*$", extra={"what": "is not a mount point", "hint": "it begins with /"})
    ],
    "GroupName": kinds.KnownGroup,
    "Number": Annotated[str, Meta(pattern="^[0-9]+$")],
    "Pattern": Annotated[str, Meta(min_length=1, extra={"parse": _pattern})],
    "Layout": Literal[sections.LAYOUTS],
    "ExportFormat": Literal[sections.EXPORT_FORMATS],
    "Forge": Literal[serving.FORGES],
    "HookName": kinds.HookName,
    "Repository": kinds.Repository,
    "Url": kinds.Url,
    "MailAddress": kinds.MailAddress,
    "ClockTime": kinds.ClockTime,
    "ClockTimes": kinds.ClockTimes,
    "AccountGroup": kinds.AccountGroup,
    "Digest": kinds.Digest,
    "TimeZone": kinds.TimeZone,
    "Literal": Literal,
    "ClassVar": ClassVar,
}
"""Name in an annotation to its form in a file; the structs of the sections are added below."""


def _struct(kind: type[Section]) -> type[msgspec.Struct]:
    """Return the struct that checks a section in a file. A key with a default may be left out, or be null."""
    forms, described = get_type_hints(kind, FORMS, {}, include_extras=True), _descriptions(kind)
    fields: list[Any] = []
    for name in kind.fields:
        form, meta = forms[name], Meta(description=described.get(name, ""))
        optional = hasattr(kind, name)
        fields.append(
            (name, Annotated[form | None, meta], None) if optional else (name, Annotated[form, meta])
        )
    struct = msgspec.defstruct(kind.__name__, fields, forbid_unknown_fields=True)
    struct.__doc__ = kind.__doc__ and kind.__doc__.partition("\n")[0]
    return struct


def _descriptions(kind: type[Section]) -> dict[str, str]:
    """Key to what the docstrings of a section and its bases say of it."""
    found: dict[str, str] = {}
    for base in kind.__mro__:
        for name, text in _ATTRIBUTE.findall(inspect.cleandoc(base.__doc__ or "")):
            words = " ".join(text.split())
            found.setdefault(name, words[:1].upper() + words[1:])
    return found


# Parts of sections, each before what it is a part of.
for _part in (
    sections.RolloutPart,
    sections.GuardRule,
    sections.GuardPart,
    sections.MigrationPhase,
    sections.NeedsRule,
    sections.ExportFile,
    serving.Tell,
    serving.Hook,
    joining.BootstrapPart,
):
    FORMS[_part.__name__] = _struct(_part)


def _form(kind: type[Section]) -> Any:
    """Return what checks a section: a struct, or the mapping that all its keys make up."""
    if not kind.all_keys:
        return _struct(kind)
    form = get_type_hints(kind, FORMS, {}, include_extras=True)[kind.all_keys]
    return Annotated[form, Meta(description=(kind.__doc__ or "").partition("\n")[0])]


SECTIONS: dict[str, Any] = {name: _form(kind) for name, kind in policy.SECTIONS.items()}
"""Name of a section to the form that checks it: a struct, where not all of its keys are names."""
