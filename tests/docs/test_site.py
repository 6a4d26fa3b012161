"""The site's table of contents; that its links lead somewhere is the builder's to prove (``make docs``)."""

import os
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.support import ROOT


def pages(entry: object) -> Iterator[str]:
    """The files that a navigation names, at any depth."""
    if isinstance(entry, str):
        yield entry
    elif isinstance(entry, dict):
        for part in entry.values():
            yield from pages(part)
    elif isinstance(entry, list):
        for part in entry:
            yield from pages(part)


def test_every_page_stands_in_the_navigation_once() -> None:
    with open(f"{ROOT}/mkdocs.yml", encoding="utf-8") as stream:
        named = sorted(pages(yaml.safe_load(stream)["nav"]))
    docs = Path(ROOT, "docs")
    assert named == sorted(os.path.relpath(path, docs) for path in docs.rglob("*.md"))
