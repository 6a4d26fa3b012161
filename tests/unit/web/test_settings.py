"""Where the page is served: addresses, names, and nothing beyond this machine without TLS."""

from __future__ import annotations

import pytest

from stentor.errors import Refused, StentorError, UsageError
from stentor.web.settings import Settings, check, listen, networks


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("127.0.0.1:8440", ("127.0.0.1", 8440)),
        ("[::1]:80", ("::1", 80)),
        ("::1", ("::1", 8440)),
        ("localhost:9000", ("127.0.0.1", 9000)),
        ("9000", ("127.0.0.1", 9000)),
        ("192.0.2.1", ("192.0.2.1", 8440)),
    ],
)
def test_listen(text: str, found: tuple[str, int]) -> None:
    assert listen(text) == found


@pytest.mark.parametrize("text", ["", "fleet.lan:80", "127.0.0.1:x", "127.0.0.1:70000", "[::1", "1.2.3", "٣"])
def test_listen_on_nothing(text: str) -> None:
    with pytest.raises(UsageError):
        listen(text)


@pytest.mark.parametrize("address", ["0.0.0.0", "192.0.2.1", "::", "2001:db8::1"])
def test_beyond_this_machine_there_is_tls(address: str) -> None:
    with pytest.raises(Refused, match="no TLS"):
        check(Settings(address))
    check(Settings(address, certificate="c", key="k"))
    check(Settings(address, proxies=networks(["192.0.2.9"])))


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.8.8", "::1"])
def test_loopback_needs_none(address: str) -> None:
    check(Settings(address))


@pytest.mark.parametrize(
    "made",
    [
        Settings(certificate="c"),
        Settings(key="k"),
        Settings(certificate="c", key="k", proxies=networks(["::1"])),
        Settings(names=("https://fleet.lan",)),
        Settings(names=("fleet.lan:8440",)),
        Settings(names=("",)),
    ],
)
def test_what_does_not_fit_together(made: Settings) -> None:
    with pytest.raises(StentorError):
        check(made)


@pytest.mark.parametrize(
    ("made", "url"),
    [
        (Settings(), "http://127.0.0.1:8440"),
        (Settings("::1", 80), "http://[::1]:80"),
        (Settings("0.0.0.0", certificate="c", key="k"), "https://127.0.0.1:8440"),
        (Settings(names=("fleet.lan",), certificate="c", key="k"), "https://fleet.lan:8440"),
        (Settings(port=443, names=("fleet.lan",), certificate="c", key="k"), "https://fleet.lan"),
        (Settings(names=("fleet.lan",), proxies=networks(["::1"])), "https://fleet.lan"),
    ],
)
def test_url(made: Settings, url: str) -> None:
    assert made.url == url


@pytest.mark.parametrize("text", ["x", "10.0.0.1/8", "10.0.0.0/33"])
def test_what_is_no_network(text: str) -> None:
    with pytest.raises(UsageError):
        networks([text])
