"""README's picture: made of a terminal's frames, complete in itself, and at rest for those who ask for it."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path

from demo.draw_picture import COMMANDS
from demo.moving import Frame, Row, moving, rows
from tests.support import ROOT

SVG = "{http://www.w3.org/2000/svg}"
FRAMES = [
    Frame(("$",), 1.0),
    Frame(("$ stentor ping",), 2.0, typed=1.5),
    Frame(("$ stentor ping", "2 of 3 nodes"), 0.5),
    Frame(("$ stentor ping", "\x1b[31mdrtr\x1b[0m  refused & <lost>", "$"), 1.5),
]


def shown(picture: str, *, at_rest: bool) -> list[str]:
    """The lines of a picture; at rest without those that are seen only for a time."""
    texts = [text for text in ET.fromstring(picture).iter(f"{SVG}text") if "class" in text.attrib]
    return [" ".join(text.itertext()) for text in texts if not (at_rest and " h" in text.attrib["class"])]


def test_rows_last_until_something_else_takes_their_place() -> None:
    assert rows(FRAMES) == [
        Row(0, "$", 0.0, 1.0),
        Row(0, "$ stentor ping", 1.0, typed=1.5),
        Row(1, "2 of 3 nodes", 3.0, 3.5),
        Row(1, "\x1b[31mdrtr\x1b[0m  refused & <lost>", 3.5),
        Row(2, "$", 3.5),
    ]


def test_at_rest_the_last_frame_is_shown() -> None:
    picture = moving(FRAMES, 40, "stentor", "what is seen")
    assert shown(picture, at_rest=True) == ["$ stentor ping", "drtr refused & <lost>", "$"]
    assert "2 of 3 nodes" in shown(picture, at_rest=False)
    before, _, within = picture.partition("@media (prefers-reduced-motion:no-preference){")
    assert "animation" not in before
    assert "animation" in within


def test_a_line_comes_in_its_share_of_the_time() -> None:
    picture = moving(FRAMES, 40, "stentor", "what is seen")
    assert "@keyframes r2{0%{opacity:0}60.00%{opacity:1}70.00%,100%{opacity:0}}" in picture
    assert "20.00%{transform:none;animation-timing-function:steps(14)}50.00%" in picture


def test_the_picture_of_readme_is_complete_in_itself() -> None:
    picture = Path(ROOT, "docs/picture.svg").read_text()
    assert len(picture) < 30_000
    assert not re.search(r"<script|<image|@import|@font-face|url\(|href", picture)
    assert re.findall(r"https?://[^\"]+", picture) == ["http://www.w3.org/2000/svg"]
    said = [re.sub(r"\s+", " ", line) for line in shown(picture, at_rest=True)]
    assert [line[2:] for line in said if line.startswith("$ ")] == [re.sub(r"\s+", " ", c) for c in COMMANDS]
    assert any("reverted" in line for line in said)
    assert said[-2].startswith("3 ok")
