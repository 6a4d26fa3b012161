"""What is asked for before Ansible runs."""

from __future__ import annotations

import argparse
import getpass
import io

import pytest

from stentor.cli.context import Context
from stentor.cli.playbooks import answered, asked_secrets, vault_files
from stentor.playbooks.listing import Listing, Play, Prompt
from stentor.playbooks.request import PlaybookRequest, Secrets


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def asking(typed: str) -> Context:
    return Context(io.StringIO(), Terminal(), Terminal(typed), {})


@pytest.fixture(autouse=True)
def hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(getpass, "getpass", lambda prompt, stream: f"typed at {prompt}".strip())


def test_only_an_answer_that_is_not_shown_is_a_secret() -> None:
    prompts = (
        Prompt("count", "how many", private=False),
        Prompt("pin", "the PIN"),
        Prompt("x", "x", False, "d"),
    )
    listing = Listing("2.19", plays=(Play("P", "all", "p.yml:1", ("a",), prompts=prompts),))
    request = answered(PlaybookRequest("p.yml", ("a=1",)), listing, asking('1 "or" 2\n\n'))
    assert request.extra_vars == ("a=1", r'{"count": "1 \"or\" 2"}')
    assert request.secrets == Secrets(answers={"pin": "typed at the PIN:"})


def test_a_configuration_that_has_the_password_of_become_asked_for_holds() -> None:
    listing = Listing("2.19", become_asks=True)
    assert answered(PlaybookRequest(), listing, asking("")).secrets.become == "typed at become password:"
    given = PlaybookRequest(secrets=Secrets("mine"))
    assert answered(given, listing, asking("")) == given
    nobody = Context(io.StringIO(), io.StringIO(), io.StringIO(), {})
    assert answered(PlaybookRequest(), listing, nobody).secrets.become is None


def test_a_vault_password_is_asked_once_a_label_as_ansible_names_it() -> None:
    words = ["prompt", "@prompt", "prod@prompt", "dev@file", "file"]
    arguments = argparse.Namespace(ask_become_pass=False, ask_vault_pass=True, vault_id=words)
    assert [*asked_secrets(arguments, asking("")).vault] == ["default", "prod"]
    assert vault_files(arguments) == ("dev@file", "file")
