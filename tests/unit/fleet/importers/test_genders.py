"""genders files as libgenders reads them."""

from __future__ import annotations

import pytest

from stentor.fleet.importers.found import Found
from stentor.fleet.importers.genders import read_genders
from tests.importing import Files


def genders(text: str) -> Found:
    """What comes of a file."""
    return read_genders("/g", Files({"/g": text}).read)


def test_attributes_are_groups_and_variables() -> None:
    found = genders("n[1-2],login all,compute,rack=a  # the first\n\n  n1   gpu\n")
    assert found.groups == {"compute": ["n1", "n2", "login"], "gpu": ["n1"]}
    assert found.nodes["login"] == {"vars": {"rack": "a"}}
    assert found.left == []


@pytest.mark.parametrize(
    ("value", "meant"),
    [("%n.lan", "n1.lan"), ("5%%", "5%"), ("%%n", "%n"), ("%t", "%t"), ("5%", "5%"), ("a%%%n", "a%n1")],
)
def test_only_the_nodes_name_and_the_percent_sign_are_replaced(value: str, meant: str) -> None:
    assert genders(f"n1 x={value}\n").nodes["n1"]["vars"] == {"x": meant}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("n1 a,a\n", "/g:1: a is here for the second time, so genders refuses the file"),
        ("n1 a=1\nn[1-2] a=2\n", "/g:2: a is here for the second time, so genders refuses the file"),
        ("n1 a,,b\n", "/g:1: '' is no attribute, so genders refuses the file"),
        ("n1 a=\n", "/g:1: 'a=' is no attribute, so genders refuses the file"),
        ("n1 =a\n", "/g:1: '=a' is no attribute, so genders refuses the file"),
        ("n1 a b\n", "/g:1: has white space between attributes"),
    ],
)
def test_what_genders_refuses_is_listed(text: str, told: str) -> None:
    assert genders(text).left == [told]
