from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.events import Finished, Output
from stentor.fanout.spool import Spool
from stentor.outcome import Outcome, Report
from stentor.render.screen import Screen
from stentor.render.stream import Raw, Stream, prefixes

from .conftest import Surface

END = Report([])


def done(node: str) -> Finished:
    return Finished(node, Outcome(node, "ok", code=0))


def test_lines_are_prefixed_by_the_node(surface: Surface) -> None:
    view = Stream(surface, ["crtr", "node10"])
    view.show(Output("crtr", "stdout", b"one\ntwo\n"))
    view.show(Output("node10", "stderr", b"oh\n"))
    view.show(Output("node10", "stdout", b"\n"))
    assert surface.printed == "crtr: one\ncrtr: two\nnode10: \n"
    assert surface.said == "node10: oh\n"


def test_partial_line_is_held_until_complete(surface: Surface) -> None:
    view = Stream(surface, ["a", "b"])
    view.show(Output("a", "stdout", b"one, tw"))
    view.show(Output("b", "stdout", b"whole\n"))
    assert surface.printed == "b: whole\n"
    view.show(Output("a", "stdout", b"o\nthr"))
    assert surface.printed == "b: whole\na: one, two\n"
    view.show(done("a"))
    assert surface.printed == "b: whole\na: one, two\na: thr\n"


def test_unfinished_line_is_shown_at_the_end(surface: Surface) -> None:
    view = Stream(surface, ["a"])
    view.show(Output("a", "stdout", b"cut off"))
    view.end(END)
    assert surface.printed == "a: cut off\n"


def test_texts_are_aligned_for_people_only() -> None:
    assert prefixes(["a", "long"], colour=False, align=True) == {"a": b"a:    ", "long": b"long: "}
    assert prefixes(["a", "long"], colour=False, align=False) == {"a": b"a: ", "long": b"long: "}


def test_very_long_name_does_not_widen_the_prefix() -> None:
    made = prefixes(["a", "b" * 60], colour=False, align=True)
    assert made["a"] == b"a: "


def test_colours_of_a_node_end_with_the_line() -> None:
    surface = Surface(live_out=True, colour_out=True)
    view = Stream(surface, ["a"])
    view.show(Output("a", "stdout", b"\x1b[31mred\n"))
    assert surface.printed == "\x1b[36ma:\x1b[0m \x1b[31mred\x1b[0m\n"


def test_progress_bar_does_not_overwrite_the_prefix() -> None:
    surface = Surface(live_out=True)
    view = Stream(surface, ["a"])
    view.show(Output("a", "stdout", b"10 %\r100 %\r\nnext\r\n"))
    assert surface.printed == "a: 10 %\r\x1b[Ka: 100 %\na: next\n"
    pipe = Surface()
    Stream(pipe, ["a"]).show(Output("a", "stdout", b"10 %\r100 %\r\n"))
    assert pipe.printed == "a: 10 %\r100 %\r\n"


def test_without_labels_only_whole_lines_are_kept_together(surface: Surface) -> None:
    view = Stream(surface, ["a", "b"], labels=False)
    view.show(Output("a", "stdout", b"on"))
    view.show(Output("b", "stdout", b"two\n"))
    view.show(Output("a", "stdout", b"e\n"))
    assert surface.printed == "two\none\n"


def test_a_line_of_ten_megabytes_passes_with_little_memory(surface: Surface) -> None:
    spool = Spool()
    view = Stream(surface, ["a", "b"], spool=spool)
    for _ in range(320):
        view.show(Output("a", "stdout", b"\xff" * 32768))
        view.show(Output("b", "stdout", b"tick\n"))
        assert spool.held <= 2 * 1024 * 1024
    assert surface.stdout.getvalue() == b"b: tick\n" * 320
    view.show(Output("a", "stdout", b"\nnext"))
    line = surface.stdout.getvalue()[len(b"b: tick\n") * 320 :]
    assert line == b"a: " + b"\xff" * 32768 * 320 + b"\n"


def test_single_node_is_shown_raw(surface: Surface) -> None:
    view = Raw(surface)
    for data in (b"\x00\xff", b"no newline"):
        view.show(Output("a", "stdout", data))
        view.show(Output("a", "stderr", data[::-1]))
    view.show(done("a"))
    view.end(END)
    assert surface.stdout.getvalue() == b"\x00\xffno newline"
    assert surface.stderr.getvalue() == b"\xff\x00enilwen on"


NODES = ("a", "bb", "c-1")
event = st.tuples(
    st.sampled_from(NODES),
    st.sampled_from(("stdout", "stderr")),
    st.lists(st.sampled_from((b"x", b"\n", b"\xff\xfe", b"a: ", b"\r", b"\x00", b"\xe2\x82\xac"))).map(
        b"".join
    ),
)


@given(st.lists(event, max_size=40), st.integers(0, 20))
def test_lines_are_whole_however_output_is_split(outputs: list[tuple[str, str, bytes]], memory: int) -> None:
    out, err = io.BytesIO(), io.BytesIO()
    view = Stream(Screen(out, err), NODES, spool=Spool(memory=memory, piece=5))
    wrote: dict[tuple[str, str], bytes] = {}
    for node, stream, data in outputs:
        view.show(Output(node, stream, data))
        wrote[node, stream] = wrote.get((node, stream), b"") + data
    for node in NODES:
        view.show(done(node))
    view.end(END)
    for stream, written in (("stdout", out), ("stderr", err)):
        lines: dict[str, list[bytes]] = {node: [] for node in NODES}
        text = written.getvalue()
        assert not text or text.endswith(b"\n")
        for line in text.split(b"\n")[:-1]:
            prefix, _, rest = line.partition(b": ")
            lines[prefix.decode()].append(rest)
        for name in NODES:
            whole = wrote.get((name, stream), b"")
            wanted = whole.split(b"\n")
            if wanted[-1] == b"":  # the last line has its newline, or there is no line at all
                wanted.pop()
            assert lines[name] == wanted
