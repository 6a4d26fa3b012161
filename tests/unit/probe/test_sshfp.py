"""What ssh says of DNS, as OpenSSH 9.2 and 10 write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.model import Fleet, Node
from stentor.probe.sshfp import read, words

FOUND = "debug1: found 1 {} fingerprints in DNS\n"
MATCH = "debug1: verify_host_key_dns: matched SSHFP type 4 fptype 2\n"
FAILED = "debug1: verify_host_key_dns: failed SSHFP type 4 fptype 2\n"
MISMATCH = "debug1: mismatching host key fingerprint found in DNS\n"


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        (FOUND.format("secure") + MATCH, ("agrees", True)),
        (FOUND.format("insecure") + MATCH, ("agrees", False)),
        (
            FOUND.format("insecure") + "debug1: matching host key fingerprint found in DNS\n",
            ("agrees", False),
        ),
        (FOUND.format("secure") + FAILED + MISMATCH, ("differs", True)),
        (FOUND.format("insecure") + MISMATCH, ("none", False)),  # records for keys of other kinds only
        ("DNS lookup error: data does not exist\n", ("none", False)),
        ("debug1: skipped DNS lookup for numerical hostname\n", ("", False)),
        ("", ("", False)),
    ],
)
def test_what_ssh_says(said: str, verdict: tuple[str, bool]) -> None:
    assert read(said) == verdict


@given(st.text())
def test_any_text(said: str) -> None:
    read(said)


def test_nobody_is_logged_in() -> None:
    node = Node("crtr", "crtr", addresses=("192.0.2.1", "crtr.lan"))
    asked = words(Fleet(root="/f", nodes={"crtr": node}, groups={}), node, "crtr.lan", 5)
    assert "PreferredAuthentications=none" in asked
    assert "HostName=crtr.lan" in asked
    assert asked.index("UserKnownHostsFile=/dev/null") < asked.index("HostName=crtr.lan")
