"""What is asked of a web name of the fleet."""

from __future__ import annotations

from stentor.fleet.services import Site
from stentor.services.proof.question import question_of


def test_what_the_file_says_is_what_is_asked() -> None:
    asked = question_of(Site("a.example.com", "sse", "x:1", path="/events", code=201, place="s.yaml:1:2"))
    assert (asked.kind, asked.path, asked.code, asked.public, asked.given) == (
        "sse",
        "/events",
        201,
        True,
        True,
    )
    assert asked.place == "s.yaml:1:2"
    plain = question_of(Site("a.lan", "standard", "x:1"))
    assert (plain.path, plain.code, plain.public, plain.given) == ("/", 200, False, False)


def test_of_a_wildcard_one_of_its_names_is_asked() -> None:
    assert question_of(Site("*.a.lan", "standard", "x:1")).host == "stentor-proof.a.lan"


def test_a_redirect_keeps_the_path_unless_its_target_has_one() -> None:
    asked = question_of(Site("a.lan", "redirect", to="https://b.lan", path="/x"))
    assert (asked.location, asked.code) == ("https://b.lan/x", 0)
    assert (
        question_of(Site("a.lan", "redirect", to="https://b.lan/y", code=301)).location == "https://b.lan/y"
    )
    assert question_of(Site("a.lan", "redirect", to="https://b.lan/y", code=301)).code == 301
    within = question_of(Site("a.lan", "redirect", to="https://b.lan?a=b", path="/x"))
    assert within.location == "https://b.lan?a=b"
