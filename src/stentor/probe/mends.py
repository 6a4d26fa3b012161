"""The mends which ``stentor doctor --fix`` can do: what each touches, so that there is a way back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from stentor.probe.finding import Finding
from stentor.rollout.snapshot import File

MOVABLE = (".ssh/rc", ".ssh/environment")


class Mend(NamedTuple):
    """One safe change on a node.

    Attributes:
        title: what it does, for the question.
        files: what it touches: the snapshot.
        change: lines of sh which do what the snapshot does not do by itself.
    """

    title: str
    files: tuple[File, ...]
    change: str = ""


def mend_for(finding: Finding) -> Mend | None:
    """The safe mend of a finding, or None where only a person can mend it.

    Start-up files are never edited: what is right in them is not for a program to guess.

    Args:
        finding: one of the doctor's.
    """
    verb, _, rest = finding.fix.partition(" ")
    if verb == "move" and rest in MOVABLE:
        return Mend(f"move ~/{rest} aside", (File("moved", rest),))
    if verb == "chmod":
        right, was, path = [*rest.split(" ", 2), "", "", ""][:3]
        file = File("mode", path)
        shown = f"~/{path}".rstrip("/")
        change = f"chmod {right} {file.word} || go_back chmod"
        return Mend(f"chmod {right} {shown} (it is {was})", (file,), change)
    return None


def hindrance(mend: Mend, findings: Sequence[Finding]) -> str:
    """Why a mend is not offered; empty if it may be.

    Args:
        mend: one which the node needs.
        findings: all of the node's.
    """
    home = next((one for one in findings if one.key in ("home-not-writable", "home-hangs")), None)
    if home is None:
        return ""
    # A rename needs no room, where the disk is merely full.
    if [file.kind for file in mend.files] == ["moved"] and "full" in home.what:
        return ""
    return f"no snapshot of it can be kept, since {home.what}"
