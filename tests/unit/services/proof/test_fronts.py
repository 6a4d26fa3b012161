"""Where Caddy serves each name, from its own JSON."""

from __future__ import annotations

import json

from stentor.services.proof.fronts import Front, fronts_of


def adapted(servers: object, **options: int) -> str:
    return json.dumps({"apps": {"http": {**options, "servers": servers}}})


def server(listen: list[str], *names: str) -> dict[str, object]:
    return {"listen": listen, "routes": [{"match": [{"host": [name]}]} for name in names] + [{"handle": []}]}


def test_names_are_found_with_their_ports() -> None:
    text = adapted(
        {"a": server([":443"], "a.test", "*.w.test"), "b": server([":80"], "plain.test", "a.test")}
    )
    assert fronts_of(text) == {
        "a.test": Front(443, True), "*.w.test": Front(443, True), "plain.test": Front(80, False),
    }  # fmt: skip
    other = adapted({"a": server([":8443"], "a.test"), "b": server([":9000"], "b.test")}, https_port=8443)
    assert fronts_of(other) == {"a.test": Front(8443, True), "b.test": Front(9000, True)}
    assert fronts_of(adapted({"a": server(["[::1]:443"], "a.test")})) == {"a.test": Front()}


def test_of_what_is_no_such_json_nothing_is_known() -> None:
    for text in ("", "[]", "{}", "null", '{"apps": {"http": 1}}', '{"apps": {"http": {"servers": []}}}', "{"):
        assert fronts_of(text) == {}
    assert fronts_of(adapted({"a": {"listen": ["unix//run/x"]}, "b": {}})) == {}
