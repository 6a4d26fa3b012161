"""By which second paths a host key counts as verified."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from stentor.api.bootstrap import HostKeys, _keys, member_of
from stentor.api.fleet import Fleet
from stentor.errors import FleetError, Refused
from stentor.fleet.model import Node
from stentor.probe.trust import Seen, Verdict
from stentor.ssh.hostkeys import Key

ED = Key("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIAAA")
RSA = Key("ssh-rsa", "AAAAB3NzaC1yc2EA")
OTHER = Key("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5AAAAIAAB")


def verdict(*paths: tuple[str, tuple[Key, ...]]) -> Verdict:
    seen = [(way, {key.kind: key for key in keys}) for way, keys in paths]
    return Verdict(Node("a", "a"), ("a",), "unknown", (ED, RSA), seen=Seen({}, seen))


def test_a_key_that_every_path_sees_is_the_nodes() -> None:
    assert _keys(verdict(("seen from b", (ED, RSA)), ("seen from c", (ED,))), HostKeys(via="b,c")) == [ED]


@pytest.mark.parametrize(
    "paths",
    [
        (),
        (("seen from b", ()),),
        (("seen from b", (OTHER,)),),
        (("seen from b", (OTHER, RSA)),),  # one key of two is another machine's
        (("seen from b", (ED, RSA)), ("seen from c", (OTHER, RSA))),
        (("seen from b", (ED,)), ("seen from c (c: no answer)", ())),
        (("at its address 10.0.0.2", (ED, RSA)),),  # no path of its own: the same machine here asked twice
    ],
)
def test_a_path_that_sees_no_key_or_another_verifies_nothing(
    paths: tuple[tuple[str, tuple[Key, ...]], ...],
) -> None:
    assert not _keys(verdict(*paths), HostKeys(via="b,c"))


def test_a_typed_fingerprint_is_compared() -> None:
    assert _keys(verdict(), HostKeys(typed=lambda _: f" {ED.fingerprint}\n")) == (ED,)
    assert _keys(verdict(), HostKeys(typed=lambda _: OTHER.fingerprint)) == ()
    assert _keys(verdict(), HostKeys(typed=lambda _: "yes")) == ()
    assert _keys(verdict(), HostKeys(typed=lambda _: "")) == ()


def test_a_given_fingerprint_that_is_another_ends_it() -> None:
    assert _keys(verdict(), HostKeys(RSA.fingerprint)) == (RSA,)
    with pytest.raises(Refused, match="no key with this fingerprint"):
        _keys(verdict(), HostKeys(OTHER.fingerprint))


def test_a_private_key_given_by_mistake_is_not_shown(tmp_path: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / "key")], check=True)
    text = (tmp_path / "key").read_text()
    plan = {"nodes": {"a": {"user": "admin"}}, "bootstrap": {"keys": [text]}}
    (tmp_path / "nodes.yaml").write_text(json.dumps(plan))
    fleet = Fleet.open(str(tmp_path), environ={"HOME": str(tmp_path)})
    with pytest.raises(FleetError, match="is no public key") as caught:
        member_of(fleet, fleet.data.nodes["a"])
    assert caught.value.where == "-----BEGIN OPENSSH P..."
