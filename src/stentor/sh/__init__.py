"""Programs for nodes, in POSIX sh: the small files beside this one, joined when they are sent.

A file holds functions. Its first comment says what they are for, which variables are given, and in lines
``# uses: base state`` which files must come before it. dash, bash and busybox run them all.
"""

from __future__ import annotations

STATE = ".local/state/stentor"
"""Where everything that is kept on a node lies, from the home directory; the same in ``state.sh``."""

_FOLDER = __file__.rpartition("/")[0]

# What every login shell (sh, fish, csh) takes as it is between single quotes.
_PLAIN = frozenset(chr(code) for code in range(32, 127)) - frozenset("'\\!")


def join(*names: str, front: str = "", call: str = "") -> str:
    """Return files and those which they use as one program, each once, without comments.

    Args:
        names: of files, without ``.sh``.
        front: lines before them: variables that are given.
        call: lines behind them: what is called.
    """
    parts: dict[str, str] = {}
    for name in names:
        _add(name, parts)
    return "".join([front, *parts.values(), call and call + "\n"])


def _add(name: str, parts: dict[str, str]) -> None:
    if name in parts:
        return
    with open(f"{_FOLDER}/{name}.sh", encoding="utf-8") as file:
        lines = file.read().splitlines(keepends=True)
    for line in lines:
        if not line.startswith("#"):
            break
        if line.startswith("# uses:"):
            for other in line[7:].split():
                _add(other, parts)
    # A comment inside of a quoted program is one of awk's.
    parts[name] = "".join(line for line in lines if line.strip() and not line.lstrip().startswith("#"))


def assign(**values: str) -> str:
    """Return lines of sh which set these variables."""
    from stentor.sh.quoting import quote

    return "".join(f"{name}={quote(value)}\n" for name, value in values.items())


def command(script: str, *words: str) -> str:
    r"""Return the command, for any login shell, which runs a script.

    Args:
        script: for sh. csh takes no new line between quotes: what a login shell might not pass on is
            written ``\0ooo``.
    """
    from stentor.sh.quoting import quote_any

    if _PLAIN.issuperset(script):
        parts = ["exec sh -c", quote_any(script), *(["sh"] if words else [])]
    else:
        data = script.encode("utf-8", "surrogateescape").decode("latin-1")
        coded = "".join(char if char in _PLAIN else f"\\0{ord(char):03o}" for char in data)
        parts = ["""exec sh -c 'program=$1; shift; eval "$(printf %b "$program")"' sh""", f"'{coded}'"]
    return " ".join([*parts, *map(quote_any, words)])
