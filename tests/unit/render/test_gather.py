from __future__ import annotations

from stentor.fanout.events import Event, Finished, Output
from stentor.fanout.spool import Spool
from stentor.outcome import Outcome, Report
from stentor.render.gather import Gather
from stentor.render.mask import Mask
from stentor.render.order import InOrder
from stentor.render.stream import Stream

from .conftest import Surface

NODES = ["crtr", "prtr", "drtr", "trtr"]
GROUPS = {"all": ("crtr", "prtr", "drtr", "trtr"), "core": ("crtr", "prtr", "drtr"), "gpu": ("prtr", "drtr")}


def wrote(node: str, data: bytes, stream: str = "stdout") -> list[Event]:
    return [Output(node, stream, data), Finished(node, Outcome(node, "ok", code=0))]


def test_same_output_is_shown_once_the_largest_group_first(surface: Surface) -> None:
    view = Gather(surface, NODES)
    for event in wrote("trtr", b"5\n") + wrote("drtr", b"6") + wrote("crtr", b"6"):
        view.show(event)
    assert surface.printed == ""
    view.end(Report([]))
    rule = "-" * 15
    assert surface.printed == f"{rule}\ncrtr,drtr (2)\n{rule}\n6\n{rule}\ntrtr\n{rule}\n5\n"


def test_a_missing_newline_is_a_difference() -> None:
    surface = Surface()
    view = Gather(surface, NODES)
    for event in wrote("crtr", b"6\n") + wrote("prtr", b"6"):
        view.show(event)
    view.end(Report([]))
    assert surface.printed.count("6\n") == 2


def test_stderr_is_merged_separately_and_empty_output_is_not_shown(surface: Surface) -> None:
    view = Gather(surface, NODES, GROUPS)
    for node in GROUPS["core"]:
        for event in wrote(node, b"oh\n", "stderr"):
            view.show(event)
    view.end(Report([]))
    assert surface.printed == ""
    assert surface.said == f"{'-' * 15}\n@core (3) stderr\n{'-' * 15}\noh\n"


def test_colours_of_a_block_end_with_it() -> None:
    surface = Surface(live_out=True)
    view = Gather(surface, NODES, labels=False)
    for event in wrote("crtr", b"\x1b[31mred"):
        view.show(event)
    view.end(Report([]))
    assert surface.printed == "\x1b[31mred\x1b[0m\n"


def test_headers_can_be_left_out(surface: Surface) -> None:
    view = Gather(surface, NODES, labels=False)
    for event in wrote("crtr", b"6\n") + wrote("prtr", b"6\n"):
        view.show(event)
    view.end(Report([]))
    assert surface.printed == "6\n"


def test_output_of_a_node_that_never_finished_is_shown_too(surface: Surface) -> None:
    view = Gather(surface, NODES)
    view.show(Output("crtr", "stdout", b"half"))
    view.end(Report([]))
    assert surface.printed.endswith("---\nhalf\n")


def test_masked_output_is_shown_raw(surface: Surface) -> None:
    view = Gather(surface, NODES, lens=Mask({node: [node] for node in NODES}))
    for event in wrote("crtr", b"I am crtr\n") + wrote("prtr", b"I am prtr\n"):
        view.show(event)
    view.end(Report([]))
    assert "crtr,prtr (2) alike, as crtr wrote it\n" in surface.printed
    assert surface.printed.endswith("\nI am crtr\n")


def test_much_output_goes_through_the_disk(surface: Surface) -> None:
    spool = Spool(memory=1000, piece=500)
    view = Gather(surface, NODES, labels=False, spool=spool)
    for node in NODES:
        view.show(Output(node, "stdout", b"x" * 10_000))
        view.show(Finished(node, Outcome(node, "ok", code=0)))
        assert spool.held <= 1000
    view.end(Report([]))
    assert surface.printed == "x" * 10_000 + "\n"


def test_in_order_shows_node_after_node(surface: Surface) -> None:
    view = InOrder(Stream(surface, NODES), NODES)
    for event in wrote("drtr", b"3\n3") + wrote("crtr", b"1\n"):
        view.show(event)
    view.show(Output("prtr", "stdout", b"unfinished"))
    assert surface.printed == ""
    view.end(Report([]))
    assert surface.printed == "crtr: 1\ndrtr: 3\ndrtr: 3\nprtr: unfinished\n"
