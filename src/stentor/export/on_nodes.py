"""A file that is kept on nodes: the change that writes it, and the command that compares it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from stentor import sh
from stentor.export.marked import parts
from stentor.rollout.change import BaseChange, Step
from stentor.rollout.sent import Sent
from stentor.sh.quoting import quote

if TYPE_CHECKING:
    from stentor.engines.reach import Reach
    from stentor.export.view import Made
    from stentor.fanout.events import Event


class ExportChange(BaseChange):
    """Write one exported file on nodes; what stands outside of our markers there is kept."""

    name = "export"

    def __init__(self, path: str, form: str, made: Mapping[str, Made]) -> None:
        self.title = f"{form} {path}"
        self._path = path  # on the nodes, from the home directory
        self._form = form  # the name of the format
        self._made = made  # alias to what the file holds there

    def sends(self) -> Sequence[Sent]:
        """The file."""
        return (Sent(files=(self._path,)),)

    def apply(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event | Step]:
        """Write it."""
        return self._run("write", nodes, reach)

    def compared(self, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        """Compare it; a node on which it is stale fails, with the difference as its output."""
        return self._run("check", nodes, reach)

    def _run(self, mode: str, nodes: Sequence[str], reach: Reach) -> Iterator[Event]:
        from stentor.sh.program import path

        words = f"{mode} {quote(self._path)}"
        alike: dict[str, list[str]] = {}
        for alias in nodes:
            front = sh.assign(**parts(self._form, self._made[alias]))
            alike.setdefault(front, []).append(alias)
        for front, aliases in alike.items():
            program = path("put_export", front=front)
            yield from reach.command(reach.nodes(aliases), f"exec sh -s -- {words}", stdin=program)
