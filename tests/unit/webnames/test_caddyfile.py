"""Web names as site blocks of a Caddyfile."""

from __future__ import annotations

import pytest

from stentor.fleet.services import Site
from stentor.webnames.caddyfile import sites


@pytest.mark.parametrize(
    ("to", "code", "line"),
    [
        ("https://b.lan", 200, "redir https://b.lan{uri}"),
        ("https://b.lan:8443", 302, "redir https://b.lan:8443{uri}"),
        ("https://b.lan/", 200, "redir https://b.lan/"),
        ("https://b.lan?a=b", 200, "redir https://b.lan?a=b"),
        ("https://b.lan#a", 200, "redir https://b.lan#a"),
        ("https://b.lan", 301, "redir https://b.lan{uri} 301"),
        ("https://b.lan/y", 308, "redir https://b.lan/y 308"),
        ("https://b.lan/y", 404, "redir https://b.lan/y"),
    ],
)
def test_a_redirect_keeps_the_path_where_nothing_follows_the_host_and_has_its_code(
    to: str, code: int, line: str
) -> None:
    block = sites([Site("a.lan", "redirect", to=to, code=code)])
    assert block == f"a.lan {{\n\ttls internal\n\t{line}\n}}\n"
