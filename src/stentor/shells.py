"""The shells which accounts have, and what the parts of stentor need to know of each.

A new shell is a row of :data:`SHELLS`. Where it is a family of its own it is a row of :data:`FAMILIES` too,
and a function ``trace_NAME`` of ``sh/doctor/trace.sh`` if doctor can start it.
"""

from __future__ import annotations


class Family:
    """Shells which are told the same things in the same words; itself the plain ones: dash, ksh, busybox.

    A class and not a named tuple, which would cost a run of one node a quarter of a millisecond.
    """

    posix: bool = True  # understands ``$$``, ``>&2``, export and POSIX quoting
    started: bool = True  # takes ``-l``, ``-i`` and ``-c`` together, so that doctor can start it in every way
    # Files which it reads for an ssh command, in their order; those of systems differ.
    reads: tuple[str, ...] = ()
    folder: str = ""  # of which it reads every file besides, from the home directory
    command_file: str = ""  # in the home directory: where a line works for ssh commands too, at its top
    add_path: str = ""  # a command which adds ``{entries}``, each in double quotes, to PATH everywhere
    for_people: str = "in `case $- in *i*) ... ;; esac`"  # how lines are kept from shells without a person
    profiler: str = "time each of its files"  # a command which shows what a slow start takes
    tracer: str = ""  # a command which shows where a start stops
    locale: str = ""  # which it makes up where nothing says one
    # Of a login and of a command, where a fault of a practice node can be.
    start_files: tuple[str, str] | None = None
    # Files of ``export/`` which make its ``shell-init``; ``render/completion.NAME`` is there too.
    init: tuple[str, ...] = ()


class Bash(Family):
    """bash: reads one file of its own for an ssh command, and returns from it where nobody types."""

    reads = ("/etc/bash.bashrc", "~/.bashrc")
    command_file = ".bashrc"
    profiler = "PS4='$EPOCHREALTIME ' bash -ixc exit"
    tracer = "bash -x"
    start_files = (".bash_profile", ".bashrc")
    init = ("init.sh", "init.bash")


class Zsh(Family):
    """zsh: reads ``.zshenv`` whatever it is started for."""

    reads = ("/etc/zshenv", "/etc/zsh/zshenv", "~/.zshenv")
    add_path = "echo 'path=({entries} $path)' >> ~/.zshenv"
    for_people = "in `if [[ -o interactive ]]; then ... fi`"
    profiler = "zsh -ixc exit 2>&1 | ts -i '%.s'"
    tracer = "zsh -x"
    start_files = (".zprofile", ".zshenv")
    init = ("init.sh", "init.zsh")


class Fish(Family):
    """fish: a language of its own, and the same files for everything."""

    posix = False
    reads = ("/etc/fish/config.fish", "~/.config/fish/config.fish")
    folder = ".config/fish/conf.d"
    add_path = "fish -c 'fish_add_path {entries}'"
    for_people = "in `if status is-interactive; ...; end`"
    profiler = "fish --profile-startup /dev/stdout -c exit"
    tracer = "fish --debug"
    locale = "en_US.UTF-8"
    init = ("init.fish",)


class Csh(Family):
    """csh: ``-l`` must be its only option."""

    posix = False
    started = False


FAMILIES: dict[str, type[Family]] = {"sh": Family, "bash": Bash, "zsh": Zsh, "fish": Fish, "csh": Csh}

SHELLS = {
    **dict.fromkeys(("sh", "dash", "ash", "busybox", "ksh", "ksh93", "mksh", "yash", "posh"), "sh"),
    "bash": "bash",
    "zsh": "zsh",
    "fish": "fish",
    **dict.fromkeys(("csh", "tcsh"), "csh"),
}
"""The shells by name, with their family."""

POSIX = frozenset(name for name, family in SHELLS.items() if FAMILIES[family].posix)
PROGRAMS = frozenset(SHELLS) - {"busybox"}
"""Those which are nothing but a shell; busybox is one where its first word says so."""
WITH_INIT = tuple(name for name, family in FAMILIES.items() if family.init)
"""Those for which there are functions (``shell-init``) and completion."""


def name_of(path: str) -> str:
    """Return the shell's name from what ``$SHELL`` says."""
    return path.rsplit("/", 1)[-1]


def family_of(path: str) -> str:
    """Return the family of a login shell, by its path; ``sh`` for those which doctor cannot start."""
    family = SHELLS.get(name_of(path), "sh")
    return family if FAMILIES[family].started else "sh"


def started() -> str:
    """The shells which doctor can start, as its program is told: ``NAME=FAMILY`` words."""
    return " ".join(f"{name}={family}" for name, family in SHELLS.items() if FAMILIES[family].started)
