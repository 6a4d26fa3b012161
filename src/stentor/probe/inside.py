"""What is known of a node that was entered by another way than a command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from stentor.outcome import Outcome
from stentor.probe.finding import MEANS, NOUNS, Finding, listed
from stentor.probe.observe import Observation, parse
from stentor.probe.suspects import Suspect, in_order, suspects
from stentor.shells import FAMILIES

SHELL_KEYS = ("shell-exits", "shell-hangs")
_AT_MOST = 3  # lines that are named


class Entrance(NamedTuple):
    """What was seen of a node by another way than a command."""

    way: str = ""  # ``login`` (without a command), ``terminal``, ``sftp``; empty where no way leads in
    output: bytes = b""  # of the doctor's script, where it could be run
    interrupted: bool = False  # whether that took a Ctrl-C
    home: str = ""  # the home directory, by sftp
    shell: str = ""  # the login shell, by sftp; empty where it is not known
    files: Mapping[str, str] = {}  # the start-up files, by their absolute paths, by sftp
    tried: tuple[str, ...] = ()  # each way that led nowhere, and why


def hangs(outcome: Outcome) -> bool:
    """Whether a shell that is broken hangs; else it ends."""
    return bool(outcome.remote)


def seen_inside(entrance: Entrance) -> Observation | None:
    """What the doctor's script saw there; None where it could not be run."""
    seen = parse(entrance.output)
    # What came before it is the terminal's echo and the shell's greeting.
    return seen._replace(noise=0, noise_line="") if seen.shells else None


def inside_findings(entrance: Entrance, outcome: Outcome, sftp: Sequence[str]) -> list[Finding]:
    """What is to be said beside what the script saw.

    Args:
        outcome: of the ordinary session, whose shell did not come to its command.
        sftp: the quoted words which stand between ``sftp`` and a path on the node.
    """
    alias = outcome.node
    if entrance.way in ("login", "terminal"):
        how = "by a login without a command" if entrance.way == "login" else "through a terminal"
        how += ", after Ctrl-C" if entrance.interrupted else ""
        key = f"ssh {alias}, Ctrl-C where it hangs" if entrance.interrupted else f"ssh {alias}"
        return [
            Finding(
                "way-in",
                "note",
                f"it was looked at {how}",
                outcome.reason,
                "no command runs there until that line is fixed",
                f"{key}, then edit the file",
            )
        ]
    if not entrance.files:
        return [_no_way(entrance, outcome)]
    return [_by_reading(entrance, outcome, sftp)]


def _no_way(entrance: Entrance, outcome: Outcome) -> Finding:
    return Finding(
        "no-way-in",
        "bad",
        "its login shell lets nothing in",
        "; ".join([outcome.reason, *entrance.tried]),
        f"{MEANS['ssh']} cannot work, nor can a login by hand",
        "on its console, or as another account there: look for exit, exec or a loop in the start-up files",
    )


def _by_reading(entrance: Entrance, outcome: Outcome, sftp: Sequence[str]) -> Finding:
    family = entrance.shell.rpartition("/")[2]
    stuck = hangs(outcome)
    found = suspects(entrance.files, family, entrance.home, code=None if stuck else outcome.code)
    order = [_short(path, entrance.home) for path in in_order(entrance.files, family, entrance.home)]
    evidence = f"{outcome.reason}; no command runs, so its files were read by sftp: "
    evidence += f"{family or 'its shell'} reads {listed(order) or 'none that could be read'}"
    if found:
        named = listed((_said(suspect, entrance.home) for suspect in found[:_AT_MOST]), "or")
        evidence += f"; what {'holds it up' if stuck else 'ends it'} is likely {named}"
    else:
        evidence += f", and no line of them says why it {'hangs' if stuck else 'ends'}"
    return Finding(
        SHELL_KEYS[stuck],
        "bad",
        f"{NOUNS['ssh']} {'hangs' if stuck else 'ends before the first command'}",
        evidence,
        f"{MEANS['ssh']} cannot work",
        _fix(found[0] if found else None, entrance.home, sftp),
    )


def _said(suspect: Suspect, home: str) -> str:
    return f"{_short(suspect.place.file, home)}:{suspect.place.line} `{suspect.text}`"


def _short(path: str, home: str) -> str:
    return "~" + path[len(home) :] if home and path.startswith(home + "/") else path


def _fix(suspect: Suspect | None, home: str, sftp: Sequence[str]) -> str:
    """The line which turns the culprit into a comment, with nothing but sftp."""
    if suspect is None:
        tracers = listed((family.tracer for family in FAMILIES.values() if family.tracer), "or")
        return f"on its console, or as another account there: {tracers} says where"
    path, number = suspect.place.file, suspect.place.line
    if not path.startswith(home + "/"):
        return f"as root on its console: sed -i '{number}s/^/#/' {path}"
    inside, there = path[len(home) + 1 :], " ".join(sftp)
    return (
        f"f=$(mktemp) && sftp -q {there}:{inside} $f && sed -i '{number}s/^/#/' $f && "
        f'echo "put $f {inside}" | sftp -q -b - {there}'
    )
