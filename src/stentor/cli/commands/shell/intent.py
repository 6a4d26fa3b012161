"""What a line at the prompt of ``stentor shell`` asks for.

A line goes to the nodes as it is, unless it begins with one of these:

    @gpu              from now on these nodes         (also ``:select SELECTOR``)
    @gpu uptime       this line for these nodes
    !make             a command of this machine's shell
    :status           one of stentor's commands, or of the prompt's own (``:help``)

``: > file`` is the nodes': there, ``:`` with a blank behind it is a command which does nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Collection
from typing import NamedTuple

from stentor.fleet.suggest import did_you_mean

OWN = {
    "help": "what can be typed here",
    "select": "from now on these nodes: ':select drtr,@core'; alone: which they are",
    "view": "how output is shown: auto, gather, stream, in-order, live-lines, diff",
    "with": "options of 'stentor run' for every line from now on: ':with --timeout 10s'; alone: none",
    "quit": "leave, as Ctrl-D does",
}
"""The prompt's own commands, and what each does."""

VIEWS = ("auto", "gather", "stream", "in-order", "live-lines", "diff")

# What clush's prompt knows, and what to type here.
_CLUSH = {
    "+": ("'+' adds no node here", ":select SELECTOR,{} with the selector of the prompt"),
    "-": ("'-' removes no node here", ":select SELECTOR!{} with the selector of the prompt"),
    "?": ("'?' is no command", ":select alone says which nodes these are; :help says what can be typed"),
    "=": ("'=' is no command", ":view gather merges output, :view stream does not"),
}
# What changes only the shell it is typed in.
_FORGOTTEN = ("cd", "pushd", "popd", "export", "unset", "alias", "umask", "source", ".")
_JOINING = frozenset(";&|\n<>")

LEAVING = ("exit", "quit", "logout")
"""Words which leave a shell in everybody's fingers."""


class Nothing(NamedTuple):
    """An empty line."""


class Run(NamedTuple):
    """A command for nodes; ``selector`` is empty for those of the prompt."""

    command: str
    selector: str = ""


class Select(NamedTuple):
    """Other nodes from now on; an empty selector asks which they are."""

    selector: str


class Local(NamedTuple):
    """A command for this machine."""

    command: str


class View(NamedTuple):
    """Another display; an empty name asks which it is."""

    name: str


class With(NamedTuple):
    """Options of ``stentor run`` for every line that follows."""

    words: tuple[str, ...]


class Command(NamedTuple):
    """One of stentor's commands."""

    name: str
    words: tuple[str, ...]


class Help(NamedTuple):
    """What can be typed."""


class Leave(NamedTuple):
    """The end."""


class Wrong(NamedTuple):
    """A line which makes no sense: why, and what to do."""

    message: str
    hint: str = ""


Intent = Nothing | Run | Select | Local | View | With | Command | Help | Leave | Wrong


def read(line: str, commands: Collection[str], views: Collection[str]) -> Intent:
    """Understand a line.

    Args:
        commands: names of stentor's commands which may be given here.
        views: names of the displays.
    """
    text = line.strip()
    if not text:
        return Nothing()
    if text in LEAVING:
        return Leave()
    if text[0] == "!":
        command = text[1:].strip()
        return Local(command) if command else Wrong("no command is given", "!COMMAND runs on this machine")
    if text[0] == "@":
        selector, _, command = text.partition(" ")
        command = command.strip()
        return Run(command, selector) if command else Select(selector)
    if text[0] in "+-?" or text == "=":
        why, hint = _CLUSH[text[0]]
        return Wrong(why, hint.replace("{}", text[1:].strip() or "NODES"))
    if _is_forgotten(text):
        first = text.split()[0]
        return Wrong(f"each line has a shell of its own, which forgets this {first}", f"{text} && COMMAND")
    if text[0] == ":" and text[1:2] not in ("", " ", "\t"):
        return _colon(text[1:], commands, views)
    return Run(text)


def _is_forgotten(text: str) -> bool:
    """Whether a line only changes the shell that it is typed in, as ``cd /tmp`` does."""
    first, *rest = text.split()
    if first not in _FORGOTTEN or _JOINING & {*text}:
        return False
    # Without an argument, most of them print something.
    return first in ("cd", "pushd", "popd") or any(not word.startswith("-") for word in rest)


def _colon(text: str, commands: Collection[str], views: Collection[str]) -> Intent:
    try:
        name, *words = shlex.split(text)
    except ValueError as error:
        return Wrong(f"cannot be read: {str(error).lower()}")
    if name in ("help", "h", "?"):
        return Help()
    if name in ("quit", "q", "exit"):
        return Leave()
    if name == "select":
        return Select(",".join(words))
    if name == "with" and "--tty" in words:
        return Wrong("a terminal of its own is for one node", ":ssh NODE COMMAND gives it one")
    if name == "with":
        return With(tuple(words))
    if name == "view":
        if not words or words[0] in views:
            return View(words[0] if words else "")
        hint = did_you_mean(words[0], views, otherwise=f"one of {', '.join(views)}")
        return Wrong(f"there is no view '{words[0]}'", hint)
    if name in commands:
        return Command(name, tuple(words))
    hint = did_you_mean(name, [*OWN, *commands], prefix=":", otherwise="see ':help'")
    return Wrong(f"there is no command ':{name}'", hint)
