"""The tmux server; the only module that starts tmux."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NoReturn

from stentor import programs, terminal
from stentor.errors import ProgramMissing, Refused, StentorError
from stentor.tmux.command import Command, chain, fits, script
from stentor.tmux.state import FIELDS, FORMAT, SEPARATOR, PaneState, not_supported, parse


class Server:
    """One tmux server, reached by the user's own ``tmux``."""

    def __init__(self, environ: Mapping[str, str], socket: str | None = None) -> None:
        self.environ = environ  # the environment; ``TMUX`` and ``TMUX_PANE`` say where we are
        self.program = ["tmux", *(["-L", socket] if socket else [])]
        self.socket = socket  # the name of a socket (``tmux -L``), or None for the usual one

    def call(self, words: Sequence[str], text: str = "") -> programs.Completed:
        """Start tmux once.

        Raises:
            ProgramMissing: there is no tmux.
        """
        argv = [self.program[0], "-u", *self.program[1:], *words]
        return programs.run(argv, self.environ, stdin=text.encode(), session=False)

    def output(self, words: Sequence[str]) -> str:
        r"""Start tmux once and return what it printed; a pasted ``\r`` is the end of a line, too."""
        return self.call(words).text.replace("\r\n", "\n").replace("\r", "\n")

    def run(self, commands: Sequence[Command]) -> str:
        """Run a chain in one call and return what it printed.

        Raises:
            StentorError: tmux failed; its message is the message.
        """
        if not commands:
            return ""
        words = chain(commands)
        done = self.call(words) if fits(words) else self.call(["source-file", "-"], script(commands))
        if done.code:
            self._refused(done.error_text)
        return done.text

    def _refused(self, words: str) -> NoReturn:
        version = self.call(["-V"]).text.strip()
        if not_supported(version):
            raise Refused(
                f"{version} is too old: stentor needs tmux 3.2 or newer",
                hint="sessions that an older tmux serves end with 'tmux kill-server'",
            )
        raise StentorError(f"tmux: {words.strip() or 'it failed without a message'}")

    def panes(self) -> list[PaneState]:
        """Every pane of every session; none when no server runs."""
        done = self.call(["list-panes", "-a", "-F", FORMAT])
        if done.code:
            if not_supported(self.call(["-V"]).text.strip()):
                self._refused(done.error_text)
            return []
        return [parse(line) for line in done.text.splitlines() if line.count(SEPARATOR) >= len(FIELDS) - 1]

    def sessions_of_nodes(self) -> dict[str, list[str]]:
        """The sessions that have panes of nodes, with these nodes; none where there is no tmux."""
        found: dict[str, list[str]] = {}
        with suppress(ProgramMissing):
            for pane in self.panes():
                if pane.node:
                    found.setdefault(pane.session, []).append(pane.node)
        return found

    def ask(self, format_text: str, target: str | None = None) -> str:
        """Expand a format; empty when there is no such target or server."""
        words = ["display-message", "-p", *(["-t", target] if target else []), format_text]
        done = self.call(words)
        return "" if done.code else done.text.rstrip("\n")

    def inside(self) -> bool:
        """Whether this process runs in a pane of this server."""
        here = self.environ.get("TMUX", "").split(",")[0]
        if not here:
            return False
        return self.socket is None or os.path.basename(here) == self.socket

    def here(self) -> tuple[str, str] | None:
        """The session's and window's ids of the pane we run in, or of the key binding that runs us."""
        if not self.inside():
            return None
        # run-shell sets TMUX and no TMUX_PANE; TMUX ends in the session's number.
        session = "$" + self.environ["TMUX"].rpartition(",")[2]
        target = self.environ.get("TMUX_PANE") or f"{session}:"
        answer = self.ask("#{session_id} #{window_id}", target).split()
        return (answer[0], answer[1]) if len(answer) == 2 else None

    def show(self, session_id: str, after: Sequence[Command] = ()) -> NoReturn:
        """Become the tmux client which shows a session: switch inside tmux, attach outside.

        Never returns: the process is replaced.

        Args:
            after: commands for the time when it is shown.
        """
        then = [word for command in after for word in (";", *command)]
        environ = dict(self.environ)
        if self.inside():
            words = [*self.program, "switch-client", "-t", session_id, *then]
        else:
            # Inside another server: tmux would refuse, but this session was asked for by name.
            environ.pop("TMUX", None)
            words = [*self.program, "attach-session", "-t", session_id, *then]
        terminal.replace(words, environ)
