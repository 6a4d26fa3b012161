"""Whole numbers in texts from outside."""

import ast
from pathlib import Path

import pytest

import stentor
from stentor.digits import whole
from stentor.fleet.importers.found import settle
from stentor.fleet.importers.genders import read_genders
from tests.importing import Files


@pytest.mark.parametrize(
    ("text", "number"), [(" 12 ", 12), ("²", None), ("٣", None), ("", None), ("1" * 19, None)]
)
def test_whole_number(text: str, number: int | None) -> None:
    assert whole(text) == number


def test_superscript_in_genders_is_a_variable() -> None:
    found = settle(read_genders("/g", Files({"/g": "n1 phase=²\n"}).read))
    assert found.nodes == {"n1": {"vars": {"phase": "²"}}}


def test_isdigit_is_not_used() -> None:
    """It takes ``²``, for which ``int`` raises ValueError; what ``isdecimal`` takes, ``int`` takes."""
    folder = Path(stentor.__file__).parent
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))}
    found = [
        f"{path.relative_to(folder)}:{node.lineno}"
        for path, text in texts.items()
        if "isdigit" in text  # most modules need not be parsed
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Attribute) and node.attr == "isdigit"
    ]
    assert not found
