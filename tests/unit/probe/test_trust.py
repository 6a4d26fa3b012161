"""What a shown key means beside what is known."""

from __future__ import annotations

import pytest

from stentor.fleet.model import Node
from stentor.probe.trust import (
    Certificate,
    Seen,
    beside,
    choose,
    explain,
    judge,
    matching,
    parse_certificates,
    since,
)
from stentor.ssh.hostkeys import Key, Pin
from tests.unit.ssh.test_hostkeys import RSA, A, B, key

NODE = Node("drtr", "director", ("10.0.0.3",), port=2222)
HOSTS = ("[10.0.0.3]:2222",)
RSA2 = key(b"d", "ssh-rsa")


def pin(known: Key, marker: str = "", hosts: tuple[str, ...] = HOSTS) -> Pin:
    return Pin(hosts, known, marker, "drtr pinned 2026-01-02")


def seen(*keys: Key, **more: object) -> Seen:
    return Seen({k.kind: k for k in keys}, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("shown", "fleet", "own", "state", "kind"),
    [
        ([A], [A], [], "pinned", "ok"),
        ([A, RSA], [A], [], "pinned", "ok"),
        ([A], [], [A], "yours", "ok"),
        ([A], [], [], "unknown", "host-key-unknown"),
        ([B], [A], [], "changed", "host-key-changed"),
        ([B], [], [A], "changed", "host-key-changed"),
        ([B], [A], [B], "changed", "host-key-changed"),
        ([RSA], [A], [], "changed", "host-key-changed"),
        ([A, RSA2], [A, RSA], [], "changed", "host-key-changed"),
        ([], [A], [], "silent", "unreachable"),
    ],
)
def test_states(shown: list[Key], fleet: list[Key], own: list[Key], state: str, kind: str) -> None:
    verdict = judge(NODE, HOSTS, seen(*shown, silence="no answer"), [*map(pin, fleet)], [*map(pin, own)])
    assert (verdict.state, verdict.outcome.kind) == (state, kind)


def test_a_node_expected_down_is_no_failure() -> None:
    verdict = judge(NODE._replace(state="down"), HOSTS, Seen({}, silence="no answer"), [], [])
    assert (verdict.outcome.kind, verdict.outcome.reason) == ("skipped", "expected down: no answer")


def test_revoked_is_worse_than_pinned() -> None:
    verdict = judge(NODE, HOSTS, seen(A), [pin(A), pin(A, "@revoked", ("*",))], [])
    assert (verdict.state, verdict.outcome.kind) == ("revoked", "host-key-changed")


def test_pins_of_other_hosts_say_nothing() -> None:
    assert judge(NODE, HOSTS, seen(A), [pin(A, hosts=("10.0.0.3",))], []).state == "unknown"


def test_a_stale_line_of_your_own_is_named() -> None:
    right, wrong = pin(B)._replace(file="/home/me/right"), pin(A)._replace(file="/home/me/known hosts")
    verdict = judge(NODE, HOSTS, seen(B), [pin(B)], [right, wrong, pin(A)])
    assert verdict.state == "pinned"
    removal = "ssh-keygen -R '[10.0.0.3]:2222' -f '/home/me/known hosts'"
    assert verdict.notes == (
        f"/home/me/known hosts has another key for it: {removal}",
        "your KnownHostsCommand names another key for it",
    )


def test_certificates() -> None:
    authority = pin(A, "@cert-authority", ("*",))
    good = Certificate(A.fingerprint, ("10.0.0.3",), "forever")
    for certificate, state in (
        (good, "certified"),
        (good._replace(principals=()), "certified"),
        (good._replace(principals=("other",)), "unknown"),
        (good._replace(authority=B.fingerprint), "unknown"),
    ):
        assert judge(NODE, HOSTS, seen(B, certificates=[certificate]), [authority], []).state == state


def test_reading_certificates() -> None:
    text = """(stdin):1:
        Type: ssh-ed25519-cert-v01@openssh.com host certificate
        Public key: ED25519-CERT SHA256:abc
        Signing CA: ED25519 SHA256:xyz (using ssh-ed25519)
        Key ID: "drtr"
        Serial: 0
        Valid: forever
        Principals:
                10.0.0.3
                drtr
        Critical Options: (none)
        Extensions: (none)
(stdin):2:
        Signing CA: RSA SHA256:uvw (using rsa-sha2-512)
        Valid: from 2026-01-01 to 2027-01-01
        Principals: (none)
        Extensions: (none)
"""
    assert parse_certificates(text) == [
        Certificate("SHA256:xyz", ("10.0.0.3", "drtr"), "forever"),
        Certificate("SHA256:uvw", (), "from 2026-01-01 to 2027-01-01"),
    ]


def told(node: Node = NODE, known: Key = A, **more: object) -> str:
    return "\n".join(explain(judge(node, HOSTS, seen(B, **more), [pin(known)], [])))


def test_what_a_change_can_mean() -> None:
    assert "attack" in told()
    assert "phase 2 of a migration" in told(NODE._replace(phase=2))
    assert "attack" in told(NODE._replace(phase=2, migrated=True))
    assert "another machine" in told(NODE._replace(state="down"))
    assert "another kind" in told(known=RSA)


def test_a_second_way_that_shows_the_known_key_is_the_proof() -> None:
    assert "do not trust it" in told(paths=[("seen from crtr", {A.kind: A})])
    assert "the same key as here" in told(paths=[("seen from crtr", {B.kind: B})])
    assert "yet another" in told(paths=[("seen from crtr", {A.kind: key(b"z")})])
    assert "no key was seen" in told(paths=[("seen from crtr", {})])
    assert "another key" in told(dns="differs")


def test_a_fingerprint_confirms_its_own_key_only() -> None:
    verdict = judge(NODE, HOSTS, seen(A, RSA), [], [])
    assert choose(verdict, A.fingerprint) == (A,)
    assert choose(verdict, A.fingerprint.removeprefix("SHA256:") + "=") == (A,)
    assert choose(verdict, "") == ()
    assert matching([A, RSA], [pin(A)]) == [A]


def test_small_things() -> None:
    assert since(pin(A)) == "2026-01-02"
    assert since(Pin(HOSTS, A, "", "pinned")) == ""
    assert beside(["a", "bb"], ["c"], gap=1) == ["a  c", "bb"]
