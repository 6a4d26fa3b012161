"""What is kept of output: bounded, whole at both ends, and never a secret."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from stentor.journal.keep import MASK, Keeper

chunks = st.lists(st.binary(max_size=40), max_size=12)


@given(chunks, st.integers(0, 50))
def test_it_keeps_the_beginning_and_the_end_within_the_limit(parts: list[bytes], limit: int) -> None:
    keeper = Keeper(limit)
    for part in parts:
        keeper.feed(part)
    whole, kept = b"".join(parts), keeper.kept()
    assert len(kept.data) + kept.cut == len(whole)
    assert len(kept.data) == min(limit, len(whole))
    assert whole.startswith(kept.data[: kept.cut_at])
    assert whole.endswith(kept.data[kept.cut_at :])


@given(
    st.binary(max_size=60),
    st.binary(min_size=1, max_size=6),
    st.lists(st.integers(0, 70), max_size=6),
    st.integers(0, 9),
)
def test_a_secret_is_never_kept_however_it_is_split(
    text: bytes, secret: bytes, cuts: list[int], at: int
) -> None:
    whole = text[:at] + secret + text[at:]
    keeper = Keeper(1000, (secret,))
    edges = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    for start, end in pairwise(edges):
        keeper.feed(whole[start:end])
    assert keeper.kept().data == whole.replace(secret, MASK)


def test_a_secret_within_another_is_masked_whole() -> None:
    keeper = Keeper(1000, (b"pass", b"password"))
    keeper.feed(b"my passwo")
    keeper.feed(b"rd and pass")
    assert keeper.kept().data == b"my [secret] and [secret]"


def test_what_was_cut_is_said() -> None:
    keeper = Keeper(4)
    keeper.feed(b"abcdefgh")
    assert keeper.kept().text() == b"ab\n[... 4 bytes were not kept ...]\ngh"


def test_beginning_of_a_secret_is_held_back_and_kept_if_it_was_none() -> None:
    keeper = Keeper(1000, (b"secret",))
    keeper.feed(b"a secre")
    assert keeper.kept().data == b"a secre"
    keeper.feed(b"t")
    assert keeper.kept().data == b"a secret", "the first part was given out by kept()"


def test_only_what_may_begin_a_secret_is_held_back() -> None:
    keeper = Keeper(1000, (b"abcabd",))
    keeper.feed(b"xx abcab")
    assert keeper._held == b"abcab"
    keeper.feed(b"cabd.")
    assert keeper.kept().data == b"xx abc[secret]."


def test_secret_whose_end_begins_another_is_masked_at_once() -> None:
    keeper = Keeper(1000, (b"aba",))
    keeper.feed(b"aba")
    assert (bytes(keeper._head), keeper._held) == (b"[secret]", b"")


def test_memory_is_bounded_by_twice_the_limit() -> None:
    keeper = Keeper(100)
    for _ in range(1000):
        keeper.feed(b"0123456789")
        assert len(keeper._head) + len(keeper._tail) <= 150
    assert keeper.kept().cut == 10000 - 100


def test_limit_of_nothing_keeps_nothing() -> None:
    for limit, kept in ((0, b""), (1, b"a")):
        keeper = Keeper(limit)
        keeper.feed(b"abc")
        assert (keeper.kept().data, len(keeper._tail)) == (kept, 0)


def test_nothing_else_is_held_back_of_a_short_chunk() -> None:
    keeper = Keeper(1000, (b"abcdefgh",))
    keeper.feed(b"xyz")
    assert keeper._held == b""
    keeper.feed(b"xa")
    assert keeper._held == b"a"


def test_an_empty_secret_masks_nothing() -> None:
    keeper = Keeper(1000, (b"", b"pass"))
    keeper.feed(b"a pass")
    assert keeper.kept().data == b"a [secret]"


def test_a_short_secret_at_the_end_is_masked_once_more_comes_or_the_stream_ends() -> None:
    for more in (b"", b" and more"):
        keeper = Keeper(1000, (b"xy", b"abcdef"))
        keeper.feed(b"a xy")
        keeper.feed(more)
        assert keeper.kept().data == b"a [secret]" + more
