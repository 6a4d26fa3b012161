from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stentor.fanout.group import Grouping, same
from stentor.fanout.spool import Piece, Spool


def piece(data: bytes, spool: Spool | None = None) -> Piece:
    made = (spool or Spool()).piece()
    made.append(data)
    return made


def test_the_largest_group_comes_first_and_nodes_stand_in_the_given_order() -> None:
    grouping = Grouping("abcde")
    for node, data in (("d", b"x"), ("b", b"y"), ("a", b"y"), ("c", b"x"), ("e", b"y")):
        grouping.add(node, piece(data))
    assert [group.nodes for group in grouping.groups()] == [["a", "b", "e"], ["c", "d"]]


def test_groups_of_the_same_size_come_in_the_order_of_their_first_nodes() -> None:
    grouping = Grouping("ab")
    for node, data in (("b", b"y"), ("a", b"x")):
        grouping.add(node, piece(data))
    assert [group.nodes for group in grouping.groups()] == [["a"], ["b"]]


def test_output_on_disk_and_in_memory_is_the_same_output() -> None:
    grouping = Grouping(["memory", "disk"])
    grouping.add("memory", piece(b"x" * 1000))
    grouping.add("disk", piece(b"x" * 1000, Spool(memory=10)))
    assert len(grouping.groups()) == 1


def test_a_duplicate_is_let_go_of() -> None:
    spool = Spool()
    grouping = Grouping(f"node{number}" for number in range(1000))
    for number in range(1000):
        grouping.add(f"node{number}", piece(b"x" * 1000, spool))
    assert spool.held == 1000


def test_equal_checksums_do_not_make_equal_outputs() -> None:
    # Both have the CRC-32 0x4ddb0c25.
    grouping = Grouping("ab")
    grouping.add("a", piece(b"plumless"))
    grouping.add("b", piece(b"buckeroo"))
    assert len(grouping.groups()) == 2


def test_a_lens_decides_what_is_the_same() -> None:
    def lower(node: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        return (chunk.lower() for chunk in chunks)

    grouping = Grouping("ab", lower)
    late = piece(b"yes")
    grouping.add("b", late)
    grouping.add("a", piece(b"Yes"))
    (group,) = grouping.groups()
    assert group.piece is not None
    assert (group.nodes, group.first, group.piece.read()) == (["a", "b"], "a", b"Yes")
    assert len(late) == 0


def test_of_what_a_lens_takes_for_the_same_the_earliest_nodes_is_kept() -> None:
    def nothing(node: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        return iter(())

    for finished in ("bca", "acb"):
        grouping = Grouping("abc", nothing)
        for node in finished:
            grouping.add(node, piece(node.encode()))
        (group,) = grouping.groups()
        assert group.piece is not None
        assert (group.nodes, group.first, group.piece.read()) == (["a", "b", "c"], "a", b"a")


def test_nodes_that_wrote_nothing_are_a_group() -> None:
    grouping = Grouping("abc")
    for node, wrote in (("b", None), ("c", piece(b"x")), ("a", None)):
        grouping.add(node, wrote)
    assert grouping.groups()[0] == (["a", "b"], None, "a")


chunks = st.lists(st.binary(max_size=4).map(lambda data: data.replace(b"\x00", b"a")), max_size=8)


@given(chunks, chunks)
def test_same_means_the_same_bytes_wherever_chunks_end(left: list[bytes], right: list[bytes]) -> None:
    assert same(left, right) == (b"".join(left) == b"".join(right))


@given(st.binary(max_size=30), st.lists(st.integers(0, 30)), st.lists(st.integers(0, 30)))
def test_any_two_splittings_of_the_same_bytes_are_the_same(
    data: bytes, here: list[int], there: list[int]
) -> None:
    assert same(_split(data, here), _split(data, there))


def _split(data: bytes, places: list[int]) -> list[bytes]:
    cuts = [0, *sorted(min(place, len(data)) for place in places), len(data)]
    return [data[a:b] for a, b in pairwise(cuts)]


def test_the_beginning_of_another_output_is_not_the_same() -> None:
    for left, right, expected in (
        ([b"ab"], [b"abc"], False),
        ([b"abc"], [b"ab"], False),
        ([b"a", b"b"], [b"ab", b"c"], False),
        ([b"a", b"", b"bc"], [b"ab", b"c"], True),
        ([], [b""], True),
    ):
        assert same(left, right) is expected


def test_a_cleared_grouping_begins_anew() -> None:
    grouping = Grouping("ab")
    grouping.add("a", piece(b"x"))
    grouping.clear()
    grouping.add("b", piece(b"x"))
    assert [group.nodes for group in grouping.groups()] == [["b"]]
