"""Is this line dangerous?

:func:`examine` is the entry point. ``guard.quick`` answers for plain lines without a parser;
``guard.reader`` reads shell as a shell does, ``guard.words`` says what a word can become,
``guard.wrappers`` looks through sudo, ``sh -c`` and their like, ``guard.xargs`` through xargs and
find, and ``guard.rules`` judges one simple command at a time: ``guard.match`` by tables of what each
program's options do, ``guard.modes``, ``signals``, ``statements`` and ``rules_code`` where words are a
language of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from stentor.guard.quick import plainly_harmless
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from stentor.fleet.policy.sections import Guard
    from stentor.guard.calls import Finding

__all__ = ["examine", "examine_files", "plainly_harmless"]


def examine(
    text: str,
    *,
    stdin: str | None = None,
    variables: Mapping[str, str] | None = None,
    section: Guard | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    nodes: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Return what is dangerous about a command line or script; nothing if it is harmless.

    Args:
        text: for a POSIX shell or bash.
        stdin: what the command will read, where that is known.
        variables: with which it is run; arguments of a script by their numbers.
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
    return in_full(text, stdin=stdin, variables=variables, policy=policy)


def examine_files(
    paths: Iterable[str],
    *,
    section: Guard | None = None,
    groups: Mapping[str, tuple[str, ...]] | None = None,
    nodes: Iterable[str] = (),
) -> tuple[Finding, ...]:
    """Return what is dangerous about writing these files; relative ones are in the login directory.

    Args:
        paths: on the nodes.
        section: as of :func:`examine`.
        groups: as of :func:`examine`.
        nodes: as of :func:`examine`.
    """
    from stentor.guard.calls import Finding
    from stentor.guard.policy import Policy, policy_for
    from stentor.guard.redirects import write

    policy = policy_for(section, groups or {}, nodes) if section else Policy()
    hits = ((path, hit) for path in paths for hit in write(path, appends=False, cwd=("~",)))
    found = dict.fromkeys(Finding(rule, path, reason) for path, (rule, reason) in hits)
    return tuple(finding for finding in found if finding.rule not in policy.silenced)
