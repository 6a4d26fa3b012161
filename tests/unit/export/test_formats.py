"""The table of formats, beside what the fleet file may name and the modules that exist."""

from __future__ import annotations

import importlib

import pytest

from stentor.export.formats import FORMATS
from stentor.fleet.policy.sections import EXPORT_FORMATS


def test_the_fleet_file_may_name_every_format() -> None:
    assert {*EXPORT_FORMATS} == {*FORMATS}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_has_its_module(name: str) -> None:
    assert callable(importlib.import_module(f"stentor.export.{FORMATS[name].module}").make)
