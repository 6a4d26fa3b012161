"""The example of the section in the page is a whole one, and valid."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import yaml

from stentor.fleet.policy.sections import Dotfiles
from tests.support import ROOT


def test_example_of_the_section_has_every_key() -> None:
    page = Path(ROOT, "docs/dotfiles.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^ *```yaml\n(.*?)^ *```", page, re.DOTALL | re.MULTILINE)
    section = yaml.safe_load(textwrap.dedent(block))["dotfiles"]
    assert {*section} == {*Dotfiles.fields}
