"""Policy: how the fleet is treated, from ``policy.yaml`` and the same sections of ``nodes.yaml``.

``fleet.policy.rollout.pause`` is a value of its type, with its default where the files say nothing.
A new key is a line in :mod:`stentor.fleet.policy.sections`; a new section is a class there and a line here.
"""

from __future__ import annotations

from stentor.fleet.policy import joining, restoring, sections, serving
from stentor.fleet.policy.section import Section
from stentor.fleet.policy.section import to_plain as _plain

TYPE_CHECKING = False  # importing typing takes longer than all of the policy
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, TypeVar

    S = TypeVar("S", bound=Section)


class _Lazy:
    """A section of a policy, made when it is first asked for."""

    def __init__(self, kind: type[Section]) -> None:
        self.kind = kind
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    def __get__(self, policy: Policy | None, owner: type) -> Section:
        if policy is None:
            raise AttributeError(f"only a policy has the section '{self.name}'")
        made = policy.__dict__[self.name] = restoring.restored(self.kind, policy.plain.get(self.name) or {})
        return made


def _lazy(kind: type[S]) -> S:
    return _Lazy(kind)  # type: ignore[return-value]  # of a policy, it is the section


class Policy:
    """All sections.

    Args:
        given: sections by name; the others have their defaults.

    Attributes:
        plain: plain data of sections that were not asked for yet.
    """

    def __init__(self, **given: Section) -> None:
        for name, section in given.items():
            if type(section) is not SECTIONS[name]:
                raise TypeError(f"'{name}' is not a {type(section).__name__}")
        self.plain: Mapping[str, Mapping[str, Any]] = {}
        self.__dict__.update(given)

    migrate = _lazy(sections.Migrate)
    facts = _lazy(sections.Facts)
    needs = _lazy(sections.Needs)
    exports = _lazy(sections.Exports)
    dotfiles = _lazy(sections.Dotfiles)
    ssh = _lazy(sections.Ssh)
    guard = _lazy(sections.Guard)
    notify = _lazy(sections.Notify)
    power = _lazy(sections.Power)
    copy = _lazy(sections.Copy)
    rollout = _lazy(sections.Rollout)
    journal = _lazy(sections.Journal)
    tmux = _lazy(sections.Tmux)
    tree = _lazy(sections.Tree)
    hooks = _lazy(serving.Hooks)
    keep = _lazy(serving.Keeping)
    bootstrap = _lazy(joining.Bootstrap)
    playbooks = _lazy(sections.Playbooks)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Policy):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in SECTIONS)

    __hash__ = None  # type: ignore[assignment]  # a section may hold mappings

    def __repr__(self) -> str:
        said = (getattr(self, name) for name in SECTIONS)
        return f"Policy({', '.join(repr(section) for section in said if section)})"


SECTIONS: Mapping[str, type[Section]] = {
    name: lazy.kind for name, lazy in vars(Policy).items() if isinstance(lazy, _Lazy)
}
"""Name of a section to its class, in the order in which they are listed to people."""


def from_plain(data: object) -> Policy:
    """Return the policy of checked plain data; a section is made when it is first asked for.

    Args:
        data: what ``to_plain`` returned, or what :mod:`stentor.fleet.check` found good.

    Raises:
        TypeError: it is not such data.
    """
    if not isinstance(data, dict) or not all(isinstance(section, dict) for section in data.values()):
        raise TypeError("not the data of a policy")
    policy = Policy()
    policy.plain = data
    return policy


def to_plain(policy: Policy) -> dict[str, Any]:
    """Return what the files say, without defaults, as plain data (for JSON and the like)."""
    made = {name: section for name, section in policy.__dict__.items() if isinstance(section, Section)}
    said = {**policy.plain, **{name: section for name, section in made.items() if section}}
    return {name: _plain(section) for name, section in said.items()}
