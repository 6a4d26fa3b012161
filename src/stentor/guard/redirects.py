"""Redirections: what is overwritten, and the files which a line writes itself."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from stentor.guard.calls import Reading
from stentor.guard.inner import name_of
from stentor.guard.match import Hit
from stentor.guard.paths import device, login_file, readings
from stentor.guard.rules_code import output


def write(target: str, *, appends: bool, cwd: tuple[str, ...]) -> Iterator[Hit]:
    """Judge a redirection."""
    verb = "writes to" if appends else "overwrites"
    for path, condition in readings(target, cwd):
        end = f", {condition}" if condition else ""
        if path and device(path):
            yield "write-device", f"{verb} the device {path}{end}"
        elif path and login_file(path) and (not appends or "sysrq" in path):
            yield "login-file", f"{verb} {path}, which a login or the next boot needs{end}"


def written(reading: Reading) -> dict[str, str | None]:
    """The files which the line writes, with their content where the line holds it."""
    found: dict[str, str | None] = {}
    for redirect in reading.writes:
        if redirect.by and not redirect.target.startswith("/dev/"):
            file = posixpath.normpath(redirect.target)
            text = output(redirect.by[-1])
            before = found.get(file, "") if redirect.appends else ""
            found[file] = None if text is None or before is None else f"{before}\n{text}"
    for call in reading.calls:
        if name_of(call.words) == "tee":
            found |= {
                posixpath.normpath(word): output(call) for word in call.words[1:] if word[:1] not in ("", "-")
            }
    return found
