"""Is this line dangerous?

:func:`examine` is the entry point. ``guard.quick`` answers for plain lines without a parser;
``guard.reader`` reads shell as a shell does, ``guard.words`` says what a word can become,
``guard.wrappers`` looks through sudo, ``sh -c`` and their like, ``guard.found`` through xargs and
find, and ``guard.rules`` judges one simple command at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.guard.quick import plainly_harmless
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fleet.policy.sections import Guard
    from stentor.guard.finding import Finding

__all__ = ["examine", "plainly_harmless"]


def examine(
    text: str,
    *,
    stdin: str | None = None,
    section: Guard | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    nodes: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Return what is dangerous about a command line or script; nothing if it is harmless.

    Args:
        text: for a POSIX shell or bash.
        stdin: what the command will read, where that is known.
        section: the fleet's ``guard:`` section, for its own rules and those that it silences.
        groups: the fleet's groups, for what the section says of them.
        nodes: the aliases the line is meant for.

    Raises:
        FleetError: the section silences a rule that does not exist.
    """
    if not section and stdin is None and plainly_harmless(text):
        return ()
    from stentor.guard.full import examine as in_full
    from stentor.guard.policy import Policy, policy_for

    policy = policy_for(section, groups or {}, nodes) if section else Policy()
    return in_full(text, stdin=stdin, policy=policy)
