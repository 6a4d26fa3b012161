"""What the real Ansible reads of a playbook; nothing is run."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from stentor.errors import UsageError
from stentor.playbooks.listing import Listing
from stentor.playbooks.modules import sent
from stentor.playbooks.prepare import read
from stentor.playbooks.request import PlaybookRequest, Secrets

# "level: 3", by ansible-vault encrypt --vault-id a@FILE, with the word "open" in the file.
VAULT = """\
$ANSIBLE_VAULT;1.2;AES256;a
36353164333635393031343862303264383135333039383737646265313134623930616161356235
3833646530633566353336316437643636306235336263660a643161336565313937323530373434
64316263396466363566303837386133383632633266663935383666613165373137386562356439
3933633435623466320a303231656461336433663536333162343334383331333233386539383263
3339
"""
INVENTORY = json.dumps({"all": {"hosts": {"a": {}, "b": {}}}})


def reading(folder: Path, *plays: dict[str, Any], **environ: str) -> Listing:
    playbook = folder / "p.yml"
    playbook.write_text(json.dumps(plays))
    environ = {"PATH": os.defpath, "HOME": str(folder), "LC_ALL": "C.UTF-8", **environ}
    return read(PlaybookRequest(str(playbook)), INVENTORY, environ)


def test_the_commands_of_handlers_are_read_for_the_guard(tmp_path: Path) -> None:
    tasks = tmp_path / "roles" / "r" / "handlers"
    tasks.mkdir(parents=True)
    (tasks / "main.yml").write_text(json.dumps([{"name": "Role's", "ansible.builtin.shell": "rm -rf /r"}]))
    handler = {"name": "Own", "block": [{"ansible.builtin.command": "rm -rf /h"}]}
    task = {"ansible.legacy.command": "true", "notify": "Own"}
    listing = reading(tmp_path, {"hosts": "all", "roles": ["r"], "tasks": [task], "handlers": [handler]})
    lines = [one.line for _, module, given in listing.tasks for one in sent(module, given)]
    assert lines == ["true", "rm -rf /h", "rm -rf /r"]
    assert [play.tasks for play in listing.plays] == [1], "a handler need not run"
    assert not listing.names_user


def test_a_user_that_a_play_or_a_task_names_is_seen(tmp_path: Path) -> None:
    task: dict[str, Any] = {"ansible.builtin.ping": {}}
    assert reading(tmp_path, {"hosts": "all", "remote_user": "me", "tasks": [task]}).names_user
    assert reading(tmp_path, {"hosts": "all", "tasks": [{**task, "remote_user": "me"}]}).names_user
    assert reading(tmp_path, {"hosts": "all", "tasks": [task]}, ANSIBLE_REMOTE_USER="me").names_user


def test_variables_in_a_vault_are_read_for_a_module_too(tmp_path: Path) -> None:
    (tmp_path / "word").write_text("open\n")
    (tmp_path / "vars.yml").write_text(VAULT)
    environ = {"PATH": os.defpath, "HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    request = PlaybookRequest(module="ping", extra_vars=(f"@{tmp_path}/vars.yml",))
    with pytest.raises(UsageError, match="Attempting to decrypt but no vault secrets found") as error:
        read(request, INVENTORY, environ)
    assert "-J" in error.value.hint
    assert read(request._replace(vault_ids=(f"a@{tmp_path}/word",)), INVENTORY, environ).hosts == ("a", "b")
    asked = request._replace(secrets=Secrets(vault={"default": "open"}))
    assert read(asked, INVENTORY, environ).hosts == ("a", "b")
