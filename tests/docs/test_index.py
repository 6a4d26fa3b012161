"""The first page names commands and verbs that there are."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from stentor.cli.commands.completion import table
from tests.support import ROOT


def named() -> list[str]:
    text = Path(ROOT, "docs/index.md").read_text()
    return sorted(set(re.findall(r"`stentor ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text)))


@pytest.mark.parametrize("words", named())
def test_a_command_of_the_first_page_is_there(words: str) -> None:
    command, _, verb = words.partition(" ")
    known = set(table())
    assert command in known
    if any(place.startswith(f"{command} ") for place in known) and verb:
        assert words in known


def test_the_first_page_names_most_commands() -> None:
    assert len(named()) > 20
