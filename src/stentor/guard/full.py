"""Put together: read the text, look through wrappers, ask the rules."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterator, Mapping

from stentor.guard.calls import Call, Finding, Reading, name_of
from stentor.guard.policy import Policy
from stentor.guard.quick import RESERVED, SCRIPTS
from stentor.guard.reader import read
from stentor.guard.redirects import run_later, write, written
from stentor.guard.rules import RULES
from stentor.guard.rules_code import (
    INTERPRETERS,
    cron_lines,
    fetched,
    from_elsewhere,
    jobs,
    judged,
    literal,
    reads_commands,
    runs,
    runs_later,
    unit_lines,
)
from stentor.guard.words import SPLIT, UNSAID, Expanded, Values, unknown
from stentor.guard.wrappers import DEPTH, in_turn, inner, passed
from stentor.shells import POSIX

_SHOWN = 100
_LINES: dict[str, Callable[[str], str]] = {
    "cron": jobs,
    "unit": unit_lines,
    "sh": str,
}  # of files that something runs later
_KEYWORDS = RESERVED - {"time", "coproc", "alias", "trap", "in"}


def examine(
    text: str,
    *,
    stdin: str | None = None,
    variables: Mapping[str, str] | None = None,
    policy: Policy = Policy(),  # noqa: B008
) -> tuple[Finding, ...]:
    """Return every finding, each once, without those that the policy silences."""
    given: dict[str, tuple[str, ...]] = {name: (value,) for name, value in (variables or {}).items()}
    if words := [value for name, value in (variables or {}).items() if name.isdecimal()]:
        given["@"] = given["*"] = (SPLIT.join(words),)
    values = Values(given, frozenset(given))
    found = dict.fromkeys(_text(text, values, ("~",), policy, 0, stdin))
    return tuple(finding for finding in found if finding.rule not in policy.silenced)


def _text(
    text: str, values: Values, cwd: tuple[str, ...], policy: Policy, depth: int, stdin: str | None = None
) -> Iterator[Finding]:
    shown = _short(text)
    if depth > DEPTH:
        yield Finding("unreadable", shown, "commands within commands, too deep to follow")
        return
    interpreter = _foreign(text)
    if interpreter:
        yield Finding(
            "unreadable", text.splitlines()[0], f"a script for {interpreter}, which the guard does not read"
        )
        return
    reading = read(text, values=values, cwd=cwd)
    for trouble in reading.troubles:
        yield Finding("unreadable", shown, f"cannot be read as shell: {trouble}")
    for bomb in reading.bombs:
        yield Finding("fork-bomb", _short(bomb), "a function which starts itself without end")
    for redirect in reading.writes:
        for rule, reason in write(redirect.target, appends=redirect.appends, cwd=redirect.cwd):
            yield Finding(rule, _short(redirect.text), reason)
    brought = {file for call in reading.calls if (file := fetched(call))}
    made = written(reading)
    for call in (*reading.calls, *_by_alias(reading)):
        for file, content in made.items():
            if content and (later := runs_later(call, file)):
                lines = jobs(content) if later == "cron" else content
                yield from _text(lines, passed(call, text=True), call.cwd, policy, depth + 1)
            if _runs(call, {file}):
                if content is None:
                    yield Finding("unknown-code", _short(call.text), "runs what the line has just written")
                elif (name := _interpreter(call, file)) and not content.lstrip().startswith("#!"):
                    for rule, reason in judged(name, content):
                        yield Finding(rule, _short(call.text), reason)
                else:
                    values = call.values if isinstance(content, Expanded) else passed(call, text=True)
                    yield from _text(content.lstrip("\n"), values, call.cwd, policy, depth + 1)
        if brought and _runs(call, brought):
            yield Finding("pipe-to-shell", _short(call.text), "runs what the line has just downloaded")
        if stdin is not None and call.stdin is None and not call.fed_by:
            call = call._replace(stdin=stdin)
        yield from _call(call, policy, depth)
    for who, content in run_later(reading):
        yield from _text(_LINES[who](content), values, ("~",), policy, depth + 1)


def _runs(call: Call, files: Collection[str]) -> bool:
    """Whether a command is or reads one of these files, as a program."""
    turns = [*in_turn(call)]
    if call.listed and posixpath.normpath(call.listed) in files:
        return any(reads_commands(call._replace(words=words)) for words in turns)
    return any(runs(words, files) for words in turns)


def _by_alias(reading: Reading) -> Iterator[Call]:
    """The commands that are called by a name which the line gave them before (alias in POSIX)."""
    known: dict[str, list[str]] = {}
    for call in reading.calls:
        if call.words[0] == "alias":
            given = [word.partition("=") for word in call.words[1:] if "=" in word]
            known |= {name: text.split() for name, _, text in given if text.split()}
        elif meant := known.get(call.words[0]):
            yield call._replace(words=(*meant, *call.words[1:]))


def _interpreter(call: Call, file: str) -> str:
    """The interpreter which reads this file here; empty if a shell does."""
    names = [name_of(words) for words in in_turn(call) if runs(words, {file})]
    return names[0] if names and names[0] in INTERPRETERS else ""


def _call(call: Call, policy: Policy, depth: int) -> Iterator[Finding]:
    if not call.words or depth > DEPTH:
        return
    unit = call.words[0].rpartition("/")[2]
    scripts = any(folder in call.words[0] for folder in SCRIPTS)
    if scripts or (unit.startswith("rc") and unit not in RULES and call.words[1:]):
        unit = unit.removeprefix("rc.") if scripts else unit.removeprefix("rc")
        call = call._replace(words=("service", unit, *call.words[1:]))
    name = name_of(call.words)
    shown = _short(call.text)
    if unknown(name):
        yield from _nameless(call, policy, depth)
        return
    if name in _KEYWORDS:
        # No shell takes these for a command: what the grammar made of the line is not what a shell will.
        yield Finding("unreadable", shown, f"cannot be read as shell: '{name}' is in the place of a command")
    for rule, reason in from_elsewhere(call):
        yield Finding(rule, shown, reason)
    for rule_of in RULES.get(name, ()):
        for rule, reason in rule_of(call.words, call):
            yield Finding(rule, shown, reason)
    for own in policy.rules:
        if own.matches(" ".join(call.words)) or own.matches(call.text):
            yield Finding(own.name, shown, own.reason)
    if reads_commands(call) and (said := literal(call)) is not None:
        values = call.values if isinstance(said, Expanded) else passed(call, text=True)
        yield from _text(said, values, call.cwd, policy, depth + 1)
    if name == "crontab":
        yield from _text(cron_lines(call), call.values, ("~",), policy, depth + 1)
    for item in inner(call):
        if item.words:
            within = call._replace(words=item.words, values=passed(call))
            yield from _call(within, policy, depth + 1)
        if item.text is not None and not _only_unknown(item.text):
            values = _positional(passed(call, text=True), item.positional)
            yield from _text(item.text, values, call.cwd, policy, depth + 1, literal(call))


def _nameless(call: Call, policy: Policy, depth: int) -> Iterator[Finding]:
    """The command's name is a variable: it may vanish, and then its argument is the command."""
    yield Finding(
        "unknown-code", _short(call.text), "the command itself is something which the line does not say"
    )
    rest = call.words[1:]
    if rest:
        yield from _call(call._replace(words=rest), policy, depth + 1)


def _positional(values: Values, positional: tuple[str, ...]) -> Values:
    known = dict(values.known)
    for number, value in enumerate(positional):
        known[str(number)] = (value,)
    if positional[1:]:
        known["@"] = known["*"] = (SPLIT.join(positional[1:]),)
    return Values(known, values.exported)


def _only_unknown(text: str) -> bool:
    return not text.strip(UNSAID + " ")


def _foreign(text: str) -> str:
    """The interpreter of a script that is no shell script."""
    if not text.startswith("#!"):
        return ""
    words = text.splitlines()[0][2:].split()
    program = next((word for word in words if not word.endswith("/env") and not word.startswith("-")), "")
    name = program.rpartition("/")[2]
    return "" if not name or name in POSIX else name


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"
