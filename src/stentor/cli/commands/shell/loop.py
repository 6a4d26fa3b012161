"""The prompt's loop: read a line, do it, until the user leaves."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from stentor import terminal
from stentor.api.fleet import Fleet, Selection
from stentor.api.run import RunRequest, environment_of
from stentor.cli.commands.shell import intent
from stentor.cli.context import Context
from stentor.cli.dispatch import Parser
from stentor.cli.foreground import another_stentor
from stentor.cli.run_options import add_run_options, check_run_options, kept_words, narrowed, run_selected
from stentor.cli.selector import some
from stentor.cli.table import COMMANDS
from stentor.errors import SelectorError, StentorError, Terminated
from stentor.journal import state_directory
from stentor.render.prompt import nodes_line, prompt, style
from stentor.render.wrap import page

if TYPE_CHECKING:
    from prompt_toolkit import PromptSession

# A prompt inside of the prompt, and a script for the shell which started us, make no sense here.
GIVEN = tuple(name for name in COMMANDS if name not in ("shell", "shell-init", "completion"))
# These are for the prompt's nodes when none are named.
OF_THE_NODES = ("ping", "status", "top", "nodes")


class Shell:
    """One prompt."""

    def __init__(self, arguments: argparse.Namespace, context: Context) -> None:
        self.context = context
        self.directory: str | None = arguments.fleet
        self.view: str = arguments.view
        self.options = _read_options(())
        self.code = 0
        self.remember = not arguments.no_history
        self.fleet = self._open()
        self.selector = ""
        self.selection = self._select(arguments.selector)

    # -- the loop ------------------------------------------------------------------------------

    def loop(self) -> int:
        """Do line by line what is asked for; return the last line's exit code."""
        session = self._session()
        self._say(f"{self._nodes()}. ':help' says what can be typed, Ctrl-D leaves.")
        while True:
            try:
                line = session.prompt(lambda: prompt(self.code, self.selector, len(self.selection)))
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
                self._failed(asked, error.exit_code)
            except OSError as error:
                place = f"{error.filename}: " if error.filename else ""
                self._complain(f"{place}{error.strerror or error}", "")
                self._failed(asked, StentorError.exit_code)
            except Terminated:
                raise
            except KeyboardInterrupt:
                self._complain("interrupted", "")
                self._failed(asked, 130)
        return self.code

    def _failed(self, asked: intent.Intent, code: int) -> None:
        if isinstance(asked, intent.Run):
            self.code = code

    def _session(self) -> PromptSession[str]:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.history import InMemoryHistory

        from stentor.cli.commands.shell.complete import Completing
        from stentor.cli.commands.shell.past import Past

        commands = {name: COMMANDS[name].summary for name in GIVEN} | intent.OWN
        past = f"{state_directory(self.context.environ)}/shell-history"
        return PromptSession(
            history=Past(past) if self.remember else InMemoryHistory(),
            completer=Completing(self.fleet, lambda: self.selection, commands, intent.VIEWS),
            complete_in_thread=True,
            complete_while_typing=False,
            enable_suspend=True,
            style=style(self.context.screen()),
            reserve_space_for_menu=6,
        )

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
            self.options = _read_options(asked.words)
            self._say(f"every line with: {' '.join(asked.words) or 'no options'}")
        elif isinstance(asked, intent.Command):
            words = list(asked.words)
            if asked.name in OF_THE_NODES and all(word.startswith("-") for word in words):
                words.append(self.selector)
            self.code = another_stentor([asked.name, *words], self.directory, self.context)
        elif isinstance(asked, intent.Help):
            self._help()
        elif isinstance(asked, intent.Wrong):
            self._complain(asked.message, asked.hint)

    def _run(self, asked: intent.Run) -> None:
        """Run the line as ``stentor run`` does: its guard, its waves, its displays, its journal."""
        options = argparse.Namespace(**vars(self.options))
        options.selector = asked.selector or self.selector
        if self.view != "auto" and options.view is None:
            options.view = self.view
        check_run_options(options)
        wanted = RunRequest(
            asked.command,
            environment=environment_of(options.env, self.context.environ),
            title=asked.command,
            options=kept_words(options),
        )
        selection = some(self._open(), options.selector)
        self.code = run_selected(narrowed(selection, options), wanted, options, self.context)

    def _open(self) -> Fleet:
        return Fleet.open(self.directory, environ=self.context.environ)

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
        return nodes_line(self.context.screen(), [node.alias for node in self.selection.nodes])

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
        self._say(page("\n".join(f"  {left:<13}  {right}" for left, right in rows), self.context.width()))

    def _say(self, text: str) -> None:
        self.context.stderr.write(text + "\n")
        self.context.stderr.flush()

    def _complain(self, message: str, hint: str) -> None:
        self._say(f"stentor: {message}" + (f"\nhint: {hint}" if hint else ""))


def _read_options(words: Sequence[str]) -> argparse.Namespace:
    """Read options of ``stentor run``.

    Raises:
        UsageError: there are no such options, or they do not go together.
    """
    parser = Parser(prog="stentor run", add_help=False)
    add_run_options(parser, prompt=True)
    options = parser.parse(words)
    check_run_options(options)
    return options
