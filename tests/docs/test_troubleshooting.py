"""The messages of docs/troubleshooting.md are those that stentor has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support import ROOT


def messages() -> list[str]:
    text = Path(ROOT, "docs/troubleshooting.md").read_text()
    return re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE)


@pytest.fixture(scope="module")
def source() -> str:
    """All of the source, what is put into texts left out, and strings that go on in the next line joined."""
    files = [path for kind in ("py", "sh") for path in sorted(Path(ROOT, "src/stentor").rglob(f"*.{kind}"))]
    text = re.sub(r"\{[^{}\n]*\}", " ", "\n".join(path.read_text() for path in files))
    return re.sub(r'"\s*\n?\s*f?"', "", text)


@pytest.mark.parametrize("message", messages())
def test_the_message_is_one_of_ours(message: str, source: str) -> None:
    parts = [part.strip(" :") for part in message.split("...")]
    for part in filter(None, parts):
        words = r"\s+".join(re.escape(word) for word in part.split())
        assert re.search(words, source), part


def test_the_page_has_the_messages_of_every_level() -> None:
    assert len(messages()) > 30
