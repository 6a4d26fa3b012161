from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.render.mask import Mask

MASK = Mask({"crtr": ["crtr", "cooperator", "192.168.254.10"], "prtr": ["prtr", "projector.example.net"]})


@pytest.mark.parametrize(
    ("raw", "masked"),
    [
        (b"Linux cooperator 6.1.0-13-amd64", b"Linux <node> 6.1.0-13-amd64"),
        (b"I am CRTR.", b"I am <node>."),
        (b"xcrtr crtr-old crtr2", b"xcrtr crtr-old crtr2"),
        (b"projector", b"projector"),  # another node's name is a real difference
        (b"inet 192.168.254.10/24", b"inet <node>/24"),
        (b"inet 10.0.0.7/24 brd 10.0.0.255", b"inet <address>/24 brd <address>"),
        (b"version 1.2.3.4.5 and 6.1.0", b"version 1.2.3.4.5 and 6.1.0"),
        (b"inet6 fe80::1ff:fe23:4567:890a%eth0 ::1", b"inet6 <address> <address>"),
        (b"2001:db8:0:0:0:0:0:1", b"<address>"),
        (b"std::vector", b"std::vector"),
        (b"link/ether 52:54:00:AB:cd:ef", b"link/ether <address>"),
        (b"2026-11-24T02:26:33.123+01:00 ok", b"<time> ok"),
        (b"2026-11-24 02:26:33 +0000", b"<time>"),
        (b"Tue Nov 24 02:26:33 UTC 2026", b"<time>"),
        (b"Tue Nov 24 02:26:33 AM UTC 2026", b"<time>"),
        (b"Nov  4 02:26:33 cooperator sshd[812]: hello", b"<time> <node> sshd[<pid>]: hello"),
        (b"Tue, 24 Nov 2026 02:26:33", b"<time>"),
        (b" 02:26:33 up 3 days,  2:05", b" <time> up 3 days,  <time>"),
        (b"took 0.25s, pid 17, pid=18", b"took <time>, pid <pid>, pid=<pid>"),
        (b"5 GB, 12 sockets, /dev/sda1", b"5 GB, 12 sockets, /dev/sda1"),
        (b"\xff\x00 binary", b"\xff\x00 binary"),
    ],
)
def test_mask(raw: bytes, masked: bytes) -> None:
    assert MASK.mask("crtr", raw) == masked


def test_a_node_without_names_has_only_the_rest_masked() -> None:
    assert MASK.mask("zrtr", b"crtr 10.0.0.1") == b"crtr <address>"


@given(st.lists(st.sampled_from((b"crtr ", b"10.0.0.1 ", b"\n", b"12:00:", b"11", b"x")), max_size=50))
def test_where_chunks_end_makes_no_difference(chunks: list[bytes]) -> None:
    assert b"".join(MASK("crtr", chunks)) == b"".join(MASK("crtr", [b"".join(chunks)]))


def test_long_output_is_masked_in_blocks_that_end_with_lines() -> None:
    line = b"x" * 90 + b"10.0.0.1\n"
    data = line * 10_000
    blocks = list(MASK("crtr", (data[i : i + 1000] for i in range(0, len(data), 1000))))
    assert len(blocks) > 2
    assert all(block.endswith(b"\n") for block in blocks)
    assert b"".join(blocks) == line.replace(b"10.0.0.1", b"<address>") * 10_000
