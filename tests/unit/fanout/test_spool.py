from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.errors import StentorError
from stentor.fanout.spool import Spool

# Which piece grows (or is emptied: None), and by what.
steps = st.lists(st.tuples(st.integers(0, 3), st.one_of(st.none(), st.binary(max_size=40))), max_size=60)


@given(steps, st.integers(0, 100), st.integers(0, 50))
def test_pieces_hold_what_was_put_into_them_wherever_it_is_kept(
    steps: list[tuple[int, bytes | None]], memory: int, piece: int
) -> None:
    spool = Spool(memory=memory, piece=piece)
    pieces = [spool.piece() for _ in range(4)]
    wanted = [b""] * 4
    for which, data in steps:
        if data is None:
            pieces[which].clear()
            wanted[which] = b""
        else:
            pieces[which].append(data)
            wanted[which] += data
        assert spool.held <= memory
    for made, data in zip(pieces, wanted, strict=True):
        assert made.read() == data == b"".join(made.chunks())
        assert len(made) == len(data)
        made.clear()
    assert spool.held == 0
    spool.close()


def test_a_hundred_megabytes_are_not_kept_in_memory(tmp_path: Path) -> None:
    spool = Spool(directory=str(tmp_path))
    piece = spool.piece()
    for _ in range(100):
        piece.append(b"x" * 1024 * 1024)
    assert spool.held == 0
    assert len(piece) == 100 * 1024 * 1024
    assert max(len(chunk) for chunk in piece.chunks()) <= 256 * 1024
    assert os.listdir(tmp_path) == []  # the file has no name, so it cannot be left behind
    spool.close()


def test_the_file_is_emptied_when_nothing_in_it_is_wanted() -> None:
    spool = Spool(memory=0)
    for _ in range(3):
        piece = spool.piece()
        piece.append(b"some")
        assert spool.write(b"") == 4
        piece.clear()
    spool.close()


def test_no_place_for_the_file_is_an_error_with_a_hint(tmp_path: Path) -> None:
    spool = Spool(memory=0, directory=str(tmp_path / "missing"))
    with pytest.raises(StentorError, match="put on disk") as caught:
        spool.piece().append(b"x")
    assert "TMPDIR" in caught.value.hint
