"""Which view an operation is shown in, and how it is put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from stentor.fanout.events import Output
from stentor.fanout.spool import Spool
from stentor.outcome import Report
from stentor.render.display import Display
from stentor.render.screen import Screen
from stentor.render.stream import Raw, Stream
from stentor.typed import NamedTuple


class ViewRequest(NamedTuple):
    """What was asked for."""

    # ``stream``, ``gather``, ``in-order``, ``live-lines``, ``diff``; empty when it is left to us.
    view: str = ""
    labels: bool = True  # whether to say which node said it
    mask: bool = False  # compare without hostnames, addresses, times and process numbers
    merge_stderr: bool = False  # take what nodes write to stderr as if it were stdout


def choose(request: ViewRequest, nodes: int, terminal: bool) -> str:
    """Return the view's name: that which was asked for, or what fits.

    One node is shown raw, as ssh would. Several nodes are shown merged or live on a terminal, as
    time decides (:mod:`stentor.render.auto`). In a pipe they are always streamed with prefixes, so
    that what reads it never depends on how fast a node was.

    Args:
        nodes: how many there are.
        terminal: whether results go to a terminal.
    """
    if request.view:
        return request.view
    if request.mask or request.merge_stderr:
        return "gather"
    if nodes == 1:
        return "raw"
    return "auto" if terminal else "stream"


def build(
    name: str,
    request: ViewRequest,
    screen: Screen,
    nodes: Sequence[str],
    groups: Mapping[str, Sequence[str]],
    *,
    names: Mapping[str, Iterable[str]],
    clock: Callable[[], float],
) -> Display:
    """Put a view together; only what it needs is imported.

    Args:
        name: what ``choose`` said.
        nodes: aliases, in the selection's order.
        names: node to all that it is called, for ``--mask``.
        clock: seconds that never go back.
    """
    if request.merge_stderr:
        request = request._replace(merge_stderr=False)
        return Merged(build(name, request, screen, nodes, groups, names=names, clock=clock))
    if name == "raw":
        return Raw(screen)
    if name == "live-lines":
        from stentor.render.live_lines import LiveLines

        return LiveLines(screen, nodes, groups, labels=request.labels)
    if name == "stream":
        return Stream(screen, nodes, labels=request.labels)
    lens = None
    if request.mask:
        from stentor.render.mask import Mask

        lens = Mask(names)
    if name == "diff":
        from stentor.render.diff import Diff

        return Diff(screen, nodes, groups, lens=lens)
    spool = Spool()
    if name == "in-order":
        from stentor.render.order import InOrder

        return InOrder(Stream(screen, nodes, labels=request.labels, spool=spool), nodes, spool=spool)
    from stentor.render.gather import Gather

    gather = Gather(screen, nodes, groups, labels=request.labels, lens=lens, spool=spool)
    if name == "gather":
        return gather
    from stentor.render.auto import Auto

    return Auto(gather, Stream(screen, nodes, labels=request.labels, spool=spool), clock)


class Merged:
    """Passes events on, as if everything had been written to stdout."""

    __slots__ = ("_inner",)

    def __init__(self, inner: Display) -> None:
        self._inner = inner

    def show(self, event: object) -> None:
        if isinstance(event, Output) and event.stream == "stderr":
            event = event._replace(stream="stdout")
        self._inner.show(event)

    def tick(self, now: float) -> None:
        self._inner.tick(now)

    def end(self, report: Report) -> None:
        self._inner.end(report)
