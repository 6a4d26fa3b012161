"""Reads what the doctor's program wrote on a node: its shells, and what stands in their way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from stentor.digits import whole
from stentor.probe.facts import first
from stentor.shells import family_of

BEGIN = "stentor_doctor 1"
END = "stentor_doctor_end"
# The kinds of shell, in the order in which they are shown.
KINDS = {
    "ssh": "ssh command",
    "login": "login",
    "interactive": "interactive",
    "both": "login, interactive",
    "service": "user service",
    "cron": "cron",
}
LONGEST = 4000  # of a line; what a node says may be anything


class Place(NamedTuple):
    """A line of a start-up file; 0 where the shell does not tell the line."""

    file: str
    line: int = 0


class Change(NamedTuple):
    """A moment in which PATH became another."""

    place: Place
    path: tuple[str, ...]


class Shell(NamedTuple):
    """How one kind of shell came up."""

    kind: str  # a key of ``KINDS``
    code: int | None = None  # its exit code; None if it did not end
    hung: float | None = None  # the seconds after which it was ended, or None
    ready: bool = False  # whether it came as far as a command
    seconds: float | None = None  # until then
    # Seconds of these in which it had to wait for a processor, as far as the node tells. All kinds come up
    # side by side, and others work there, too: without this, they would be there sooner.
    waited: float = 0.0
    path: tuple[str, ...] = ()  # the entries of PATH
    commands: Mapping[str, str] = {}  # required command to where it was found; empty where it was not
    umask: str = ""  # as the shell writes it
    locale: str = ""  # what the environment says
    locale_missing: bool = False  # whether the node does not have that locale
    charmap: str = ""  # the character set that results
    stdout_bytes: int = 0  # what it printed to standard output
    stdout: str = ""  # the first line of it
    stderr: str = ""  # the first line there
    reads: tuple[Place, ...] = ()  # its start-up files, each with the last line that was reached
    changes: tuple[Change, ...] = ()  # where PATH became another
    # The last place that was traced; an empty file when the start-up files were done.
    stopped: Place = Place("")


class Observation(NamedTuple):
    """All that was seen on one node."""

    complete: bool = False  # whether the script came to its end
    home: str = ""  # the home directory
    login_shell: str = ""  # absolute path
    start_path: tuple[str, ...] = ()  # PATH as the server gives it to a shell
    environment_exact: bool = False  # whether the environment is the server's own, or was assumed
    no_scratch: bool = False  # no directory could be written, not even in memory
    noise: int = 0  # bytes which the plain session wrote to standard output before the command
    noise_line: str = ""  # the first line of them
    shells: Mapping[str, Shell] = {}  # by kind
    # Required command to a place where it lies, though it may be in no PATH.
    elsewhere: Mapping[str, str] = {}
    useful: frozenset[str] = frozenset()  # entries of PATH in which there are programs
    traced: bool = False  # whether the shells were led through their start-up files, so that `reads` is known
    # Lines of start-up files which speak of PATH: place and text.
    path_lines: tuple[tuple[Place, str], ...] = ()
    # Every other line, by its first word; for the rules of their own.
    said: Mapping[str, tuple[str, ...]] = {}

    @property
    def family(self) -> str:
        """The name of the login shell's kind: bash, zsh, fish, or sh for all the plain ones."""
        return family_of(self.login_shell)

    def short(self, path: str) -> str:
        """A path with ``~`` for the home directory."""
        if self.home and (path == self.home or path.startswith(self.home + "/")):
            return "~" + path[len(self.home) :]
        return path


def parse(output: bytes) -> Observation:
    """Read the standard output of the session in which the doctor's program ran.

    Args:
        output: whatever it is; what comes before the script's first line is the noise of the
            login shell's start-up files.

    Returns:
        What could be understood of it.
    """
    at = output.find(BEGIN.encode() + b"\n")
    noise = output if at < 0 else output[:at]
    lines = [] if at < 0 else output[at:].decode("utf-8", "replace").splitlines()
    said: dict[str, list[str]] = {}
    for line in lines:
        key, _, rest = harmless(line).partition(" ")
        said.setdefault(key, []).append(rest)
    shown = next((line for line in noise.decode("utf-8", "replace").splitlines() if line.strip()), "")
    return Observation(
        complete=END in said,
        home=first(said, "home"),
        login_shell=first(said, "login_shell"),
        start_path=_path(first(said, "start_path")),
        environment_exact=first(said, "environment") == "exact",
        no_scratch="no_scratch" in said,
        noise=len(noise),
        noise_line=harmless(shown)[:120],
        shells=_shells(said),
        elsewhere=dict(_pair(rest) for rest in said.get("elsewhere", ())),
        useful=frozenset(said.get("useful", ())),
        traced="traced" in said,
        path_lines=tuple(path_line(rest) for rest in said.get("path_line", ())),
        said={key: tuple(values) for key, values in said.items()},
    )


def harmless(text: str) -> str:
    """Without characters which could steer the terminal on which this will be shown."""
    return "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in text[:LONGEST])


def _pair(text: str) -> tuple[str, str]:
    first, _, rest = text.partition(" ")
    return first, rest


def _path(text: str) -> tuple[str, ...]:
    return tuple(text.split(":")) if text else ()


def number(text: str) -> float | None:
    """The number which the text is, or None."""
    try:
        return float(text) if len(text) < 25 else None
    except ValueError:
        return None


def path_line(text: str) -> tuple[Place, str]:
    """``FILE|LINE:TEXT``: the place, and what stands there."""
    file, _, rest = text.partition("|")
    line, _, words = rest.partition(":")
    return Place(file, whole(line) or 0), words.strip()


def _shells(said: Mapping[str, list[str]]) -> dict[str, Shell]:
    fields: dict[str, dict[str, list[str]]] = {}
    for rest in said.get("shell", ()):
        kind, more = _pair(rest)
        key, value = _pair(more)
        if kind in KINDS:
            fields.setdefault(kind, {}).setdefault(key, []).append(value)
    return {kind: _shell(kind, fields[kind], said) for kind in KINDS if kind in fields}


def _shell(kind: str, fields: Mapping[str, list[str]], said: Mapping[str, list[str]]) -> Shell:
    def one(key: str) -> str:
        return fields[key][0] if key in fields else ""

    missing, charmap = _charmap(said, one("words"))
    begin, up = number(one("begin")), number(one("up"))
    seconds = None if begin is None or up is None else max(0.0, round(up - begin, 2))
    hung = number(one("hung"))
    # A shell which could not even be traced says by "stopped" what it reached.
    stopped = [_traced(rest)[1] for rest in said.get("stopped", ()) if _pair(rest)[0] == kind]
    return Shell(
        kind=kind,
        code=whole(one("code")),
        hung=hung if hung is not None and "done" not in fields else None,
        ready="done" in fields,
        seconds=seconds,
        waited=_waited(one("cpu"), seconds or 0.0),
        path=_path(one("path")),
        commands=dict(_pair(text) for text in fields.get("command", ())),
        umask=one("umask"),
        locale=one("locale"),
        locale_missing=missing,
        charmap=charmap,
        stdout_bytes=whole(one("stdout_bytes")) or 0,
        stdout=one("stdout"),
        stderr=one("stderr"),
        reads=tuple(_of_kind(said.get("read", ()), kind)),
        changes=tuple(
            Change(place, _path(path))
            for place, path in (
                _traced(rest)[1:] for rest in said.get("change", ()) if _pair(rest)[0] == kind
            )
        ),
        stopped=stopped[0] if stopped else Place(""),
    )


def _waited(cpu: str, seconds: float) -> float:
    """How long a shell and what it started waited for a processor.

    Linux says of a process how long it ran and how long it waited to run, but no longer of its children that
    have ended. They are taken to have waited for their time as the shell did for its own.

    Args:
        cpu: hundredths of a second of its own work (two numbers) and its children's (two), nanoseconds
            which it ran and waited.
        seconds: what it took in all.
    """
    numbers = [number for word in cpu.split() if (number := whole(word)) is not None]
    if len(numbers) != 6 or not numbers[4]:
        return 0.0
    *hundredths, ran, waited = numbers
    worked = max(sum(hundredths) / 100, ran / 1e9)
    return round(min(worked * waited / ran, max(0.0, seconds - worked)), 2)


def _charmap(said: Mapping[str, list[str]], words: str) -> tuple[bool, str]:
    """Whether the node lacks the locale which these variables ask for, and the character set that results."""
    for rest in said.get("charmap", ()):
        found, _, asked = rest.partition("|")
        if asked.strip() == words.strip():
            missing, charmap = _pair(found)
            return missing == "yes", charmap
    return False, ""


def _of_kind(lines: Iterable[str], kind: str) -> list[Place]:
    return [_traced(line)[1] for line in lines if _pair(line)[0] == kind]


def _traced(text: str) -> tuple[str, Place, str]:
    """``KIND LINE|FILE`` or ``KIND LINE|FILE|PATH``."""
    kind, rest = _pair(text)
    line, _, more = rest.partition("|")
    file, _, path = more.partition("|")
    return kind, Place(file, whole(line) or 0), path
