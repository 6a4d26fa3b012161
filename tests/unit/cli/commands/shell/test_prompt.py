"""The prompt's loop: what each line does."""

from __future__ import annotations

import argparse
import io
from collections.abc import Iterator
from typing import Any

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from stentor import terminal
from stentor.api.fleet import Selection
from stentor.cli.commands.shell import complete, loop
from stentor.cli.commands.shell.loop import Shell
from stentor.cli.context import Context
from stentor.errors import SelectorError
from stentor.testing import FakeNodes, Reply
from tests.practice import Practice


class Bench:
    """A prompt at which these lines are typed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.practice = Practice(monkeypatch)
        self.practice.nodes = FakeNodes({"prtr": Reply(b"up 3 days\n"), "drtr": Reply(code=3)})
        self.started: list[list[str]] = []
        self.prompts: list[str] = []
        self.bytes, self.err = io.BytesIO(), io.StringIO()
        self.out = io.TextIOWrapper(self.bytes, "utf-8", write_through=True)
        monkeypatch.setattr(terminal, "foreground", self._foreground)
        monkeypatch.setattr(Shell, "_session", lambda _: self)
        self._lines: Iterator[Any] = iter(())

    def _foreground(self, argv: list[str], _: object) -> int:
        self.started.append(argv)
        return 7

    def prompt(self, message: Any) -> str:
        """Type the next line."""
        self.prompts.append("".join(text for _, text in message()))
        line = next(self._lines, EOFError())
        if isinstance(line, BaseException):
            raise line
        return str(line)

    def shell(self, selector: str = "@gpu") -> Shell:
        context = Context(self.out, self.err, io.StringIO(), {"XDG_STATE_HOME": self.practice.state})
        return Shell(argparse.Namespace(fleet=None, view="auto", no_history=True, selector=selector), context)

    def type(self, *lines: str | BaseException) -> int:
        self._lines = iter(lines)
        return self.shell().loop()

    @property
    def said(self) -> str:
        return self.err.getvalue()


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(monkeypatch)


def test_line_runs_on_the_nodes_of_the_prompt(bench: Bench) -> None:
    assert bench.type("uptime") == 1
    assert [alias for alias, _ in bench.practice.nodes.commands] == ["prtr", "drtr"]
    assert b"up 3 days" in bench.bytes.getvalue()
    assert bench.prompts == ["@gpu (2)> ", "[1] @gpu (2)> "]


def test_line_with_a_selector_is_for_those_nodes_alone(bench: Bench) -> None:
    bench.type("@core uptime", "@core", "id")
    assert [alias for alias, _ in bench.practice.nodes.commands] == ["crtr", "prtr", "drtr"] * 2
    assert bench.prompts[1].endswith("@gpu (2)> ")
    assert bench.prompts[2].endswith("@core (3)> ")


def test_options_and_view_hold_for_every_line_from_then_on(bench: Bench) -> None:
    bench.type(":with --timeout 3", ":view stream", "uptime")
    assert "every line with: --timeout 3" in bench.said
    assert "output is shown: stream" in bench.said
    assert b"prtr" in bench.bytes.getvalue()


def test_other_commands_are_started_beside_it(bench: Bench) -> None:
    assert bench.type("!ls", ":ping --login", ":history") == 7
    assert bench.started[0] == ["/bin/sh", "-c", "ls"]
    assert bench.started[1][2:] == ["stentor", "ping", "--login", "@gpu"]
    assert bench.started[2][2:] == ["stentor", "history"]


def test_errors_and_interruptions_leave_the_prompt(bench: Bench) -> None:
    bench.type(KeyboardInterrupt(), "@nobody", ":nothing", ":help", "uptime")
    assert "nobody" in bench.said
    assert "COMMAND" in bench.said
    assert len(bench.practice.nodes.commands) == 2


def test_help_fits_the_terminal(bench: Bench) -> None:
    bench.type(":help")
    assert max(map(len, bench.said.partition("  COMMAND")[2].splitlines())) <= 80


def test_interrupted_command_leaves_the_prompt(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(loop, "run_selected", interrupted)
    bench.type("uptime", ":quit")
    assert "stentor: interrupted\n" in bench.said


def test_selector_of_the_moment_is_settled_at_once(bench: Bench) -> None:
    bench.type("uptime", "@failed", "id")
    assert bench.prompts[2] == "[1] drtr (1)> "


def test_selector_without_nodes_is_an_error(bench: Bench) -> None:
    with pytest.raises(SelectorError):
        bench.shell("@gpu!@gpu")


def completions(bench: Bench, line: str) -> list[str]:
    shell = bench.shell()
    completing = complete.Completing(
        shell.fleet, lambda: shell.selection, {"view": "how", "with": "options"}, ["tree"]
    )
    found = completing.get_completions(Document(line), CompleteEvent())
    return [one.text for one in found]


def test_tab_completes_groups_nodes_commands_and_views(bench: Bench) -> None:
    assert completions(bench, "@g") == ["@gpu"]
    assert completions(bench, "@fa") == ["@failed"]
    assert completions(bench, ":w") == ["with"]
    assert completions(bench, ":view t") == ["tree"]


def test_tab_completes_paths_of_a_warm_node(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.practice.nodes = FakeNodes({"drtr": Reply(b"/etc/hosts\n/etc/host.d/\n")})
    warm = {"prtr": "login first", "drtr": "by a warm master"}
    monkeypatch.setattr(Selection, "describe", lambda _: warm)
    assert completions(bench, "cat /etc/ho") == ["/etc/hosts", "/etc/host.d/"]
    monkeypatch.setattr(Selection, "describe", lambda _: dict.fromkeys(warm, "login first"))
    assert completions(bench, "cat /etc/ho") == []
