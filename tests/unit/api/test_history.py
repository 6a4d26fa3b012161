"""What the journal keeps of a run is enough to run it again."""

from __future__ import annotations

from typing import Any

import pytest

from stentor.api.fleet import Fleet
from stentor.api.history import again, by_hand, option_words, read_options
from stentor.api.rerun import nodes_of
from stentor.errors import Refused
from stentor.fleet.model import Fleet as Data
from stentor.fleet.model import Node
from stentor.journal.operation import NodeRecord, Record

NODES = (
    NodeRecord("a", "ok", 0, started=True),
    NodeRecord("b", "failed", 1, started=True),
    NodeRecord("c", "cancelled", started=True),
    NodeRecord("d", "cancelled"),
    NodeRecord("e", ""),
    NodeRecord("f", "unreachable"),
)
NAMES = tuple(node.node for node in NODES)
FLEET = Fleet(Data("/f", {n: Node(n, "") for n in NAMES}, {"all": NAMES}), environ={"HERE": "1"})


def record(options: dict[str, Any], command: str = "uptime", kind: str = "run") -> Record:
    return Record(
        7, kind, command, "@all", options, "/f", "", "u", "h", "", "/", 0.0, 1.0, 0, "done", "", nodes=NODES
    )


@pytest.mark.parametrize(
    ("sets", "nodes"),
    [
        ((), "abcdef"),
        (("failed",), "bc"),
        (("unreachable",), "f"),
        (("unfinished",), "cde"),
        (("ok", "failed"), "abc"),
    ],
)
def test_sets_choose_nodes_in_their_order(sets: tuple[str, ...], nodes: str) -> None:
    assert nodes_of(record({}), sets) == tuple(nodes)


OLD = ["--timeout", "10", "--window", "4", "--canary", "a,b", "--env", "A=1", "--env", "HERE", "--gate", "g",
       "--env-secret", "T", "--sudo=root", "--fail-fast"]  # fmt: skip
NEW = {
    "timeout": 10.0,
    "window": 4,
    "canary": "a,b",
    "env": ["A=1", "HERE"],
    "gates": ["g"],
    "env_secret": ["T"],
    "sudo": "root",
    "fail_fast": True,
}


def test_words_of_an_older_journal_are_read_as_data() -> None:
    assert read_options({"words": OLD}) == NEW
    assert read_options(NEW) == NEW
    assert option_words({"words": OLD}) == OLD
    assert option_words(NEW) == OLD


@pytest.mark.parametrize("options", [NEW, {"words": OLD}])
def test_terms_and_request_are_those_of_the_operation(options: dict[str, Any]) -> None:
    with again(FLEET, record(options), ("b", "c")) as run:
        assert (run.wanted.command, run.wanted.environment) == ("uptime", {"A": "1", "HERE": "1"})
        settings = run.terms.settings
        assert (settings.timeout, settings.window, settings.fail_fast) == (10.0, 4, True)
        assert (run.terms.rollout.canary, run.terms.rollout.gates) == ("b", ("g",))
        assert (run.env_secret, run.sudo) == (("T",), "root")


def test_a_canary_that_had_its_turn_is_left_out() -> None:
    with again(FLEET, record({"canary": "a"}), ("b",)) as run:
        assert run.terms.rollout.canary is None


def test_standard_input_is_required_again() -> None:
    with pytest.raises(Refused, match="standard input"), again(FLEET, record({"stdin": True}), ("a",)):
        pass
    with again(FLEET, record({"stdin": True}), ("a",), stdin=b"data") as run:
        assert run.wanted.script == "data"


def test_a_script_is_sent_from_what_was_kept() -> None:
    options = {"script": "up.py", "text": "#!/usr/bin/python3\n", "arguments": ["-v"], "rerun_of": 7}
    with again(FLEET, record(options, "--script up.py -v"), ("a",)) as run:
        assert run.wanted.command == "/usr/bin/python3 - -v"
        assert (run.wanted.title, run.wanted.is_script) == ("--script up.py -v", True)
        assert run.wanted.options == options


def test_only_runs_are_repeated() -> None:
    with (
        pytest.raises(Refused, match="rerun repeats") as raised,
        again(FLEET, record({}, kind="copy"), ("a",)),
    ):
        pass
    assert raised.value.hint.startswith("for that one: stentor show ")
    rebooted = record({"typed": ["--timeout", "60s"]}, kind="reboot")
    with pytest.raises(Refused) as raised, again(FLEET, rebooted, ("a", "b")):
        pass
    assert raised.value.hint == "for that one: stentor reboot --timeout 60s a,b"


@pytest.mark.parametrize(("kind", "words"), [("cancelled", " --rev abc --again"), ("failed", "")])
def test_interrupted_dotfiles_are_applied_again_unless_the_revision_failed(kind: str, words: str) -> None:
    typed = record({"typed": ["--rev", "abc", "--again"]}, kind="dotfiles apply")
    nodes = (NodeRecord("a", kind, reason="reverted after Ctrl-C"),)  # type: ignore[arg-type]
    assert by_hand(typed._replace(nodes=nodes), ("a",)) == f"stentor dotfiles apply{words} a"
