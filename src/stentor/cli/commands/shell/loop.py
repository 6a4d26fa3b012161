"""The prompt's loop: read a line, do it, until the user leaves."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from stentor import terminal
from stentor.api.fleet import Fleet, Selection
from stentor.cli.commands.shell import intent
from stentor.cli.context import Context
from stentor.cli.dispatch import dispatch
from stentor.cli.table import COMMANDS
from stentor.errors import SelectorError, StentorError, Terminated
from stentor.journal import state_directory
from stentor.render.names import brief

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession
    from prompt_toolkit.formatted_text import StyleAndTextTuples

# A prompt inside of the prompt, and a script for the shell which started us, make no sense here.
GIVEN = tuple(name for name in COMMANDS if name not in ("shell", "shell-init", "completion"))
# These are for the prompt's nodes when none are named.
OF_THE_NODES = ("ping", "status", "top", "nodes")


class Shell:
    """One prompt.

    Args:
        arguments: of the command line.
        context: streams and environment.
    """

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        self.context = context
        self.directory: str | None = arguments.fleet
        self.view: str = arguments.view
        self.options: tuple[str, ...] = ()
        self.code = 0
        self.remember = not arguments.no_history
        self.fleet = Fleet.open(self.directory, environ=context.environ)
        self.selector = ""
        self.selection = self._select(arguments.selector)

    # -- the loop ------------------------------------------------------------------------------

    def loop(self) -> int:
        """Do line by line what is asked for; return the last line's exit code."""
        session = self._session()
        self._say(f"{self._nodes()}. ':help' says what can be typed, Ctrl-D leaves.")
        while True:
            try:
                line = session.prompt(self._prompt)
            except Terminated:
                raise
            except KeyboardInterrupt:
                continue  # a line that is not wanted
            except EOFError:
                break
            asked = intent.read(line, GIVEN, intent.VIEWS)
            if isinstance(asked, intent.Leave):
                break
            try:
                self._do(asked)
            except StentorError as error:
                self._complain(str(error), error.hint)
            except Terminated:
                raise
            except KeyboardInterrupt:
                self._complain("interrupted", "")
        return self.code

    def _session(self) -> PromptSession[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import InMemoryHistory
        from prompt_toolkit.styles import Style

        from stentor.cli.commands.shell.complete import Completing
        from stentor.cli.commands.shell.past import Past

        commands = {name: COMMANDS[name].summary for name in GIVEN} | intent.OWN
        past = f"{state_directory(self.context.environ)}/shell-history"
        colours = {"failed": "ansired", "selector": "ansicyan bold"}
        return PromptSession(
            history=Past(past) if self.remember else InMemoryHistory(),
            completer=Completing(self.fleet, lambda: self.selection, commands, intent.VIEWS),
            complete_in_thread=True,
            complete_while_typing=False,
            style=Style.from_dict(colours if self.context.colour(self.context.stdout) else {}),
            reserve_space_for_menu=6,
        )

    def _prompt(self) -> StyleAndTextTuples:
        failed = [("class:failed", f"[{self.code}] ")] if self.code else []
        return [*failed, ("class:selector", self.selector), ("", f" ({len(self.selection)})> ")]

    # -- what can be asked for -----------------------------------------------------------------

    def _do(self, asked: intent.Intent) -> None:
        if isinstance(asked, intent.Run):
            self._run(asked)
        elif isinstance(asked, intent.Select):
            if asked.selector:
                self.selection = self._select(asked.selector)
            self._say(self._nodes())
        elif isinstance(asked, intent.Local):
            self.code = terminal.foreground(["/bin/sh", "-c", asked.command], self.context.environ)
        elif isinstance(asked, intent.View):
            self.view = asked.name or self.view
            self._say(f"output is shown: {self.view}")
        elif isinstance(asked, intent.With):
            self.options = asked.words
            self._say(f"every line with: {' '.join(asked.words) or 'no options'}")
        elif isinstance(asked, intent.Command):
            words = list(asked.words)
            if asked.name in OF_THE_NODES and all(word.startswith("-") for word in words):
                words.append(self.selector)
            self.code = self._elsewhere(asked.name, words)
        elif isinstance(asked, intent.Help):
            self._help()
        elif isinstance(asked, intent.Wrong):
            self._complain(asked.message, asked.hint)

    def _elsewhere(self, name: str, words: list[str]) -> int:
        """Run one of stentor's commands, as a process of its own: some of them become another program."""
        fleet = ["--fleet", self.directory] if self.directory else []
        argv = [sys.executable, "-m", "stentor", *fleet, name, *words]
        return terminal.foreground(argv, self.context.environ)

    def _run(self, asked: intent.Run) -> None:
        """Run the line as ``stentor run`` does: its guard, its waves, its displays, its journal."""
        view = [] if self.view == "auto" else [f"--{self.view}"]
        selector = asked.selector or self.selector
        # So that no option takes the selector for its value, nor the line's first word is taken for one.
        words = [*view, *self.options, "--", selector, "--", asked.command]
        self.code = dispatch("run", words, self.directory, self.context)

    def _select(self, text: str) -> Selection:
        """Return the nodes which a selector means; what depends on the moment is settled now."""
        moment = False

        def live(name: str) -> Iterable[str] | None:
            nonlocal moment
            found = self.fleet.live.look_up(name)
            moment = moment or found is not None
            return found

        selection = self.fleet.select(text, live=live)
        if not selection.nodes:
            raise SelectorError("it means no nodes", where=text)
        self.selector = ",".join(node.alias for node in selection.nodes) if moment else text
        return selection

    def _nodes(self) -> str:
        aliases = [node.alias for node in self.selection.nodes]
        count = f"{len(aliases)} node{'s' if len(aliases) > 1 else ''}"
        return f"{count}: {brief(aliases, max(self.context.width() - 50, 30))}"

    def _help(self) -> None:
        rows = [
            ("COMMAND", "for all nodes of the prompt, by their login shells"),
            ("@gpu", "from now on these nodes (any selector that begins with @)"),
            ("@gpu COMMAND", "this line for these nodes"),
            ("!COMMAND", "on this machine"),
            *((f":{name}", what) for name, what in intent.OWN.items()),
            (":COMMAND", "any of stentor's: " + ", ".join(GIVEN)),
            ("Tab", "nodes, groups, and paths on the first node with a warm connection"),
            ("Ctrl-C", "ends the running command everywhere; at the prompt, forgets the line"),
        ]
        for left, right in rows:
            self._say(f"  {left:<13} {right}")

    def _say(self, text: str) -> None:
        self.context.stderr.write(text + "\n")
        self.context.stderr.flush()

    def _complain(self, message: str, hint: str) -> None:
        self._say(f"stentor: {message}" + (f"\nhint: {hint}" if hint else ""))
