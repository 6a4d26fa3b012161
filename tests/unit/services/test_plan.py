"""A preview, from what a node says."""

from __future__ import annotations

import base64

import pytest

from stentor.engines.reach import Reach
from stentor.fleet.model import Fleet
from stentor.fleet.service import Put, Service
from stentor.outcome import Outcome
from stentor.rollout.change import Preview
from stentor.services import plan
from stentor.services.answer import parse
from stentor.services.item import Effect, Item, NodeFile
from stentor.services.items import item_of
from stentor.services.plan import preview
from stentor.services.visit import Visit

WEB = Item(
    "web",
    "systemd",
    [NodeFile("/etc/web", b"new\n"), NodeFile("/etc/key", b"hush\n", "600", secret=True)],
    effects=[Effect(frozenset({"/etc/web", "/etc/key"}), "restart web.service")],
)


def seen(*lines: str) -> Visit:
    said = "\n".join(["stentor-services 1 look", *lines, "end 0", ""])
    return Visit(Outcome("crtr", "ok", 0), parse(said.encode()))


def down(alias: str) -> Visit:
    return Visit(Outcome(alias, "unreachable", reason="timed out"), None)


def test_changed_files_are_shown_with_their_difference_and_what_follows() -> None:
    found = preview([WEB], seen("file 1 changed /etc/web", "there 1 b2xkCg== /etc/web"))
    assert found.changes == ("web: replace /etc/web", "web: restart web.service")
    assert found.diff == ("--- /etc/web", "+++ /etc/web", "@@ -1 +1 @@", "-old", "+new")


def test_difference_of_a_file_with_a_blank_in_its_name_is_shown() -> None:
    item = Item("web", "systemd", [NodeFile("/etc/my web", b"new\n")])
    found = preview([item], seen("file 1 changed /etc/my web", "there 1 b2xkCg== /etc/my web"))
    assert found.diff == ("--- /etc/my web", "+++ /etc/my web", "@@ -1 +1 @@", "-old", "+new")


def test_a_secret_is_named_and_not_shown() -> None:
    found = preview([WEB], seen("file 1 changed /etc/key", "would 1 start web.service"))
    assert found.changes == (
        "web: replace /etc/key, a secret: its contents are not shown",
        "web: start web.service",
    )
    assert found.diff == ()


def test_nothing_to_do_is_no_change() -> None:
    assert preview([WEB], seen()) == Preview("crtr")


def test_what_is_missing_blocks() -> None:
    assert (
        preview([WEB], seen("missing 1 this node has no systemd")).blocker == "web: this node has no systemd"
    )
    both = seen("missing 1 docker is not installed there", "missing 2 no systemd")
    found = preview([WEB, WEB._replace(name="chat")], both)
    assert found.blocker.splitlines() == ["web: docker is not installed there", "chat: no systemd"]
    assert found.blocked == "web: docker is not installed there (and 1 more: see the plan)"
    found = preview([WEB], seen("file 1 link /etc/web"))
    assert found.blocker == "web: /etc/web is no plain file there"
    assert found.next_step == "correct that on the node, or leave it out of the selection"
    assert preview([WEB], seen("file 1 new /etc/web")).next_step == ""


def test_services_that_lack_the_same_are_named_in_one_line() -> None:
    found = preview([WEB, WEB._replace(name="chat")], seen("missing 1 no systemd", "missing 2 no systemd"))
    assert found.blocker == "web, chat: no systemd"


def test_a_file_that_comes_to_be_or_goes_differs_from_nothing() -> None:
    found = preview([WEB], seen("file 1 new /etc/web"))
    assert found.diff == ("--- /dev/null", "+++ /etc/web", "@@ -0,0 +1 @@", "+new")
    goes = WEB._replace(files=[NodeFile("/etc/web", None)])
    found = preview([goes], seen("file 1 remove /etc/web", "there 1 b2xkCg== /etc/web"))
    assert found.diff == ("--- /etc/web", "+++ /dev/null", "@@ -1 +0,0 @@", "-old")


def test_a_node_is_asked_about_each_unit_and_image_once(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: dict[str, str] = {}
    monkeypatch.setattr(plan, "visits", lambda _, texts, *more: [sent.update(texts), {}][1])
    items = [
        *(WEB._replace(unit="web.service"), WEB._replace(name="chat", unit="chat.service")),
        *(WEB._replace(name=name, unit="", image="docker.io/x:1") for name in ("a", "b")),
    ]
    plan.look(Reach(Fleet("/fleet", {}, {}), {}), {"crtr": items}, {"crtr": "web chat a b"})
    assert base64.b64encode(b"new\n").decode() in sent["crtr"]
    given = dict(
        line.partition("=")[::2] for line in sent["crtr"].splitlines() if line[:6] in ("units=", "images")
    )
    assert given["units"].strip("'").split() == ["web.service", "chat.service"]
    assert given["images"].strip("'").split() == ["docker.io/x:1"]


def test_a_change_that_is_undone_first_is_said() -> None:
    assert preview([WEB], seen("pending 1")).changes == ("a change that nobody decided (1) is undone first",)
    busy = preview([WEB], seen("busy 1"))
    assert busy.blocker == "the change 1 is in progress there, or waits to be confirmed"
    assert busy.busy
    assert busy.next_step == "try again when it has ended"


def test_of_a_node_that_is_down_nothing_is_known() -> None:
    assert preview([WEB], down("crtr")).unknown == "timed out"


@pytest.mark.parametrize(
    ("path", "follows"),
    [
        ("/opt/n8n/n8n.env", ["recreate the containers that read this env_file"]),
        ("/opt/n8n/conf", ["recreate the containers of a: files that they use have changed"]),
        ("/opt/n8n/compose.yaml", []),
    ],
)
def test_a_project_says_which_containers_a_changed_file_concerns(path: str, follows: list[str]) -> None:
    folder = "/opt/n8n"
    files = tuple(Put(f"{folder}/{name}", name) for name in ("compose.yaml", "n8n.env", "conf"))
    service = Service(
        "n8n", "compose", project="n8n", compose_file=files[0].path, env_file=files[1].path, files=files
    )
    text = b"services: {a: {image: x, volumes: ['./conf:/conf']}, b: {image: x}}"
    item = item_of(service, {put.path: text for put in files})
    found = preview([item], seen(f"file 1 changed {path}"))
    assert [change.removeprefix("n8n: ") for change in found.changes[1:]] == follows


@pytest.mark.parametrize(
    "line",
    ["file 1 changed /etc/other", "file 1 strange /etc/web", "there 1 a /etc/web", "file ² new /etc/web"],
)
def test_a_strange_answer_is_the_nodes_failure(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    answered = {"crtr": seen("file 1 changed /etc/web", line), "prtr": down("prtr")}
    monkeypatch.setattr(plan, "visits", lambda *_: answered)
    previews, outcomes = plan.look(
        Reach(Fleet("/fleet", {}, {}), {}), {"crtr": [WEB], "prtr": [WEB]}, {"crtr": "web", "prtr": "web"}
    )
    if line.startswith("file ²"):
        assert outcomes["crtr"].ok
        return
    assert outcomes["crtr"].kind == "failed"
    assert previews["crtr"].unknown.startswith("unexpected answer: ")
    assert previews["prtr"].unknown == "timed out"


def test_what_the_file_no_longer_has_is_said() -> None:
    found = preview([WEB], seen("stray chat"))
    assert found.changes == ()
    assert found.notes == (
        "chat was deployed here, and services.yaml no longer has it here: 'status: absent' removes it",
    )
    (several,) = preview([WEB], seen("stray chat", "stray mail")).notes
    assert several.startswith("chat, mail were deployed here, and services.yaml no longer has them here")


@pytest.mark.parametrize(
    ("how", "shown"),
    [
        ("new", "write"),
        ("changed", "replace"),
        ("remove", "remove"),
        ("mode", "set the mode of"),
        ("owner", "set the owner of"),
        ("unreadable", "replace"),
        ("link", "refuse"),
        ("other", "refuse"),
    ],
)
def test_what_is_done_to_a_file_is_said(how: str, shown: str) -> None:
    found = preview([WEB], seen(f"file 1 {how} /etc/web"))
    assert found.changes[0] == f"web: {shown} /etc/web"
    assert bool(found.blocker) == (shown == "refuse")


def test_each_service_has_its_own_folders_and_differences() -> None:
    chat = Item("chat", "systemd", [NodeFile("/etc/chat", b"new\n")])
    lines = ("folder 2 /var/lib/chat", "file 2 changed /etc/chat", "there 2 b2xkCg== /etc/chat")
    found = preview([WEB, chat], seen(*lines))
    assert found.changes == ("chat: make the folder /var/lib/chat", "chat: replace /etc/chat")
    assert found.diff[-2:] == ("-old", "+new")
    assert preview([WEB, chat], seen("would 2 start it")).changes == ("chat: start it",)


def test_what_is_undone_stands_before_what_is_done() -> None:
    found = preview([WEB], seen("pending 7", "file 1 new /etc/web", "would 1 start web.service"))
    assert found.changes == (
        *("a change that nobody decided (7) is undone first", "web: write /etc/web"),
        "web: start web.service",
    )


def test_without_an_answer_nothing_is_known_though_the_program_ended_well() -> None:
    assert preview([WEB], Visit(Outcome("crtr", "ok", 0), None)) == Preview("crtr", unknown="ok")
    failed = seen("file 1 new /etc/web")._replace(outcome=Outcome("crtr", "failed", 1, reason="broke off"))
    assert preview([WEB], failed) == Preview("crtr", unknown="broke off")


def test_what_is_no_text_is_not_shown_as_one() -> None:
    found = preview([WEB], seen("file 1 changed /etc/web", "there 1 /w== /etc/web"))
    assert found.diff == ("/etc/web: no text",)


def test_what_the_node_says_it_would_do_stands_in_place_of_what_files_bring_about() -> None:
    found = preview([WEB], seen("file 1 changed /etc/web", "would 1 start web.service"))
    assert found.changes == ("web: replace /etc/web", "web: start web.service")


def test_without_a_changed_file_nothing_follows() -> None:
    always = WEB._replace(effects=[Effect(frozenset(), "restart web.service")])
    assert preview([always], seen()).changes == ()
