"""The messages of docs/troubleshooting.md are those that stentor has."""

from __future__ import annotations

import ast
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
        level = f'"{part.replace(" ", "-")}"'  # of reachability, which is shown with blanks
        assert re.search(words, source) or level in source, part


def test_the_page_has_the_messages_of_every_level() -> None:
    assert len(messages()) > 30


def reasons() -> list[str]:
    """Why a node is not reached, as `stentor ping` says it; what is put into a text is `...`."""
    found = []
    for name in ("connect", "resolver"):
        for node in ast.walk(ast.parse(Path(ROOT, f"src/stentor/ssh/{name}.py").read_text())):
            if isinstance(node, ast.JoinedStr):
                parts = [part.value if isinstance(part, ast.Constant) else "..." for part in node.values]
                found.append("".join(map(str, parts)))
    return [text for text in found if text.startswith("no ")]


@pytest.mark.parametrize("reason", reasons())
def test_the_page_has_each_reason_of_a_ping(reason: str) -> None:
    # The page writes names in quotes as they are shown, and seconds with their unit.
    known = {re.sub(r"[' ]|\bs\b", "", message) for message in messages()}
    assert re.sub(r"[' ]", "", reason) in known
