"""Every start-up file of every shell wounded in turn: each wound is found, and nothing else.

A round wounds one file on each of four nodes with different login shells at once; a fifth stays whole.
What is expected follows from which shells read which file, so the cases are generated, not written down.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest

from stentor.lab import Lab
from tests.integration.doctor.ward import SHELLS, Stentor, Tally, doctor, findings, write

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

FISH, FISH_D = ".config/fish/config.fish", ".config/fish/conf.d/x.fish"
NODES = {"zsh": "crtr", "bash": "drtr", "dash": "trtr", "fish": "prtr"}
ALL, LOGIN, HAND = ("ssh", "login", "interactive", "both"), ("login", "both"), ("interactive", "both")
# Shell, file, and which kinds of that shell read it. The skeleton's ~/.profile sources ~/.bashrc.
FILES = [
    ("zsh", ".zshenv", ALL),
    ("zsh", ".zprofile", LOGIN),
    ("zsh", ".zshrc", HAND),
    ("zsh", ".zlogin", LOGIN),
    ("bash", ".bashrc", ALL),
    ("bash", ".profile", LOGIN),
    ("bash", ".bash_login", LOGIN),
    ("bash", ".bash_profile", LOGIN),
    ("dash", ".profile", LOGIN),
    ("dash", ".shrc", HAND),
    ("fish", FISH, ALL),
    ("fish", FISH_D, ALL),
]


class Wound(NamedTuple):
    """What is done to a file, and what must be said of it."""

    shell: str
    file: str
    text: str
    key: str
    evidence: str = ""  # "@" stands for the file, as it is shown
    fix: str = ""
    beside: frozenset[str] = frozenset()  # what follows from it and may be said, too
    moved: bool = False  # the line that makes PATH whole goes to this file

    def shown(self, words: str) -> str:
        """Words about the file."""
        return words.replace("@", f"~/{self.file}")


def lines(shell: str, posix: str, fish: str) -> str:
    """One thing in the shell's own language."""
    return fish if shell == "fish" else posix


def exits(number: int) -> Iterator[Wound]:
    for shell, file, kinds in FILES:
        # fish goes on behind an `exit` in its configuration.
        text = lines(shell, f"exit {number}", "status is-interactive; and exec false")
        place = lines(shell, "@" if shell == "dash" else "@:1", "@")
        by_sftp = kinds == ALL and shell != "fish"  # there no command runs at all
        yield Wound(shell, file, text, "shell-exits", place, "1s/^/#/" if by_sftp else place)


def missing_programs() -> Iterator[Wound]:
    for shell, file, _ in FILES:
        line = "" if shell in ("dash", "fish") else ":1"
        yield Wound(shell, file, lines(shell, "exec /no/such", "exec false"), "shell-exits", f"@{line}", file)


def hanging() -> Iterator[Wound]:
    for shell, file, _ in FILES:
        text = lines(shell, "while :; do sleep 1; done", "while true; sleep 1; end")
        line = "" if shell in ("dash", "fish") else ":1"
        yield Wound(shell, file, text, "shell-hangs", f"@{line}", f"@{line}")


def slow() -> Iterator[Wound]:
    for shell, file, kinds in FILES:
        yield Wound(
            shell, file, "sleep 2.2" if kinds == ALL else "sleep 3.2", "shell-slow", "@", "see where: "
        )


def lost() -> Iterator[Wound]:
    beside = frozenset({"command-missing", "path-differs"})
    for shell, file, _ in FILES:
        text = lines(shell, "PATH=/usr/games", "set -gx PATH /usr/games")
        fix = "$PATH"
        yield Wound(shell, file, text, "path-lost", "@", fix, beside)


def misplaced() -> Iterator[Wound]:
    """PATH is made whole, but in a file which an ssh command does not read."""
    for shell, file, kinds in FILES:
        if kinds != ALL and shell in ("zsh", "bash"):
            where = "~/.zshenv" if shell == "zsh" else "~/.bashrc"
            yield Wound(
                shell, file, "", "command-missing", "@:", where, frozenset({"path-differs"}), moved=True
            )
    for condition in ("is-interactive", "is-login"):
        text = f"status {condition}; and set -gx PATH ~/.local/bin $PATH"
        yield Wound("fish", FISH, text, "command-missing", "config.fish:1", "fish_add_path", moved=True)
    text = "PATH=$HOME/elsewhere:$PATH\n"
    yield Wound("dash", ".profile", text, "command-missing", "~/.profile:1", "SetEnv PATH", moved=True)


def noisy() -> Iterator[Wound]:
    for shell, file, kinds in FILES:
        if kinds == ALL:
            yield Wound(shell, file, "echo Welcome", "noise", "Welcome", "@")
    for shell, file, kinds in FILES:
        if kinds == ALL and shell != "fish":
            yield Wound(shell, file, "umask 0", "umask-open", "0000", "umask 022")
            yield Wound(shell, file, "export LANG=xx_XX.UTF-8", "locale-missing", "ssh command", "locale-gen")


def growing() -> Iterator[Wound]:
    for shell, file, kinds in FILES:
        text = lines(shell, 'date >>"$HOME/.logins"', "date >>$HOME/.logins")
        if kinds != HAND:
            yield Wound(shell, file, text, "file-grows", "then again with a login", ".logins")


MATRIX: dict[str, Callable[[], Iterator[Wound]]] = {
    "exit": lambda: exits(9),
    "exec": missing_programs,
    "hang": hanging,
    "slow": slow,
    "lost": lost,
    "misplaced": misplaced,
    "noise": noisy,
    "growth": growing,
}


def rounds(wounds: Iterator[Wound]) -> list[dict[str, Wound]]:
    """At most one wound a node at once."""
    by_shell: dict[str, list[Wound]] = {shell: [] for shell in NODES}
    for wound in wounds:
        by_shell[wound.shell].append(wound)
    count = max(map(len, by_shell.values()))
    return [
        {NODES[shell]: some[turn] for shell, some in by_shell.items() if turn < len(some)}
        for turn in range(count)
    ]


def inflict(lab: Lab, alias: str, wound: Wound) -> dict[str, str | None]:
    """Wound a node; what its files were, for the way back."""
    home = lab.home(alias)
    whole = {"zsh": ".zshenv", "bash": ".bashrc", "fish": FISH, "dash": ".profile"}[wound.shell]
    names = {wound.file, whole, ".logins", "tools/hello", "elsewhere/hello"}
    before = {name: (home / name).read_text() if (home / name).exists() else None for name in names}
    path = home / wound.file
    # bash reads the first of its three files only; who has another sources ~/.profile from it.
    text = before[wound.file] or (". ~/.profile\n" if wound.file in (".bash_login", ".bash_profile") else "")
    if wound.moved and wound.text and wound.shell == "fish":
        write(path, wound.text + "\n")
    elif wound.moved and wound.text:
        write(home / "elsewhere/hello", "#!/bin/sh\necho hello\n").chmod(0o755)
        (home / "tools/hello").unlink()
        write(path, wound.text)
    elif wound.moved:
        line, *rest = (home / whole).read_text().splitlines(keepends=True)
        write(home / whole, "".join(rest))
        write(path, line + text)
    elif wound.key == "path-lost":
        write(path, f"{text}{wound.text}\n")  # after what makes PATH whole
    else:
        write(path, f"{wound.text}\n{text}")
    if wound.key == "file-grows":
        write(home / ".logins", "before\n")
    return before


def heal(lab: Lab, alias: str, before: dict[str, str | None]) -> None:
    for name, text in before.items():
        path = lab.home(alias) / name
        if text is None:
            path.unlink(missing_ok=True)
        else:
            write(path, text).chmod(0o755 if name.endswith("/hello") else 0o644)


@pytest.mark.parametrize("kind", MATRIX)
def test_each_start_up_file_is_wounded_in_turn(
    healthy: Lab, stentor: Stentor, tally: Tally, kind: str
) -> None:
    missed, invented, wounds, nodes = list[str](), list[str](), 0, 0
    for wounded in rounds(MATRIX[kind]()):
        before = {alias: inflict(healthy, alias, wound) for alias, wound in wounded.items()}
        try:
            limit = {"hang": "3", "slow": "8"}.get(kind, "8")
            found, _ = doctor(stentor, healthy, "--shell-timeout", limit)
        finally:
            for alias, files in before.items():
                heal(healthy, alias, files)
        for alias in SHELLS:
            nodes += 1
            seen = findings(found[alias])
            wound = wounded.get(alias)
            expected = wound.beside | {wound.key} if wound else frozenset[str]()
            invented += [
                f"{alias} {wound and wound[:3]}: {finding}"
                for key, finding in seen.items()
                if key not in expected
            ]
            if wound is None:
                continue
            wounds += 1
            finding = seen.get(wound.key)
            if finding is None:
                missed.append(f"{alias} {wound[:3]}: {found[alias]}")
            elif (
                wound.shown(wound.evidence) not in finding["evidence"]
                or wound.shown(wound.fix) not in finding["fix"]
            ):
                missed.append(f"{alias} {wound}: {finding}")
    tally(wounds - len(missed), wounds, len(invented), nodes)
    assert missed == []
    assert invented == []
