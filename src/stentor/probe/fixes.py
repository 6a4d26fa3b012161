"""The fixes of ``stentor doctor --fix``: what each touches, and which are offered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from stentor.rollout.snapshot import File

if TYPE_CHECKING:
    from stentor.probe.finding import Finding

MOVABLE = (".ssh/rc", ".ssh/environment")


class Fix(NamedTuple):
    """One safe fix on a node."""

    title: str  # what it does, for the question
    files: tuple[File, ...]  # what it touches: the snapshot
    change: str = ""  # lines of sh for what the snapshot does not do by itself


class Offer(NamedTuple):
    """A fix that a node needs."""

    node: str  # its alias
    key: str  # of the finding that it is for
    fix: Fix  # what is done
    blocker: str = ""  # why it is not offered; empty if it is


def fix_for(finding: Finding) -> Fix | None:
    """Return the safe fix of a finding, or None where only a person can fix it.

    Start-up files are never edited: a program cannot know what they are meant to do.
    """
    verb, _, rest = finding.safe_fix.partition(" ")
    if verb == "move" and rest in MOVABLE:
        return Fix(f"move ~/{rest} aside", (File("moved", rest),))
    if verb == "chmod":
        right, was, path = [*rest.split(" ", 2), "", "", ""][:3]
        file = File("mode", path)
        shown = f"~/{path}".rstrip("/")
        change = f"chmod {right} {file.word} || go_back chmod"
        return Fix(f"chmod {right} {shown} (it is {was})", (file,), change)
    return None


def blocker(fix: Fix, findings: Sequence[Finding]) -> str:
    """Return why a fix is not offered; empty if it is.

    Args:
        fix: one that the node needs.
        findings: all of the node's.
    """
    home = next((one for one in findings if one.key in ("home-not-writable", "home-hangs")), None)
    if home is None:
        return ""
    # A rename needs no room, where the disk is merely full.
    if [file.kind for file in fix.files] == ["moved"] and "full" in home.what:
        return ""
    return f"no snapshot of it can be kept, since {home.what}"
