"""What the doctor says to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stentor.probe.doctor import Diagnosis
    from stentor.probe.observe import Observation


def record(diagnosis: Diagnosis) -> dict[str, Any]:
    """One node as a line."""
    outcome, seen = diagnosis.outcome, diagnosis.seen
    return {
        "type": "doctor",
        "node": outcome.node,
        "kind": outcome.kind,
        "reason": outcome.reason,
        "hint": outcome.hint,
        "seconds": float(outcome.seconds),
        "entered": diagnosis.entered or None,
        "way": diagnosis.way._asdict() if diagnosis.way else None,
        "login_shell": seen.login_shell if seen else None,
        "shells": [_shell_record(seen, kind) for kind in seen.shells] if seen else [],
        "findings": [finding._asdict() for finding in diagnosis.findings],
    }


def _shell_record(seen: Observation, kind: str) -> dict[str, Any]:
    shell = seen.shells[kind]
    return {
        "kind": kind,
        "ready": shell.ready,
        "seconds": shell.seconds,
        "waited": shell.waited,
        "code": shell.code,
        "hung": shell.hung is not None,
        "path": list(shell.path),
        "commands": {name: path or None for name, path in shell.commands.items()},
        "prints": seen.noise if kind == "ssh" else shell.stdout_bytes,
        "umask": shell.umask,
        "charmap": shell.charmap,
        "reads": [{"file": place.file, "line": place.line or None} for place in shell.reads],
        "path_changes": [
            {"file": c.place.file, "line": c.place.line or None, "path": list(c.path)} for c in shell.changes
        ],
    }
