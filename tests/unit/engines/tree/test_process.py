"""What is read out of a gateway's messages."""

from __future__ import annotations

import pickle
from base64 import b64encode
from pathlib import PurePath

import pytest

from stentor.engines.tree.process import bytes_of


@pytest.mark.parametrize("protocol", [3, 4])
def test_bytes_are_read(protocol: int) -> None:
    assert bytes_of(b64encode(pickle.dumps(b"a\0\xff", protocol))) == b"a\0\xff"


@pytest.mark.parametrize("value", [PurePath("/a"), "text", 7, [b"a"]])
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="a message has no bytes in it"):
        bytes_of(b64encode(pickle.dumps(value)))


@pytest.mark.parametrize("data", [None, b"", b"*", b64encode(b"half")])
def test_what_is_no_message_is_refused(data: bytes | None) -> None:
    with pytest.raises(ValueError, match="a message has no bytes in it"):
        bytes_of(data)
