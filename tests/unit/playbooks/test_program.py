"""Where Ansible is."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from stentor.errors import UsageError
from stentor.playbooks import program
from stentor.playbooks.prepare import revert_file, with_config
from stentor.playbooks.program import python_of_ansible


@pytest.mark.parametrize(
    ("head", "python"),
    [
        ("#!/opt/x/bin/python3\n", "/opt/x/bin/python3"),
        ("#!/bin/sh\n'''exec' /opt/a long/python \"$0\" \"$@\"\n", "/opt/a"),
        ('#!/bin/sh\n\'\'\'exec\' "/opt/y/bin/python" "$0" "$@"\n', "/opt/y/bin/python"),
        ('#!/bin/sh\n\'\'\'exec\' "/opt/my envs/bin/python" "$0" "$@"\n', "/opt/my envs/bin/python"),
        ("#!/bin/sh\n'''exec' \"/opt\n", sys.executable),
        ("#!/usr/bin/env -S sh -E\n", shutil.which("sh", path=os.defpath)),
        ("\x7fELF", sys.executable),
    ],
)
def test_the_python_of_the_program_in_path_is_taken(tmp_path: Path, head: str, python: str) -> None:
    program = tmp_path / "ansible-playbook"
    program.write_text(head)
    program.chmod(0o755)
    assert python_of_ansible({"PATH": f"{tmp_path}:{os.defpath}"}) == python


def test_without_a_program_it_is_our_own(tmp_path: Path) -> None:
    assert python_of_ansible({"PATH": str(tmp_path)}) == sys.executable


def test_the_configuration_is_found_from_the_playbook(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "ansible" / "playbooks"
    folder.mkdir(parents=True)
    playbook = str(folder / "p.yml")
    monkeypatch.chdir(tmp_path)
    assert with_config({}, playbook) == {}
    config = tmp_path / "ansible" / "ansible.cfg"
    config.write_text("")
    assert with_config({}, playbook) == {"ANSIBLE_CONFIG": str(config)}
    assert with_config({"ANSIBLE_CONFIG": "/x"}, playbook) == {"ANSIBLE_CONFIG": "/x"}
    config.parent.chmod(0o777)
    assert with_config({}, playbook) == {}
    (tmp_path / "ansible.cfg").write_text("")
    assert with_config({}, playbook) == {}


def test_what_reverts_a_playbook_is_named_in_a_comment(tmp_path: Path) -> None:
    playbook = tmp_path / "p.yml"
    playbook.write_text("- hosts: all  # stentor: revert=no.yml\n")
    assert revert_file(str(playbook)) == ""
    playbook.write_text("---\n  # stentor: revert=undo.yml\n")
    with pytest.raises(UsageError) as error:
        revert_file(str(playbook))
    assert error.value.where == f"{playbook}:2:21"
    (tmp_path / "undo.yml").touch()
    assert revert_file(str(playbook)) == str(tmp_path / "undo.yml")


@pytest.mark.parametrize(
    ("environ", "given"),
    [
        ({}, True),
        ({"LANG": "C"}, True),
        ({"LANG": "de_DE.UTF-8"}, False),
        ({"LANG": "C", "LC_CTYPE": "en_US.utf8"}, False),
        ({"LC_ALL": "POSIX", "LANG": "de_DE.UTF-8"}, True),
        ({"LC_ALL": "", "LANG": "C.UTF-8"}, False),
    ],
)
def test_ansible_has_a_locale_with_utf_8(environ: dict[str, str], given: bool) -> None:
    assert ("LC_ALL" in program._locale(environ)) == given
