"""How the doctor speaks of kinds of shell, of files and of places in them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stentor.probe.finding import listed
from stentor.probe.observe import Observation, Place, Shell

PEOPLE = ("ssh", "login", "interactive", "both")  # kinds which have start-up files
NOUNS = {
    "ssh": "an ssh command",
    "login": "a login shell",
    "interactive": "an interactive shell",
    "both": "a login by hand",
    "service": "a user service",
    "cron": "cron",
}
MEANS = {
    "ssh": "ssh commands, stentor run, scp, rsync and git over ssh",
    "login": "login shells (of tmux, of `bash -l`)",
    "interactive": "shells opened by hand",
    "both": "logins by hand",
    "service": "services of this user",
    "cron": "cron's commands",
}


def kinds_of(kinds: Iterable[str]) -> str:
    """Kinds of shell as in a sentence: ``an ssh command and cron``."""
    return listed(NOUNS[kind] for kind in kinds)


def has(kinds: Sequence[str]) -> str:
    """The verb for so many of them."""
    return "has" if len(kinds) == 1 else "have"


def means(kinds: Iterable[str]) -> str:
    """What people do with these kinds of shell."""
    return listed(MEANS[kind] for kind in kinds)


def reads(seen: Observation, shell: Shell) -> list[str]:
    """The start-up files of a shell, as people write them."""
    return [seen.short(place.file) for place in shell.reads]


def spot(seen: Observation, place: Place) -> str:
    """``~/.bashrc:3``; without the line where the shell does not tell it."""
    return f"{seen.short(place.file)}:{place.line}" if place.line else seen.short(place.file)
