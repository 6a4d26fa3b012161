"""``stentor trust``: what is asked, and what is pinned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stentor.probe.trust import Seen, Verdict, judge
from stentor.ssh.hostkeys import Key, Pin
from tests.practice import FLEET, Practice, Ran
from tests.unit.ssh.test_hostkeys import A, B


class Bench:
    """The command line, and servers that show these keys."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.practice = Practice(monkeypatch)
        self.practice.fleet = FLEET._replace(root=str(folder))
        self.file = folder / "known_hosts"
        self.shown: dict[str, Key] = {}
        self.pins: dict[str, Key] = {}
        self.own: dict[str, Key] = {}
        self.person = False
        monkeypatch.setattr("stentor.api.trust.verdicts", self._verdicts)
        monkeypatch.setattr("stentor.ssh.keyscan.randomart", lambda keys, _: [["art"] for _ in keys])
        monkeypatch.setattr("stentor.cli.context.Context.interactive", lambda _: self.person)

    def _verdicts(self, selection: Any, **_: object) -> list[Verdict]:
        found = []
        for node in selection.nodes:
            hosts, key = (node.addresses[0],), self.shown.get(node.alias)
            seen = Seen({key.kind: key} if key else {}, silence="no answer")
            fleet, own = (
                [Pin(hosts, some[node.alias], "", "")] if node.alias in some else []
                for some in (self.pins, self.own)
            )
            found.append(judge(node, hosts, seen, fleet, own))
        return found

    def run(self, *words: str, typed: str = "") -> Ran:
        self.person = bool(typed)
        return self.practice.run("trust", *words, stdin=typed.encode())

    @property
    def pinned(self) -> list[str]:
        """The addresses in the fleet's known_hosts."""
        rows = self.file.read_text().splitlines() if self.file.exists() else []
        return [row.split()[0] for row in rows if row and not row.startswith("#")]


PRTR, DRTR = "192.168.254.20", "192.168.254.30"


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bench:
    return Bench(monkeypatch, tmp_path)


def test_pinned_node_needs_nothing(bench: Bench) -> None:
    bench.shown, bench.pins = {"prtr": A}, {"prtr": A}
    assert bench.run("prtr", typed="yes\n").code == 0
    assert bench.pinned == []


def test_unknown_key_is_left_without_a_person(bench: Bench) -> None:
    bench.shown = {"prtr": A}
    ran = bench.run("prtr")
    assert (ran.code, bench.pinned) == (4, [])
    assert A.fingerprint in ran.text


@pytest.mark.parametrize("typed", ["yes\n", f"{A.fingerprint}\n"])
def test_unknown_key_is_pinned_by_yes_or_its_fingerprint(bench: Bench, typed: str) -> None:
    bench.shown = {"prtr": A}
    ran = bench.run("prtr", typed=typed)
    assert (ran.code, bench.pinned) == (0, [PRTR])
    assert f"pinned in {bench.file}: prtr" in ran.said


@pytest.mark.parametrize(
    ("typed", "said"),
    [("\n", "left as it is"), ("no\n", "left as it is"), (f"{B.fingerprint}\n", "no key with this")],
)
def test_unknown_key_is_left_by_any_other_answer(bench: Bench, typed: str, said: str) -> None:
    bench.shown = {"prtr": A}
    ran = bench.run("prtr", typed=typed)
    assert (ran.code, bench.pinned, said in ran.said) == (4, [], True)


def test_changed_key_is_pinned_only_when_the_name_is_typed(bench: Bench) -> None:
    bench.shown, bench.pins = {"prtr": B}, {"prtr": A}
    refused = bench.run("prtr", typed="yes\n")
    assert (refused.code, bench.pinned) == (4, [])
    assert bench.run("prtr", typed="prtr\n").code == 0
    assert bench.pinned == [PRTR]


def test_keys_of_your_own_known_hosts_are_pinned_when_you_agree(bench: Bench) -> None:
    bench.shown = bench.own = {"prtr": A, "drtr": B}
    assert "stentor trust prtr,drtr --yes" in bench.run("@gpu").said
    assert bench.run("@gpu", typed="n\n").code == 0
    assert bench.pinned == []
    assert (
        "pin the keys of prtr, drtr from your own known_hosts in the fleet?"
        in bench.run("@gpu", typed="y\n").said
    )
    assert bench.pinned == [PRTR, DRTR]


def test_yes_pins_what_is_in_known_hosts_and_nothing_else(bench: Bench) -> None:
    bench.shown, bench.own = {"prtr": A, "drtr": B}, {"prtr": A}
    assert bench.run("@gpu", "--yes").code == 4
    assert bench.pinned == [PRTR]


def test_dry_run_pins_nothing(bench: Bench) -> None:
    bench.shown = bench.own = {"prtr": A}
    assert bench.run("prtr", "--yes", "--dry-run").code == 0
    assert bench.pinned == []


def test_key_is_pinned_by_its_fingerprint(bench: Bench) -> None:
    bench.shown = {"prtr": A}
    wrong = bench.run("prtr", "--fingerprint", B.fingerprint)
    assert (wrong.code, bench.pinned) == (6, [])
    assert bench.run("prtr", "--fingerprint", A.fingerprint).code == 0
    assert bench.pinned == [PRTR]


def test_changed_key_by_fingerprint_needs_the_name(bench: Bench) -> None:
    bench.shown, bench.pins = {"prtr": B}, {"prtr": A}
    refused = bench.run("prtr", "--fingerprint", B.fingerprint)
    assert (refused.code, "--yes-really prtr" in refused.said) == (6, True)
    assert bench.run("prtr", "--fingerprint", B.fingerprint, "--yes-really", "prtr").code == 0


@pytest.mark.parametrize("words", [["@gpu", "--fingerprint", "SHA256:x"], ["prtr", "--yes-really", "prtr"]])
def test_options_that_do_not_go_together_are_an_error(bench: Bench, words: list[str]) -> None:
    assert bench.run(*words).code == 2


def test_json_has_a_record_for_each_node_and_asks_nothing(bench: Bench) -> None:
    bench.shown, bench.pins = {"prtr": A, "drtr": B}, {"drtr": A}
    lines = [json.loads(line) for line in bench.run("@gpu", "--json", typed="yes\n").text.splitlines()]
    states = [(line["node"], line["state"]) for line in lines if line["type"] == "trust"]
    assert states == [("prtr", "unknown"), ("drtr", "changed")]
    assert (lines[-1]["exit_code"], bench.pinned) == (4, [])
