"""Redirections: what is overwritten, and the files which a line writes itself."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from stentor.guard.calls import Call, Reading, name_of
from stentor.guard.match import Hit
from stentor.guard.paths import (
    detaches,
    device,
    login_file,
    no_login,
    readings,
    replaced,
    started,
    stops,
    strict,
)
from stentor.guard.rules_code import awk, literal, output
from stentor.guard.tools import read_line
from stentor.guard.wrappers import in_turn


def write(target: str, *, appends: bool, cwd: tuple[str, ...]) -> Iterator[Hit]:
    """Judge a redirection."""
    verb = "writes to" if appends else "overwrites"
    for path, condition in readings(target, cwd):
        end = f", {condition}" if condition else ""
        if not path:
            continue
        if device(path):
            yield "write-device", f"{verb} the device {path}{end}"
        elif login_file(path) and not appends:
            yield "login-file", f"{verb} {path}, which a login or the next boot needs{end}"
        elif strict(path):
            yield "login-file", f"adds to {path}, where one mistake keeps everybody out{end}"
        elif replaced(path) and not appends:
            yield "drop-data", f"{verb} {path}: what it says is lost{end}"
        elif stops(path):
            yield "power", f"writes to {path}: the node stops, reboots or sleeps{end}"
        elif no_login(path):
            yield "lock-out", f"{verb} {path}, which keeps people out{end}"
        elif detaches(path):
            yield "network", f"writes to {path}: a disk or a network card may be gone{end}"


def tee(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Judge ``tee`` and ``sponge``, which write as a redirection does."""
    line = read_line(words)
    if not line.changes_nothing:
        for target in line.operands:
            yield from write(target, appends=bool(line.values("-a/--append")), cwd=call.cwd)


def dd(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """Judge ``dd of=…``, which writes as a redirection does."""
    line = read_line(words)
    if not line.changes_nothing:
        for target in line.values("of="):
            yield from write(target, appends=False, cwd=call.cwd)


def run_later(reading: Reading) -> Iterator[tuple[str, str]]:
    """What a line writes into files which logins or cron run, with who runs it."""
    for file, text in written(reading).items():
        if text and (who := started(file)):
            yield who, text


def written(reading: Reading) -> dict[str, str | None]:
    """The files which the line writes, with their content where the line holds it."""
    found: dict[str, str | None] = {}
    for redirect in reading.writes:
        if redirect.by and not redirect.target.startswith("/dev/"):
            file = posixpath.normpath(redirect.target)
            text = output(redirect.by[-1])
            before = found.get(file, "") if redirect.appends else ""
            found[file] = None if text is None or before is None else f"{before}\n{text}" if before else text
    for call in reading.calls:
        for words in in_turn(call):
            for target, text in _made(call._replace(words=words), found):
                found[posixpath.normpath(target)] = text
    return found


def _made(call: Call, before: dict[str, str | None]) -> Iterator[tuple[str, str | None]]:
    """The files which a command makes of what it reads, or of a file that the line wrote before."""
    name, words = name_of(call.words), [word for word in call.words[1:] if word[:1] not in ("", "-")]
    if name in ("tee", "sponge"):
        yield from ((word, output(call)) for word in words)
    elif name == "dd":
        yield from ((word[3:], literal(call)) for word in words if word.startswith("of="))
    elif name in ("cp", "mv", "install", "ln") and len(words) > 1:
        if words[-2] in ("/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"):
            yield words[-1], literal(call)
        elif (source := posixpath.normpath(words[-2])) in before:
            yield words[-1], before[source]


def awk_writes(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``awk '{ print > "file" }'`` (POSIX: awk, "Output Statements")."""
    yield from awk(words, call)
    for appends, file in re.findall(r'>(>?)\s*"([^"]+)"', " ".join(words[1:])):
        yield from write(file, appends=bool(appends), cwd=call.cwd)


def sed_writes(words: tuple[str, ...], call: Call) -> Iterator[Hit]:
    """``sed 'w file'`` and ``s///w file`` (POSIX: sed)."""
    if "--sandbox" not in words:
        for file in re.findall(r"(?:^|[;{}\n\d$/gpI!])\s*[wW]\s+(/[^\s;}]+)", "\n".join(words[1:])):
            yield from write(file, appends=False, cwd=call.cwd)
