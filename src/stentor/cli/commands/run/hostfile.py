"""``run --hostfile``: the nodes from files, as clush reads them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from stentor.api.fleet import Fleet
from stentor.cli.context import Context
from stentor.errors import SelectorError, UsageError, of_path
from stentor.opening import open_stream
from stentor.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import TextIO

MOST_LETTERS = 16 << 20


def selector_of(paths: Sequence[str], command: Sequence[str], fleet: Fleet, context: Context) -> str:
    """Return the selector of the nodes that files name: separated by blanks or lines, ``#`` begins a comment.

    Args:
        paths: of the files; ``-`` is standard input.
        command: words of the command, none of which may be a selector.

    Raises:
        UsageError: a file cannot be read, or a selector is given as well.
        SelectorError: a word names no node; with its place.
    """
    if command and (command[0].startswith("@") or command[0] in fleet.data.nodes):
        raise UsageError(
            f"'{command[0]}' stands where the command begins; --hostfile names the nodes",
            hint=f"stentor run '{command[0]}' COMMAND..., or -- before a command of this name",
        )
    plain: list[str] = []
    for path in paths:
        for number, line in enumerate(_text(path, context).splitlines(), 1):
            for word in line.partition("#")[0].split():
                plain += _names(word, fleet, f"{path}:{number}")
    if not plain:
        raise SelectorError("no node is named", where=", ".join(paths))
    return ",".join(dict.fromkeys(plain))


def _names(word: str, fleet: Fleet, where: str) -> Sequence[str]:
    if word in fleet.data.nodes:
        return (word,)
    try:
        return [node.alias for node in fleet.nodes(word)]
    except SelectorError as error:
        raise SelectorError(str(error), where=where, hint=error.hint) from None


def _bounded(file: TextIO, where: str) -> str:
    text = file.read(MOST_LETTERS + 1)
    if len(text) > MOST_LETTERS:
        raise UsageError("cannot read the nodes: there is more than 16 MB", where=where)
    return text


def _text(path: str, context: Context) -> str:
    if path == "-":
        return _bounded(context.stdin, "standard input")
    try:
        with open_stream(path) as stream, io.TextIOWrapper(stream, encoding="utf-8") as file:
            return _bounded(file, path)
    except OSError as error:
        raise of_path(error, "cannot read the nodes", path) from None
    except UnicodeDecodeError as error:
        raise UsageError(f"cannot read the nodes: {error}", where=path) from None
