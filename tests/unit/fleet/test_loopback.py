"""Which addresses only the machine itself can reach."""

import pytest

from stentor.fleet.loopback import is_loopback


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.0.0.2", "127.255.1.1", "::1", "[::1]", "0:0:0:0:0:0:0:1", "::ffff:127.0.0.1",
     "localhost", "LOCALHOST", "localhost.", "app.localhost"],
)  # fmt: skip
def test_only_the_machine_itself_reaches(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "*", "0.0.0.0", "::", "[::]", "10.0.0.1", "::1234", "[fd00::1]", "fe80::1%eth0", "::ffff:10.0.0.1",
     "127.example", "localhost.example", "notlocalhost", "crtr"],
)  # fmt: skip
def test_others_may_reach(host: str) -> None:
    assert not is_loopback(host)
