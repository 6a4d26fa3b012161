"""``stentor shell``: a prompt for a part of the fleet."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from stentor.cli.context import Context
from stentor.cli.dispatch import Parser, dispatch
from stentor.errors import ProgramMissing, Refused, StentorError

if TYPE_CHECKING:
    from stentor.api import Fleet, Selection

EXAMPLES = """
stentor shell            a prompt for all nodes
stentor shell @gpu       for some; ':select crtr,@pseudo' changes that on the fly
"""

HELP = """\
what you type is run on the selected nodes, each time in a shell of its own; the guard asks before
dangerous lines, Ctrl-C ends the running command only, Ctrl-D or :quit leaves
  :select SELECTOR    choose other nodes (@failed and @up work, too)
  :nodes              who is selected
  :diff LINE          show how the few differ from the many
  :stream LINE        live, each line behind its node's name
  :sudo LINE          as root
  :history, :show     what was done
  :help               this
"""
COMMANDS = (":select", ":nodes", ":diff", ":stream", ":sudo", ":history", ":show", ":help", ":quit")


def configure(parser: Parser) -> None:
    """Add the arguments."""
    parser.add_argument(
        "selector", metavar="SELECTOR", nargs="?", default="@all", help="nodes (default: @all)"
    )


def handle(arguments: argparse.Namespace, context: Context) -> int:
    """Read lines and run them until the end."""
    try:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
        from prompt_toolkit.history import FileHistory, InMemoryHistory
    except ImportError:
        raise ProgramMissing(
            "the shell needs prompt_toolkit",
            hint="install stentor with its extra: pip install 'stentor[shell]'",
        ) from None
    if not (context.stdin.isatty() and context.stdout.isatty()):
        raise Refused("the shell needs a terminal", hint="in a script use 'stentor run'")
    from stentor.api import Fleet
    from stentor.journal import state_directory

    fleet = Fleet.open(arguments.fleet, environ=context.environ)
    shell = Shell(fleet, arguments.fleet, arguments.selector, context)
    history: Any
    try:
        directory = state_directory(context.environ)
        os.makedirs(directory, mode=0o700, exist_ok=True)
        path = os.path.join(directory, "shell_history")
        os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
        history = FileHistory(path)
    except OSError:
        history = InMemoryHistory()
    session: Any = PromptSession(
        history=history,
        auto_suggest=AutoSuggestFromHistory(),
        completer=_completer(shell),
        complete_while_typing=False,
    )
    context.stdout.write(":help says what can be typed here\n")
    while not shell.over:
        try:
            line = session.prompt(shell.prompt)
        except KeyboardInterrupt:
            continue
        except EOFError:
            break
        shell.take(line)
    return 0


class Shell:
    """What the prompt knows: the nodes it is for, and how the last line ended."""

    def __init__(self, fleet: Fleet, place: str | None, selector: str, context: Context) -> None:
        self.fleet = fleet
        self.place = place
        self.context = context
        self.code = 0
        self.over = False
        self.selector = selector
        self.selection = self._select(selector)
        self._listed: dict[str, list[str]] = {}

    def _select(self, selector: str) -> Selection:
        from stentor.cli.live import live_sets

        return self.fleet.select(selector, live=live_sets(self.fleet, self.context))

    @property
    def prompt(self) -> str:
        """``@gpu (2)> ``, with the last exit code where it was not 0."""
        code = f" [{self.code}]" if self.code else ""
        return f"{self.selector} ({len(self.selection.nodes)}){code}> "

    def take(self, line: str) -> None:
        """Do what a line says; errors are said, and the prompt comes again."""
        line = line.strip()
        if not line or line.startswith("#"):
            return
        word, _, rest = line.partition(" ")
        if not word.startswith(":"):
            self._run(line, "--gather")
            return
        actions: dict[str, Callable[[str], object]] = {
            ":select": self._change,
            ":nodes": lambda _: self._say(", ".join(node.alias for node in self.selection.nodes)),
            ":diff": lambda text: self._run(text, "--diff"),
            ":stream": lambda text: self._run(text, "--stream"),
            ":sudo": lambda text: self._run(text, "--gather", "--sudo=root"),
            ":history": lambda text: self._other("history", text),
            ":show": lambda text: self._other("show", text),
            ":help": lambda _: self._say(HELP.rstrip()),
            ":quit": lambda _: setattr(self, "over", True),
            ":q": lambda _: setattr(self, "over", True),
        }
        action = actions.get(word)
        if action is None:
            self._say(f"there is no {word}; :help says what can be typed here")
            return
        action(rest.strip())

    def _change(self, selector: str) -> None:
        try:
            selection = self._select(selector or "@all")
        except StentorError as error:
            self._say(f"{error}" + (f"\nhint: {error.hint}" if error.hint else ""))
            return
        if not selection.nodes:
            self._say("that names no node")
            return
        self.selector, self.selection = selector or "@all", selection

    def _run(self, line: str, *options: str) -> None:
        if not line:
            return
        # By name, since @failed and @up would mean others after each command.
        nodes = ",".join(node.alias for node in self.selection.nodes)
        self.code = dispatch("run", [*options, nodes, line], self.place, self.context)
        self._listed.clear()

    def _other(self, name: str, text: str) -> None:
        import shlex

        try:
            words = shlex.split(text)
        except ValueError as error:
            self._say(str(error))
            return
        dispatch(name, words, self.place, self.context)

    def _say(self, text: str) -> None:
        self.context.stdout.write(text + "\n")
        self.context.stdout.flush()

    # Completion.

    def candidates(self, before: str) -> tuple[str, list[str]]:
        """Return the word under the cursor and what it can become."""
        word = before.rsplit(" ", 1)[-1]
        if before.startswith(":select"):
            part = word.replace("!", ",").replace("&", ",").rsplit(",", 1)[-1]
            names = [f"@{group}" for group in self.fleet.data.groups] + list(self.fleet.data.nodes)
            return part, [name for name in (*names, "@failed", "@up", "@down") if name.startswith(part)]
        if before.startswith(":") and " " not in before:
            return word, [command for command in COMMANDS if command.startswith(word)]
        return word, self.paths(word)

    def paths(self, word: str) -> list[str]:
        """Paths on the first selected node which begin with this."""
        if word in self._listed:
            return self._listed[word]
        from stentor.api import Selection
        from stentor.fanout.script import quote

        start = '"$HOME"/' + quote(word[2:]) if word.startswith("~/") else quote(word) if word else ""
        command = f"exec sh -c {quote(f'ls -1dp -- {start}* 2>/dev/null | head -n 200')}"
        node = next(iter(self.selection.nodes))
        (result,) = Selection(self.fleet, (node,)).run(command, timeout=2, connect_timeout=2)
        found = [name for name in result.text.splitlines() if name] if result.outcome.started else []
        if word.startswith("~/") and found:
            home = found[0][: -len(found[0])] if not found[0] else _home(found, word)
            found = ["~/" + name[len(home) :] for name in found if name.startswith(home)]
        self._listed[word] = found
        return found


def _home(found: list[str], word: str) -> str:
    """The node's home, from a path that was listed for ``~/WORD``."""
    at = found[0].find("/" + word[2:]) if word[2:] else found[0].rstrip("/").rfind("/")
    return found[0][: at + 1]


def _completer(shell: Shell) -> Any:
    from prompt_toolkit.completion import Completer, Completion

    class Nodes(Completer):
        """Completes when asked: commands, nodes and groups, and paths of the first node."""

        def get_completions(self, document: Any, complete_event: Any) -> Iterable[Any]:
            del complete_event
            part, names = shell.candidates(document.text_before_cursor)
            for name in names:
                yield Completion(name, start_position=-len(part))

    return Nodes()
