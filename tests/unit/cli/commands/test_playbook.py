"""A playbook that is not there is named, with one that may be meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor.cli.commands.playbook import require_file
from stentor.errors import UsageError


def hint(path: str, root: Path) -> str:
    with pytest.raises(UsageError, match="there is no playbook of this name") as raised:
        require_file(path, str(root))
    assert raised.value.where == path
    return raised.value.hint


def test_a_playbook_that_is_not_there_is_answered_by_the_one_that_is_meant(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ssot").mkdir()
    (tmp_path / "ansible/playbooks").mkdir(parents=True)
    (tmp_path / "ansible/playbooks/services.yml").write_text("[]")
    monkeypatch.chdir(tmp_path)
    assert hint("service.yml", tmp_path / "ssot") == "did you mean 'ansible/playbooks/services.yml'?"
    monkeypatch.chdir("/")
    assert hint("services.yaml", tmp_path / "ssot").endswith("/ansible/playbooks/services.yml'?")
    assert "stentor init --ansible" in hint("nothing/like/it.yml", tmp_path / "ssot")


def test_playbooks_of_collections_are_for_ansible_to_find(tmp_path: Path) -> None:
    require_file("community.general.some_playbook", str(tmp_path))
