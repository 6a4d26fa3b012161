"""What the completion scripts offer, from the commands' own parsers."""

from __future__ import annotations

from stentor.cli.commands.completion import offered
from stentor.cli.table import COMMANDS
from stentor.cli.topics import TOPICS


def test_an_operand_that_may_be_a_node_completes_nodes() -> None:
    places = offered()
    for path in ("services rollback", "tmux send", "run"):
        assert places[path].operands[0].rstrip("*") == "nodes", path


def test_an_operand_that_may_be_a_service_completes_services() -> None:
    places = offered()
    for verb in ("deploy", "plan", "status", "ports"):
        assert places[f"services {verb}"].operands == ("names*",), verb
    for verb in ("restart", "stop", "logs", "exec", "backup", "restore"):
        assert places[f"services {verb}"].operands[0].rstrip("*") == "services", verb


def test_help_completes_commands_and_topics() -> None:
    places = offered()
    assert "help" in places[""].words
    (words,) = places["help"].operands
    assert {*words.removeprefix("words:").split(",")} >= {*COMMANDS, *TOPICS, "all", "topics"}
