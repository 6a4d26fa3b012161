"""The fleet's ``dotfiles:`` section as the change sees it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from stentor.rollout.policy import parse_seconds


class Policy(NamedTuple):
    """How dotfiles are rolled out.

    Attributes:
        remote: the git URL nodes fetch from; empty for their own clone's origin.
        branch: which branch's head is meant when no revision is named.
        source: the operator's clone; empty for chezmoi's own place.
        via: ``remote``, or ``push`` to send the revision over the session.
        window: seconds in which a change must be confirmed after it was applied.
        limit: seconds that applying may take.
        login: seconds in which each shell must come up.
        signed: whether the revision's signature is verified on the node.
        requires: commands that must be found in every kind of shell, besides each node's own.
        checks: commands that must succeed in a fresh login shell.
        on_failure: ``stop`` leaves nodes that are done as they are, ``revert`` takes them back too.
        every: seconds between the timer's looks.
        jitter: up to so many seconds more, so that nodes do not all come at once.
    """

    remote: str = ""
    branch: str = "main"
    source: str = ""
    via: str = "remote"
    window: int = 60
    limit: int = 300
    login: int = 10
    signed: bool = False
    requires: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    on_failure: str = "stop"
    every: int = 3600
    jitter: int = 600


def read(section: Mapping[str, Any] | None) -> Policy:
    """Return the policy; what is not said keeps its default.

    Raises:
        UsageError: a time is malformed.
    """
    section = section or {}
    default = Policy()

    def seconds(key: str) -> int:
        given = section.get(key)
        return getattr(default, key) if given is None else max(1, round(parse_seconds(given, key)))

    return Policy(
        remote=section.get("remote") or "",
        branch=section.get("branch") or default.branch,
        source=section.get("source") or "",
        via=section.get("via") or default.via,
        window=seconds("window"),
        limit=seconds("limit"),
        login=seconds("login"),
        signed=bool(section.get("signed", False)),
        requires=tuple(section.get("requires") or ()),
        checks=tuple(section.get("checks") or ()),
        on_failure=section.get("on_failure") or default.on_failure,
        every=seconds("every"),
        jitter=seconds("jitter"),
    )
