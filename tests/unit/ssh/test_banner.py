from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.ssh.banner import MAX_BYTES, NoBannerError, read_banner, shown

DEBIAN = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"


@pytest.mark.parametrize("prelude", [b"", b"Welcome\r\n", b"\n\nline\n"])
@pytest.mark.parametrize("ending", [b"\r\n", b"\n"])
def test_found_whatever_comes_before(prelude: bytes, ending: bytes) -> None:
    assert read_banner(prelude + b"SSH-2.0-x" + ending) == "SSH-2.0-x"


@given(st.integers(0, len(DEBIAN) - 1))
def test_an_unfinished_line_is_waited_for(cut: int) -> None:
    assert read_banner(DEBIAN[:cut]) == ""
    with pytest.raises(NoBannerError):
        read_banner(DEBIAN[:cut], ended=True)


def test_dialect_1_99_is_2_0() -> None:
    assert read_banner(b"SSH-1.99-Cisco-1.25\n") == "SSH-1.99-Cisco-1.25"


@pytest.mark.parametrize(
    ("received", "ended", "why"),
    [
        (b"SSH-1.5-old\n", False, "speaks only an old dialect: SSH-1.5-old"),
        (b"", True, "closed the connection before its SSH banner"),
        (b"Exceeded MaxStartups\r\n", True, 'no SSH there: it said "Exceeded MaxStartups"'),
        (b"\x1b[31mred\x07", True, 'no SSH there: it said "?[31mred?"'),
        (b"x" * (MAX_BYTES + 1), False, "no SSH there: it talks without end"),
    ],
)
def test_what_it_did_instead(received: bytes, ended: bool, why: str) -> None:
    with pytest.raises(NoBannerError, match="^" + __import__("re").escape(why) + "$"):
        read_banner(received, ended=ended)


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_give_an_answer_that_can_be_shown(received: bytes, ended: bool) -> None:
    try:
        banner = read_banner(received, ended=ended)
    except NoBannerError as why:
        banner = str(why)
    assert banner.replace("…", "").isascii()
    assert all(character.isprintable() for character in banner)
    assert len(banner) <= 255


def test_cut_where_the_room_ends() -> None:
    assert shown(b"a" * 60) == "a" * 60
    assert shown(b"a" * 61) == "a" * 59 + "…"
