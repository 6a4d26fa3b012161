"""Tab: names from the fleet, paths from a node. Runs beside the prompt, which goes on being typed at."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document

from stentor import sh
from stentor.api.fleet import Fleet, Selection
from stentor.cli.commands.shell import words
from stentor.errors import StentorError
from stentor.fanout.collect import collect
from stentor.fanout.task import Settings

PATIENCE = 1.5
"""Seconds for a node's answer; a Tab is not worth more."""

LIVE = ("@failed", "@ok", "@unreachable", "@missing", "@last", "@up", "@down")


class Completing(Completer):
    """Completes a line of the prompt.

    Args:
        selection: returns the nodes of the prompt, as they are now.
        commands: of the prompt and of stentor, with what each does.
        views: names of the displays.
    """

    def __init__(
        self,
        fleet: Fleet,
        selection: Callable[[], Selection],
        commands: Mapping[str, str],
        views: Iterable[str],
    ) -> None:
        self._fleet = fleet
        self._selection = selection
        self._commands = commands
        self._views = tuple(views)

    def get_completions(self, document: Document, _: CompleteEvent) -> Iterator[Completion]:
        """Yield what can stand at the cursor."""
        line = document.text_before_cursor
        want = words.wanted(line)
        back = want.start - len(line)
        if want.kind == "paths":
            for found in self._paths(want):
                name = found.rstrip("/").rpartition("/")[2] + ("/" if found.endswith("/") else "")
                yield Completion(words.written(want.text, found, want.quote), back, display=name)
            return
        for name, meta in self._known(want.kind):
            if name.startswith(want.text):
                yield Completion(name, back, display_meta=meta)

    def _known(self, kind: str) -> Iterator[tuple[str, str]]:
        data = self._fleet.data
        if kind == "names":
            yield from ((f"@{name}", f"{len(members)} nodes") for name, members in self._fleet.groups.items())
            yield from ((name, "") for name in LIVE)
            yield from ((node.alias, node.name) for node in data.nodes.values())
        elif kind == "commands":
            yield from self._commands.items()
        elif kind == "views":
            yield from ((view, "") for view in self._views)

    def _paths(self, want: words.Wanted) -> list[str]:
        try:
            selection = self._fleet.select(want.selector) if want.selector else self._selection()
            node = first_warm(selection)
            return paths(node, want.text) if node else []
        except StentorError:
            return []  # a keystroke is not the moment to complain


def first_warm(selection: Selection) -> Selection | None:
    """Return the first node which answers without a login: Tab never logs in anywhere."""
    for node in selection.nodes:
        one = Selection(selection.fleet, (node,))
        if not one.describe()[node.alias].startswith("login"):
            return one
    return None


def paths(node: Selection, path: str) -> list[str]:
    """Ask a node what begins with a path."""
    command = sh.command(words.listing(path))
    settings = Settings(timeout=PATIENCE, connect_timeout=PATIENCE)
    (result,) = collect(node.stream(command, settings, guard=False))
    return [line for line in result.text.split("\n") if line and line.isprintable()]
