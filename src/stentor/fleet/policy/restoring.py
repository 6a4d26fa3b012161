"""Sections made from plain data: of a checked file, or of the compiled copy."""

from __future__ import annotations

from stentor.fleet.policy.joining import BootstrapPart
from stentor.fleet.policy.section import Section
from stentor.fleet.policy.sections import (
    ExportFile,
    GuardPart,
    GuardRule,
    MigrationPhase,
    NeedsRule,
    RolloutPart,
)
from stentor.fleet.policy.serving import Hook, Tell
from stentor.fleet.policy.values import Keep, Share

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, TypeVar

    S = TypeVar("S", bound=Section)


def restored(kind: type[S], data: Mapping[str, Any]) -> S:
    """Return a section with the values of this data; a key without one has its default."""
    values = {}
    for name, plain in ({kind.all_keys: data} if kind.all_keys else data).items():
        if plain is not None:  # in YAML a key without a value; its default holds
            restore = RESTORE.get(kind.fields[name])
            values[name] = restore(plain) if restore else tuple(plain) if isinstance(plain, list) else plain
    return kind(**values)


def _sections_by_name(kind: type[Section]) -> Callable[[Any], Any]:
    return lambda plain: {name: restored(kind, part or {}) for name, part in plain.items()}


RESTORE: Mapping[str, Callable[[Any], Any]] = {
    "Share": lambda plain: Share(*plain),
    "Shares": lambda plain: tuple(Share(*share) for share in plain),
    "Keep": lambda plain: Keep(*plain),
    "Tell": lambda plain: restored(Tell, plain),
    "tuple[GuardRule, ...]": lambda plain: tuple(restored(GuardRule, rule) for rule in plain),
    "tuple[ExportFile, ...]": lambda plain: tuple(restored(ExportFile, file) for file in plain),
    "tuple[NeedsRule, ...]": lambda plain: tuple(restored(NeedsRule, rule) for rule in plain),
    "Mapping[GroupName, Aliases]": lambda plain: {name: tuple(aliases) for name, aliases in plain.items()},
    "Mapping[GroupName, RolloutPart]": _sections_by_name(RolloutPart),
    "Mapping[GroupName, GuardPart]": _sections_by_name(GuardPart),
    "Mapping[GroupName, BootstrapPart]": _sections_by_name(BootstrapPart),
    "Mapping[HookName, Hook]": _sections_by_name(Hook),
    "Mapping[Number, MigrationPhase]": _sections_by_name(MigrationPhase),
}
"""Annotation to what makes its value of plain data; all others are plain themselves, lists become tuples."""
