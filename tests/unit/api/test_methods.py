"""Every command has its method in Python, or a stated reason why it has none."""

from __future__ import annotations

import inspect

import pytest

from stentor.api.base import BaseFleet, BaseSelection
from stentor.api.dotfiles_selection import Dotfiles
from stentor.api.fleet import Fleet, Selection
from stentor.api.services_selection import SelectedServices
from stentor.async_api import AsyncDotfiles, AsyncFleet, AsyncSelectedServices, AsyncSelection
from stentor.cli.table import COMMANDS

METHODS = {
    "run": "Selection.run",
    "ping": "Selection.ping",
    "status": "Selection.status",
    "doctor": "Selection.doctor",
    "ssh": "Selection.login",
    "copy": "Selection.copy",
    "fetch": "Selection.fetch",
    "dotfiles": "Selection.dotfiles",
    "services": "Selection.services",
    "playbook": "Selection.playbook",
    "ansible": "Selection.ansible",
    "bootstrap": "Selection.bootstrap",
    "wake": "Selection.wake",
    "reboot": "Selection.reboot",
    "shutdown": "Selection.shutdown",
    "history": "Fleet.history",
    "show": "Fleet.operation",
    "rerun": "Fleet.rerun",
    "nodes": "Fleet.select",
    "facts": "Selection.facts",
    "needs": "Selection.needs",
    "report": "Fleet.report",
    "trust": "Selection.trust",
    "check": "Fleet.check",
    "export": "Selection.export",
    "masters": "Fleet.masters",
    "gateway": "Selection.install_gateway",
}
REASONS = {
    "shell": "a person at a terminal; a program calls Selection.run",
    "top": "a person at a terminal; a program calls Selection.status",
    "tmux": "a person at a terminal",
    "diff": "compares what two calls of Fleet.operation return",
    "node": "edits nodes.yaml: stentor.fleet.edit",
    "migrate": "a list for a person; the phases are in Fleet.data",
    "init": "writes a first nodes.yaml for a person to go on with",
    "schema": "the same for every fleet: stentor.fleet.schema",
    "hook": "what a server receives: stentor.api.hook_receiver",
    "reap": "started by stentor itself after it was killed",
    "tour": "a person at a terminal",
    "lab": "practice nodes for a person; tests use stentor.testing",
    "uninstall": "for a person who no longer wants stentor",
    "shell-init": "functions for a shell",
    "completion": "functions for a shell",
    "serve": "a page for people; it calls what programs call",
}


def test_every_command_has_a_method_or_a_reason() -> None:
    assert {*METHODS} | {*REASONS} == {*COMMANDS}
    assert not {*METHODS} & {*REASONS}


@pytest.mark.parametrize("name", METHODS.values())
def test_each_method_is_there_and_says_what_it_returns(name: str) -> None:
    owner, _, method = name.partition(".")
    found = getattr({"Fleet": Fleet, "Selection": Selection}[owner], method)
    first = (inspect.getdoc(found) or "").splitlines()[0]
    assert any(word in first.lower() for word in ("return", "choose", "dotfiles", "services")), first


@pytest.mark.parametrize(
    ("sync", "base", "other"),
    [
        (Fleet, BaseFleet, AsyncFleet),
        (Selection, BaseSelection, AsyncSelection),
        (Dotfiles, object, AsyncDotfiles),
        (SelectedServices, object, AsyncSelectedServices),
    ],
)
def test_the_async_api_has_every_method(sync: type, base: type, other: type) -> None:
    own = {name for name in {*dir(sync)} - {*dir(base)} if not name.startswith("_")}
    assert own
    assert own <= {*dir(other)}
