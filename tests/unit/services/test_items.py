"""Services as items: files, and the lines of sh which bring them into effect."""

from __future__ import annotations

import subprocess
from hashlib import sha256

import pytest

from stentor.fleet.service import Folder, Put, Service
from stentor.services.compose_file import forced, texts
from stentor.services.items import arguments, item_of
from stentor.services.program import compose

CHAT = Service(
    "chat",
    "container",
    ("crtr",),
    ports=(8082,),
    bind="127.0.0.1",
    image="example/chat:1",
    container="chat",
    environment={"NAME": "it's"},
    volumes=("/srv/chat:/data",),
    restart="on-failure",
)


def test_a_container_is_created_with_what_the_file_says() -> None:
    assert arguments(CHAT) == [
        "--name", "chat", "--label", "stentor.service=chat", "--restart", "on-failure",
        "--publish", "127.0.0.1:8082:8082", "--volume", "/srv/chat:/data", "--env-file", "/dev/stdin",
        "example/chat:1",
    ]  # fmt: skip


def test_ports_are_published_by_address_family_and_not_at_all_on_the_hosts_network() -> None:
    assert "[::1]:8082:8082" in arguments(CHAT._replace(bind="::1"))
    assert "8082:8082" in arguments(CHAT._replace(bind=""))
    assert "--publish" not in arguments(CHAT._replace(network="host"))


def test_a_container_is_another_one_when_its_options_or_files_change() -> None:
    def digest(service: Service, data: bytes = b"one") -> str:
        service = service._replace(files=(Put("/etc/chat", "chat"),))
        return item_of(service, {"/etc/chat": data}).current

    same = digest(CHAT)
    assert digest(CHAT) == same
    assert digest(CHAT, b"two") != same
    assert digest(CHAT._replace(bind="")) != same
    assert digest(CHAT._replace(environment={"NAME": "hers"})) != same


def test_values_of_variables_are_no_arguments() -> None:
    """Every account of a node can read the arguments of its processes."""
    lines = item_of(CHAT, {}).apply.splitlines()
    assert lines[0] == "container_env='NAME=it'\\''s'"
    assert "NAME" not in lines[1]


def test_nothing_is_written_of_what_shall_be_absent() -> None:
    service = Service(
        "x",
        "systemd",
        unit="x.service",
        state="absent",
        files=(Put("/etc/x", "x"),),
        data=(Folder("/srv/x"),),
    )
    item = item_of(service, {})
    assert [(file.path, file.data, file.digest) for file in item.files] == [("/etc/x", None, "")]
    assert item.folders == ()


def test_a_check_of_the_users_is_a_shell_of_its_own() -> None:
    item = item_of(Service("x", "systemd", unit="x.service", check="exit 'no'"), {})
    assert item.prove == "unit_prove x.service running '' && sh -c 'exit '\\''no'\\'''"


COMPOSE = b"""
services:
  plain: {image: a}
  conf: {image: a, configs: [c]}
  secret: {image: a, secrets: [s]}
  mounts: {image: a, volumes: ["./conf:/conf:ro"]}
  above: {image: a, volumes: [{type: bind, source: ., target: /all}]}
  named: {image: a, volumes: ["data:/data"]}
  other: {image: a, volumes: ["/srv/other:/data"]}
  computed: {image: a, volumes: ["${PLACE}:/data"]}
  partly: {image: a, volumes: ["/opt/${PLACE:-web}/conf:/data"]}
  default: {image: a, volumes: ["${PLACE:-./conf}:/data"]}
  volume: {image: a, volumes: ["data_${PLACE:-x}:/data"]}
  device: {image: a, volumes: ["disk:/data"]}
  same: {extends: mounts}
  tagged: {image: a, volumes: !override ["./conf:/conf"]}
volumes:
  data:
  disk: {driver: local, driver_opts: {type: none, o: bind, device: /opt/web}}
"""
RECREATED = ["conf", "secret", "mounts", "above", "computed", "partly", "default", "device", "same", "tagged"]


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        (COMPOSE, (), RECREATED),
        (COMPOSE, ("plain", "mounts"), ["mounts"]),
        (None, (), []),
        (b"services: [", (), []),
        (b"- a", (), []),
        (b"services: {a: null, b: {volumes: 3}}", (), []),
    ],
)
def test_parts_that_use_files_are_recreated(
    text: bytes | None, parts: tuple[str, ...], expected: list[str]
) -> None:
    assert forced(text, parts, "/opt/web", ["/opt/web/conf"]) == expected


CONTENT = b"""
services:
  a: {image: x, configs: [plain, {source: escaped, target: /etc/conf}, computed, {source: file}]}
  b: {image: x, configs: [plain]}
configs:
  plain: {content: one}
  escaped: {content: "$$HOME"}
  computed: {content: "${HOME}"}
  file: {file: ./conf}
"""


@pytest.mark.parametrize(
    ("text", "parts", "expected"),
    [
        (CONTENT, (), [("a", "/plain", "one"), ("a", "/etc/conf", "$HOME"), ("b", "/plain", "one")]),
        (CONTENT, ("b",), [("b", "/plain", "one")]),
        (None, (), []),
        (b"services: [", (), []),
        (b"{services: {a: {configs: 3}}, configs: {c: null}}", (), []),
    ],
)
def test_texts_of_the_compose_file_are_known(
    text: bytes | None, parts: tuple[str, ...], expected: list[tuple[str, str, str]]
) -> None:
    wanted = [(part, path, sha256(said.encode()).hexdigest()) for part, path, said in expected]
    assert list(texts(text, parts)) == wanted


@pytest.mark.parametrize(
    "service",
    [
        CHAT._replace(
            files=(Put("/etc/it's", "a"), Put("/etc/b c", "b", secret=True)), data=(Folder("/srv/a b"),)
        ),
        Service("u@1", "systemd", unit="u@1.service", ports=(1, 2), files=(Put("/etc/u", "u"),)),
        Service("p", "compose", project="p", compose_file="/opt/p/compose.yaml", parts=("a", "b")),
    ],
)
def test_the_program_is_good_sh(service: Service) -> None:
    contents = {put.path: b"\0\xff'" for put in service.files}
    text = compose([item_of(service, contents)], payload=True)
    assert subprocess.run(["sh", "-n"], input=text.encode(), check=False).returncode == 0
