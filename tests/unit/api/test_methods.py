"""Every command has its method in Python, or a stated reason why it has none."""

from __future__ import annotations

import inspect

import pytest

from stentor.api.base import BaseFleet, BaseSelection
from stentor.api.dotfiles_selection import Dotfiles
from stentor.api.fleet import Fleet, Selection
from stentor.async_api import AsyncDotfiles, AsyncFleet, AsyncSelection
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
    "reap": "started by stentor itself after it was killed",
    "lab": "practice nodes for a person; tests use stentor.testing",
    "shell-init": "functions for a shell",
    "completion": "functions for a shell",
}


def test_every_command_has_a_method_or_a_reason() -> None:
    assert {*METHODS} | {*REASONS} == {*COMMANDS}
    assert not {*METHODS} & {*REASONS}


@pytest.mark.parametrize("name", METHODS.values())
def test_each_method_is_there_and_says_what_it_returns(name: str) -> None:
    owner, _, method = name.partition(".")
    found = getattr({"Fleet": Fleet, "Selection": Selection}[owner], method)
    first = (inspect.getdoc(found) or "").splitlines()[0]
    assert any(word in first.lower() for word in ("return", "choose", "dotfiles")), first


@pytest.mark.parametrize(
    ("sync", "base", "other"),
    [
        (Fleet, BaseFleet, AsyncFleet),
        (Selection, BaseSelection, AsyncSelection),
        (Dotfiles, object, AsyncDotfiles),
    ],
)
def test_the_async_api_has_every_method(sync: type, base: type, other: type) -> None:
    own = {name for name in {*dir(sync)} - {*dir(base)} if not name.startswith("_")}
    assert own
    assert own <= {*dir(other)}
