"""What a command is told about the world, so that nothing below asks for it by itself."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from stentor.typed import TYPE_CHECKING, NamedTuple, TextIO

if TYPE_CHECKING:
    from stentor.api.fleet import Fleet
    from stentor.fanout.context import Ask
    from stentor.fleet.model import Node
    from stentor.render.screen import Screen


class Context(NamedTuple):
    """The edge of the program: streams and environment."""

    stdout: TextIO  # results go here, and nothing else
    stderr: TextIO  # everything else goes here
    stdin: TextIO  # what the user or a pipe says
    environ: Mapping[str, str]  # the environment; never ``os.environ`` below this point

    @classmethod
    def from_process(cls) -> Context:
        """The context of a command started in a shell."""
        return cls(sys.stdout, sys.stderr, sys.stdin, os.environ)

    def interactive(self) -> bool:
        """Whether a person can be asked: stdin and stderr are terminals, and this is not CI."""
        return self.stdin.isatty() and self.stderr.isatty() and not self.environ.get("CI")

    def answer(self, question: str) -> str:
        """Return what a person types after a question on stderr."""
        if not question.isprintable():  # it may hold words of a node
            from stentor.render.visible import visible_text

            question = visible_text(question)
        if self.stderr.isatty() and len(question) > (width := self.width()):
            from stentor.render.wrap import message

            question = f"{message(question.rstrip(), width - 1)} "
        self.stderr.write(question)
        self.stderr.flush()
        try:
            line = self.stdin.readline()
        except KeyboardInterrupt:
            self.stderr.write("\n")  # what is said of it begins a line
            raise
        if not line:  # Ctrl-D
            self.stderr.write("\n")
        return line.strip()

    def agreed(self, question: str) -> bool:
        """Whether a person says yes; anything else is no."""
        return self.answer(f"{question} [y/N] ").lower() in ("y", "yes")

    def require_yes(
        self, question: str, *, hint: str, declined: str = "nothing was changed", asks: bool = True
    ) -> None:
        """Go on only if a person confirms it.

        Args:
            hint: what to do where nobody can be asked.
            declined: the hint after a no.
            asks: False where a program reads what is written.

        Raises:
            Refused: it was not confirmed, or no person can be asked.
        """
        from stentor.errors import Refused

        if not asks or not self.interactive():
            raise Refused("not confirmed: no terminal to ask on", hint=hint)
        if not self.agreed(question):
            raise Refused("not confirmed", hint=declined)

    def plain(self) -> bool:
        """Whether output is for a screen reader: lines in order, without colours, rules and redrawing."""
        return self.environ.get("STENTOR_PLAIN", "0") not in ("", "0") or self.environ.get("TERM") == "dumb"

    def colour(self, stream: TextIO) -> bool:
        """Whether this stream may be coloured (https://no-color.org, CLICOLOR_FORCE, plain output)."""
        if self.environ.get("NO_COLOR"):
            return False
        if self.environ.get("CLICOLOR_FORCE", "0") != "0":
            return True
        return stream.isatty() and not self.plain()

    def width(self) -> int:
        """Columns to draw in: the terminal's, else COLUMNS, else 80."""
        for stream in (self.stdout, self.stderr):
            try:
                return os.get_terminal_size(stream.fileno()).columns or 80
            except (OSError, ValueError):
                continue
        columns = self.environ.get("COLUMNS", "")
        return int(columns) if columns.isdecimal() and int(columns) > 0 else 80

    def size(self) -> tuple[int, int]:
        """Columns and lines to draw in; of a stdout that is no terminal, 24 lines."""
        try:
            lines = os.get_terminal_size(self.stdout.fileno()).lines
        except (OSError, ValueError):
            lines = 0
        return self.width(), lines or 24

    def fleet(self, given: str | None) -> Fleet:
        """Open the fleet that is named, or found from here.

        Args:
            given: what ``--fleet`` says.

        Raises:
            FleetError: there is none, or it has faults.
        """
        from stentor.api.fleet import Fleet

        return Fleet.open(given, environ=self.environ)

    def fleet_root(self, given: str | None) -> str | None:
        """Return the fleet directory that is named or found from here; None if there is none.

        Args:
            given: what ``--fleet`` says.

        Raises:
            FleetError: one is named and does not exist.
        """
        from stentor.errors import FleetError
        from stentor.fleet.load import find

        try:
            return find(given, environ=self.environ, cwd=os.getcwd()).root
        except FleetError:
            if given is not None or self.environ.get("STENTOR_FLEET"):
                raise
            return None

    def screen(self) -> Screen:
        """The two streams as one surface for displays."""
        from stentor.render.screen import Screen, binary

        return Screen(
            binary(self.stdout),
            binary(self.stderr),
            width=self.width,
            colour_out=self.colour(self.stdout),
            colour_err=self.colour(self.stderr),
            live_out=self.stdout.isatty(),
            live_err=self.stderr.isatty(),
            plain=self.plain(),
            encoding=self.stdout.encoding or "utf-8",
        )

    def asking(self, screen: Screen) -> Ask | None:
        """The way to a person, for a login which asks for something; None if nobody is there."""
        if not self.interactive():
            return None

        def ask(node: Node, argv: list[str]) -> int:
            from stentor import terminal

            screen.erase()
            screen.say(f"stentor: {node.alias} needs you to log in:")
            screen.held = True
            try:
                return terminal.foreground(argv, self.environ, interrupts=True)
            finally:
                screen.held = False

        return ask
