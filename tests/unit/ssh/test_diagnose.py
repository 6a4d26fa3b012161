"""What OpenSSH says, and what it means. The texts were taken from OpenSSH 9.2."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.outcome import NOT_REACHED
from stentor.ssh.diagnose import diagnose, is_silent_about_the_way


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        ("ssh: Could not resolve hostname nx.invalid: Name or service not known", "unresolved", "nx.invalid"),
        ("ssh: connect to host 192.0.2.1 port 22: Connection timed out", "unreachable", "no answer in 3 s"),
        ("ssh: connect to host 192.0.2.1 port 22: No route to host", "unreachable", "no route"),
        ("ssh: connect to host 127.0.0.1 port 1: Connection refused", "refused", "refused"),
        (
            "Connection timed out during banner exchange\r\nConnection to 127.0.0.1 port 22 timed out",
            "no-banner",
            "banner",
        ),
        ("kex_exchange_identification: read: Connection reset by peer", "no-banner", "too many logins"),
        ("kex_exchange_identification: Connection closed by remote host", "no-banner", "too many logins"),
        (
            "banner exchange: Connection to 127.0.0.1 port 80: invalid format",
            "no-banner",
            "does not speak SSH",
        ),
        (
            "me@host: Permission denied (publickey,password).",
            "denied",
            "the server offers publickey,password",
        ),
        (
            "Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures",
            "denied",
            "more keys",
        ),
        (
            "No ED25519 host key is known for [127.0.0.1]:22 and you have requested strict checking.",
            "host-key-unknown",
            "not known yet",
        ),
        (
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.",
            "host-key-changed",
            "the host key changed",
        ),
        (
            "Unable to negotiate with 127.0.0.1 port 22: no matching host key type found.",
            "denied",
            "algorithm",
        ),
        ("/home/me/.ssh/config: line 3: Bad configuration option: hostnam", "denied", "configuration"),
        ("something new", "denied", "something new"),
        ("", "denied", "no reason"),
    ],
)
def test_what_it_means(said: str, kind: str, reason: str) -> None:
    found = diagnose(said, login="stentor ssh crtr", alias="crtr", seconds=3)
    assert found.kind == kind
    assert reason in found.reason
    if kind == "denied":
        assert "stentor ssh crtr" in found.hint
    if kind.startswith("host-key"):
        assert "stentor trust crtr" in found.hint


@given(st.text(max_size=300))
def test_anything_is_an_outcome_of_a_node_that_was_not_reached(said: str) -> None:
    found = diagnose(said, login="stentor ssh crtr", alias="crtr", seconds=3)
    assert found.kind in NOT_REACHED
    assert found.reason
    assert "\n" not in found.reason


CLOSED = (
    "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n"
)


@pytest.mark.parametrize(
    ("said", "kind", "reason"),
    [
        (
            "ssh: connect to host 10.0.0.1 port 22: Connection refused\n" + CLOSED,
            "refused",
            "behind gate: connection",
        ),
        ("me@gate: Permission denied (publickey).\n" + CLOSED, "denied", "behind gate: permission denied"),
        ("Host key verification failed.\n" + CLOSED, "host-key-unknown", "behind gate: its host key"),
        (
            "/bin/sh: 1: exec: nc: not found\n" + CLOSED,
            "denied",
            "behind gate: /bin/sh: 1: exec: nc: not found",
        ),
        (
            "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n" + CLOSED,
            "refused",
            "connection refused",
        ),
        (
            "channel 0: open failed: connect failed: Name or service not known\nstdio forwarding failed\n"
            + CLOSED,
            "unresolved",
            "gate finds no address",
        ),
        (
            "channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n"
            + CLOSED,
            "denied",
            "behind gate, which lets no connection through",
        ),
        (
            "Connection timed out during banner exchange\nConnection to UNKNOWN port 65535 timed out",
            "unreachable",
            "behind gate: no answer in 3 s",
        ),
        (CLOSED, "no-banner", "behind gate: closed before a login"),
        ("me@host: Permission denied (publickey).", "denied", "permission denied"),
    ],
)
def test_a_gateways_failure_is_told_from_the_nodes(said: str, kind: str, reason: str) -> None:
    found = diagnose(said, login="ssh x", alias="x", seconds=3, behind="gate")
    assert found.kind == kind
    assert found.reason.startswith(reason)
    assert is_silent_about_the_way(said) == (said == CLOSED)


@pytest.mark.parametrize(
    "said",
    [
        "unix_listener: cannot bind to path /run/user/7/stentor/f7/a.b: No space left on device",
        (
            "muxserver_listen: link mux listener /run/user/7/stentor/f7/a.b => /run/user/7/stentor/f7/a: "
            "No space left on device"
        ),
    ],
)
def test_no_room_for_the_socket_is_this_machines_fault(said: str) -> None:
    found = diagnose(said + "\n", login="stentor ssh crtr", alias="crtr", seconds=2.0)
    reason = (
        "no space for the connection's socket in /run/user/7/stentor/f7 on this machine: "
        "No space left on device"
    )
    assert found[:2] == ("failed", reason)
    assert "df -i /run/user/7/stentor/f7" in found.hint
