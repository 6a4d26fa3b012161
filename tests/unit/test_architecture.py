"""The packages and layers that docs/architecture.md shows are those of the source."""

import os
import re

from stentor.rollout.change import Change
from tests.support import ROOT


def test_architecture_page_lists_every_package() -> None:
    with open(f"{ROOT}/docs/architecture.md") as file:
        picture = file.read().partition("src/stentor/\n")[2].partition("```")[0]
    drawn = set(re.findall(r"^  ([\w.]+)/? ", picture, re.MULTILINE))
    there = {
        entry.name
        for entry in os.scandir(f"{ROOT}/src/stentor")
        if entry.name.endswith(".py") or os.path.exists(f"{entry.path}/__init__.py")
    }
    assert drawn == there - {"__main__.py"}


def test_architecture_page_has_the_layers_of_the_contract() -> None:
    with open(f"{ROOT}/docs/architecture.md") as file:
        shown = file.read().partition("## The layers")[2].partition("```text\n")[2].partition("```")[0]
    with open(f"{ROOT}/.importlinter") as file:
        layers = file.read().partition("layers =\n")[2].partition("exhaustive")[0]
    held = [re.sub(r"[() ]", "", line) for line in layers.splitlines()]
    assert [line.replace(" ", "") for line in shown.splitlines()] == [
        line for line in held if line != "__main__"
    ]


def test_architecture_page_has_the_protocol_of_changes() -> None:
    with open(f"{ROOT}/docs/architecture.md") as file:
        shown = file.read().partition("class Change(Protocol):\n")[2].partition("```")[0]
    members = re.findall(r"^    (?:def )?(\w+)", shown, re.MULTILINE)
    named = [*Change.__annotations__, *(name for name in vars(Change) if not name.startswith("_"))]
    assert members == list(dict.fromkeys(named))


def test_files_that_the_architecture_page_names_are_there() -> None:
    with open(f"{ROOT}/docs/architecture.md") as file:
        named = set(re.findall(r"`([a-z_]+/[a-z_/]+\.py)`", file.read()))
    assert len(named) > 10
    assert [
        path
        for path in sorted(named)
        if not any(os.path.exists(f"{ROOT}/{at}{path}") for at in ("", "src/stentor/"))
    ] == []
