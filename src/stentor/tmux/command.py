"""tmux commands as values, and the three ways to write them down.

Commands are chained so that a whole session costs one start of tmux. In a chain a command without
``-t`` acts on the pane which the command before it made: tmux keeps that target apart from what
hooks of the user do in between (``cmdq_insert_hook`` in tmux's ``cmd-queue.c``), so a chain needs
neither indexes (``base-index``) nor ids which do not exist yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stentor.sh.quoting import quote, quoted

Command = tuple[str, ...]

# tmux sends its arguments to the server in one message of 16384 bytes; longer chains go by standard input.
LONGEST_CHAIN = 15000


def chain(commands: Iterable[Command]) -> list[str]:
    """The words after ``tmux`` for these commands, with ``;`` between them."""
    words: list[str] = []
    for command in commands:
        if words:
            words.append(";")
        words += [_argument(word) for word in command]
    return words


def fits(words: Sequence[str]) -> bool:
    """Whether tmux takes these words on its command line."""
    return sum(len(word.encode()) + 1 for word in words) < LONGEST_CHAIN


def script(commands: Iterable[Command]) -> str:
    """The same as a file for ``tmux source-file``."""
    return "".join(line(command) + "\n" for command in commands)


def line(command: Command) -> str:
    """One command as tmux's own parser reads it: in single quotes as sh does."""
    return " ".join(quote(word) for word in command)


def joined(commands: Iterable[Command]) -> str:
    """Several commands in one string, for bindings and ``run-shell -C``."""
    return " ; ".join(line(command) for command in commands)


def literal(text: str) -> str:
    """Text for where tmux would expand formats: ``#`` doubled."""
    return text.replace("#", "##")


def shell(program: Sequence[str], commands: Sequence[Command]) -> str:
    """What a shell would be given to do the same: shown by ``--print``, and exactly what is run.

    Args:
        program: ``tmux`` with its options.
        commands: the chain.
    """
    if not fits(chain(commands)):
        return f"{quoted(program)} source-file - <<'EOF'\n{script(commands)}EOF\n"
    lines = [quoted([_argument(word) for word in command]) for command in commands]
    return f"{quoted(program)} " + " \\; \\\n  ".join(lines) + "\n"


def _argument(word: str) -> str:
    return word[:-1] + "\\;" if word.endswith(";") else word
