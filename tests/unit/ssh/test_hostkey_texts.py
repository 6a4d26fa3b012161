"""The texts about host keys are the same wherever a login is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentor import probe
from stentor.fleet.model import Node
from stentor.outcome import Outcome
from stentor.probe.outward import Way, way_findings
from stentor.probe.trust import Seen, judge
from stentor.ssh import hostkey_texts
from stentor.ssh.diagnose import diagnose
from stentor.ssh.hostkeys import Key, Pin

CHANGED = "REMOTE HOST IDENTIFICATION HAS CHANGED!"


def test_each_kind_has_a_hint_with_the_command() -> None:
    for kind in hostkey_texts.REASONS:
        assert "stentor trust drtr" in hostkey_texts.hint(kind, "drtr")
    assert hostkey_texts.hint("refused", "drtr") == ""


def test_hint_for_a_changed_key_contradicts_the_advice_of_ssh() -> None:
    assert hostkey_texts.hint("host-key-changed", "drtr").startswith("do not edit known_hosts")


@pytest.mark.parametrize(
    ("said", "kind"), [(CHANGED, "host-key-changed"), ("Host key verification failed.", "host-key-unknown")]
)
def test_login_and_trust_give_the_same_reason(said: str, kind: str) -> None:
    login = diagnose(said, login="ssh drtr", alias="drtr", seconds=5)
    assert (login.kind, login.reason, login.hint) == (
        kind,
        hostkey_texts.REASONS[kind],
        hostkey_texts.hint(kind, "drtr"),
    )
    key, other = Key("ssh-ed25519", "AAAA"), Key("ssh-ed25519", "BBBB")
    pins = [Pin(("drtr",), other, "", "")] if kind == "host-key-changed" else []
    verdict = judge(Node("drtr", ""), ["drtr"], Seen({key.kind: key}), pins, [])
    assert (verdict.outcome.kind, verdict.outcome.reason) == (kind, login.reason)


def test_doctor_names_risk_and_command() -> None:
    way = Way(kind="host-key-changed", reason=hostkey_texts.REASONS["host-key-changed"])
    (finding,) = way_findings(way, Outcome("drtr", "host-key-changed"), "keys")
    assert hostkey_texts.RISK in finding
    assert hostkey_texts.command("drtr") in finding


def test_pane_program_gives_the_same_advice() -> None:
    text = Path(probe.__file__).parent.parent.joinpath("tmux/pane.sh").read_text()
    advice = hostkey_texts.hint("host-key-changed", "$NODE").partition(" to compare")[0]
    assert advice in text
