"""The protocol as a dialogue: what we send, what comes back, whatever way the bytes are split."""

from __future__ import annotations

import random
from struct import pack, unpack_from

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.ssh import mux


def _string(value: bytes) -> bytes:
    return pack(">I", len(value)) + value


def _packet(*parts: bytes) -> bytes:
    return _string(b"".join(parts))


HELLO = _packet(pack(">II", 1, 4))
NUMBERS = st.integers(0, 2**32 - 1)

MESSAGES = st.one_of(
    st.just((HELLO, mux.Hello(4, {}))),
    st.dictionaries(st.binary(min_size=1, max_size=9), st.binary(max_size=9), max_size=3).map(
        lambda e: (
            _packet(pack(">II", 1, 4), *(_string(k) + _string(v) for k, v in e.items())),
            mux.Hello(4, e),
        )
    ),
    st.tuples(NUMBERS, NUMBERS).map(lambda n: (_packet(pack(">III", 0x80000006, *n)), mux.Opened(n[1]))),
    st.tuples(NUMBERS, NUMBERS).map(lambda n: (_packet(pack(">III", 0x80000004, *n)), mux.Exit(*n))),
    st.tuples(NUMBERS, st.text(max_size=30)).map(
        lambda n: (_packet(pack(">II", 0x80000003, n[0]), _string(n[1].encode())), mux.Refusal(False, n[1]))
    ),
    st.tuples(NUMBERS, st.text(max_size=30)).map(
        lambda n: (_packet(pack(">II", 0x80000002, n[0]), _string(n[1].encode())), mux.Refusal(True, n[1]))
    ),
    st.tuples(NUMBERS, NUMBERS).map(lambda n: (_packet(pack(">III", 0x80000005, *n)), mux.Alive(n[1]))),
    NUMBERS.map(lambda n: (_packet(pack(">II", 0x80000008, n)), mux.TtyFailed(n))),
    NUMBERS.map(lambda n: (_packet(pack(">II", 0x80000001, n)), mux.Done())),
    st.integers(0x90000000, 0x9FFFFFFF).map(lambda k: (_packet(pack(">I", k)), mux.Unknown(k))),
)


def test_what_we_say_first() -> None:
    assert bytes.fromhex("00000008 00000001 00000004") == mux.HELLO


def test_a_session_is_asked_for() -> None:
    request = mux.new_session(b"uptime", environment={b"LANG": b"C"})
    assert unpack_from(">I", request)[0] == len(request) - 4
    assert request[4:] == (
        pack(">II", 0x10000002, 0)
        + _string(b"")
        + pack(">IIIII", 0, 0, 0, 0, 0xFFFFFFFF)
        + _string(b"")
        + _string(b"uptime")
        + _string(b"LANG=C")
    )


def test_a_whole_session() -> None:
    decoder = mux.Decoder()
    assert decoder.feed(HELLO) == [mux.Hello(4, {})]
    assert decoder.feed(_packet(pack(">III", 0x80000006, 0, 3))) == [mux.Opened(3)]
    assert decoder.feed(_packet(pack(">III", 0x80000004, 3, 255))) == [mux.Exit(3, 255)]
    assert decoder.feed(HELLO) == [mux.Hello(4, {})], "nothing is left over"


@given(st.lists(MESSAGES, max_size=6), st.lists(st.integers(1, 40), min_size=1, max_size=30))
def test_any_split_of_the_bytes(messages: list[tuple[bytes, mux.Message]], sizes: list[int]) -> None:
    stream = b"".join(wire for wire, _ in messages)
    decoder = mux.Decoder()
    found: list[mux.Message] = []
    at = turn = 0
    while at < len(stream):
        size = sizes[turn % len(sizes)]
        found += decoder.feed(stream[at : at + size])
        at, turn = at + size, turn + 1
    assert found == [message for _, message in messages]
    assert decoder.feed(HELLO) == [mux.Hello(4, {})], "nothing is left over"


@given(st.binary(max_size=200))
def test_nonsense_is_an_error_of_ours_or_nothing(data: bytes) -> None:
    try:
        mux.Decoder().feed(data)
    except mux.ProtocolError as error:
        assert str(error)


@pytest.mark.parametrize(
    ("wire", "says"),
    [
        (_packet(pack(">II", 1, 3)), "version 3"),
        (pack(">I", 300_000), "300000 bytes"),
        (_packet(pack(">I", 0x80000006)), "inside a number"),
        (_packet(pack(">III", 0x80000003, 0, 99)), "inside a string"),
    ],
)
def test_what_no_master_says(wire: bytes, says: str) -> None:
    with pytest.raises(mux.ProtocolError, match=says):
        mux.Decoder().feed(wire)


def test_a_command_too_long_for_a_packet() -> None:
    with pytest.raises(mux.ProtocolError, match="limit"):
        mux.new_session(b"x" * 300_000)


def test_wounded_streams() -> None:
    """A short run of tests/fuzz/mux_codec.py."""
    from tests.fuzz.mux_codec import mutated, wrong

    chance = random.Random(1)
    for _ in range(2000):
        data = mutated(chance)
        assert wrong(data, chance) == "", data.hex()
