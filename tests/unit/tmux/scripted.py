"""A tmux server that answers as a test says, and keeps what it was asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from stentor.programs import Completed
from stentor.tmux.server import Server
from stentor.tmux.state import FIELDS, SEPARATOR

PANE = {
    "session_id": "$1",
    "window_id": "@1",
    "pane_id": "%1",
    "@node": "crtr",
    "pane_synchronized": "0",
    "pane_dead": "0",
    "@layout": "auto",
    "window_width": "200",
    "window_height": "50",
    "pane_current_command": "ssh",
    "@state": "up",
    "session_name": "cluster",
    "window_name": "nodes",
}


def pane(number: int, node: str = "", state: str = "up", **more: str) -> dict[str, str]:
    """A pane as tmux lists it; without a node it is the user's own."""
    names = {name.replace("_at_", "@"): value for name, value in more.items()}
    return {**PANE, "pane_id": f"%{number}", "@node": node, "@state": state if node else "", **names}


class Tmux:
    """Stands in for the program.

    Attributes:
        panes: what ``list-panes`` lists; None: no server runs.
        formats: what ``display-message -p FORMAT`` prints.
        outputs: what a command prints, by its first word; or by all of its words.
        version: of ``tmux -V``.
        failing: the first word of commands that fail.
        calls: the words of each call, but for lists and questions.
        typed: the standard input of each of those.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, panes: Sequence[Mapping[str, str]] = ()) -> None:
        self.panes: Sequence[Mapping[str, str]] | None = panes
        self.formats: dict[str, str] = {}
        self.outputs: dict[str, str] = {}
        self.version = "tmux 3.4"
        self.failing = ""
        self.calls: list[list[str]] = []
        self.typed: list[str] = []
        monkeypatch.setattr(Server, "call", lambda _, words, text="": self.call(list(words), text))

    def call(self, words: list[str], text: str) -> Completed:
        """Answer one call of tmux."""
        if words == ["-V"]:
            return Completed(0, f"{self.version}\n".encode(), b"")
        if words[:2] == ["list-panes", "-a"]:
            if self.panes is None:
                return Completed(1, b"", b"no server running")
            rows = [SEPARATOR.join(one[field] for field in FIELDS) for one in self.panes]
            return Completed(0, "".join(f"{row}\n" for row in rows).encode(), b"")
        if words[:2] == ["display-message", "-p"] and ";" not in words:
            answer = self.formats.get(words[-1])
            return Completed(0 if answer is not None else 1, f"{answer or ''}\n".encode(), b"")
        if self.failing and words[0] == self.failing:
            return Completed(1, b"", b"bad luck\n")
        self.calls.append(words)
        self.typed.append(text)
        said = self.outputs.get(" ".join(words), self.outputs.get(words[0], ""))
        return Completed(0, said.encode(), b"")

    @property
    def said(self) -> str:
        """Every command so far, a call a line; a long chain goes by standard input."""
        return "\n".join(text or " ".join(words) for words, text in zip(self.calls, self.typed, strict=True))
