"""What nvidia-smi said, through the probe."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.probe.gpus import Gpu, parse


@pytest.mark.parametrize(
    ("said", "cards"),
    [
        (b"", ()),
        (b"stentor_probe=1\nload=1 2 3\n", ()),
        (b"gpu=87, 12288, 24576\ngpu_done=1\n", (Gpu(87, 12288 << 20, 24576 << 20),)),
        (b"gpu=0, 1, 2\ngpu=[N/A], 1, 2\n", (Gpu(0, 1 << 20, 2 << 20), Gpu(None, 1 << 20, 2 << 20))),
        (b"gpu=NVIDIA-SMI has failed because it couldn't communicate with the driver\n", ()),
        (b"gpu=[N/A], [N/A], [N/A]\n", ()),
    ],
)
def test_cards(said: bytes, cards: tuple[Gpu, ...]) -> None:
    assert parse(said) == cards


@given(st.binary())
def test_nothing_a_node_says_is_an_error(said: bytes) -> None:
    parse(said)
    parse(b"gpu=" + said)
