"""The mends which ``stentor doctor --fix`` can do: each with its way back. Pure."""

from __future__ import annotations

from typing import NamedTuple

from stentor.probe.finding import Finding
from stentor.ssh.marker import quote

# Beside what the other parts keep on a node; never removed by us.
KEPT = ".local/state/stentor/doctor"


class Mend(NamedTuple):
    """One safe change on a node.

    Attributes:
        title: what it does, for the question.
        command: for the node's login shell, whichever it is.
        undo: the line which takes it back, to be typed on the node.
    """

    title: str
    command: str
    undo: str


def mend_for(finding: Finding, stamp: str) -> Mend | None:
    """The safe mend of a finding, or None where only a person can mend it.

    Start-up files are never edited: what is right in them is not for a program to guess.

    Args:
        finding: one of the doctor's.
        stamp: a word that no earlier mend had, for the name of the copy.
    """
    verb, _, rest = finding.fix.partition(" ")
    if verb == "move" and rest in (".ssh/rc", ".ssh/environment"):
        kept = f"{KEPT}/{rest.rpartition('/')[2]}.{stamp}"
        script = f"cd && umask 077 && mkdir -p {KEPT} && mv {rest} {kept} && [ ! -e {rest} ]"
        return Mend(f"move ~/{rest} aside, to ~/{kept}", _sh(script), f"mv ~/{kept} ~/{rest}")
    if verb == "chmod":
        right, was, file = [*rest.split(" ", 2), "", "", ""][:3]
        path = quote(file) if file else "."
        shown = f"~/{file}".rstrip("/")
        script = f"cd && chmod {right} {path}"
        return Mend(f"chmod {right} {shown} (it is {was})", _sh(script), f"chmod {was} {shown}")
    return None


def _sh(script: str) -> str:
    return f"/bin/sh -c {quote(script)}"
