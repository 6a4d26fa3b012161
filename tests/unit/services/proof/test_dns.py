"""Messages of DNS as bytes."""

from __future__ import annotations

import struct

import pytest

from stentor.services.proof.dns import AAAA, A, parse, query

HEAD = ">HHHHHH"


def answer(flags: int, *records: bytes, number: int = 7) -> bytes:
    question = query("a.test", A, number)[14:]
    return struct.pack(HEAD, number, flags, 1, len(records), 0, 0) + question + b"".join(records)


def record(kind: int, data: bytes, name: bytes = b"\xc0\x0c") -> bytes:
    return name + struct.pack(">HHIH", kind, 1, 60, len(data)) + data


def test_a_question_has_its_length_in_front() -> None:
    asked = query("a.test.", AAAA, 7)
    assert asked == b"\0\x18" + bytes.fromhex("000701000001000000000000") + b"\x01a\x04test\0\0\x1c\0\x01"


def test_addresses_are_read_whatever_stands_between() -> None:
    alias = record(5, b"\x01b\xc0\x0e")
    full = record(A, bytes((10, 0, 0, 1)), b"\x01b\x04test\0")
    assert parse(answer(0x8180, alias, full), 7, A) == ("", ("10.0.0.1",))
    assert parse(answer(0x8180, record(AAAA, bytes(15) + b"\1")), 7, AAAA) == ("", ("::1",))
    assert parse(answer(0x8183), 7, A) == ("NXDOMAIN", ())
    assert parse(answer(0x8189), 7, A) == ("code 9", ())


def test_what_is_no_answer_is_an_error() -> None:
    good = answer(0x8180, record(A, bytes(4)))
    with pytest.raises(ValueError, match="another question"):
        parse(good, 8, A)
    with pytest.raises(ValueError, match="another question"):
        parse(answer(0x0100), 7, A)
    for end in range(12, len(good)):
        with pytest.raises(ValueError, match=r"cut short|does not appear"):
            parse(good[:end], 7, A)
