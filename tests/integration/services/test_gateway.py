"""The gateway on a node: real Caddies, the node's own program, and how a change of it can fail."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from stentor.fleet.model import Fleet, Node
from stentor.fleet.services import Services, Site
from stentor.services.gateway import gateway_items
from stentor.services.program import compose
from tests.web import CADDIES, Gateway, caddy_of
from tests.web import backends as backends

pytestmark = pytest.mark.integration
NODE = Node("gate", "gate", ("127.0.0.1",))
FLEET = Fleet("/f", {"gate": NODE}, {})


class World:
    """A node's program with a Caddy, run here."""

    def __init__(self, gateway: Gateway, home: Path, port: int) -> None:
        self.gateway = gateway
        self.home = home
        self.port = port
        self.number = 0
        self.ours = gateway.folder / "stentor.caddy"
        (home / "bin").mkdir(parents=True)
        (home / "bin/caddy").symlink_to(gateway.caddy)

    def run(self, verb: str, *names: str, program: str = "", **options: str) -> list[str]:
        """Run a verb with these web names; its lines."""
        sites = tuple(Site(name, "standard", f"localhost:{self.port}") for name in names)
        services = Services(sites, "127.0.0.1", gateway_nodes=("gate",), caddyfile=str(self.gateway.file))
        text = program or compose(gateway_items(services, NODE, FLEET), payload=True)
        words = ["sh", "-c", 'p=$(cat); eval "$p"', "stentor", verb]
        words += [f"{key}={value}" for key, value in options.items()]
        environ = {
            **self.gateway.environ, "HOME": str(self.home), "STENTOR_HOME": str(self.home),
            "PATH": f"{self.home}/bin:{os.environ['PATH']}",
        }  # fmt: skip
        done = subprocess.run(words, input=text, env=environ, capture_output=True, text=True, timeout=60)
        assert not done.stderr, done.stderr
        return done.stdout.splitlines()

    def deploy(self, *names: str) -> list[str]:
        self.number += 1
        return self.run("deploy", *names, op=str(self.number), window="30")

    def confirm(self, *names: str) -> list[str]:
        return self.run("confirm", *names, op=str(self.number))


@pytest.fixture(params=CADDIES)
def world(request: pytest.FixtureRequest, backends: Mapping[str, Any], tmp_path: Path) -> Iterator[World]:
    folder = tmp_path / "caddy"
    folder.mkdir()
    gateway = Gateway(caddy_of(request.param), folder)
    (folder / "stentor.caddy").write_text("# none\n")
    try:
        gateway.start(
            f"{gateway.options}mine.test {{\n\ttls internal\n\trespond mine\n}}\nimport stentor.caddy\n",
            "mine.test",
        )
        (folder / "stentor.caddy").unlink()
        yield World(gateway, tmp_path / "home", backends["plain"])
    finally:
        gateway.stop()


def test_names_are_served_after_a_deploy_and_not_after_it_is_taken_back(world: World) -> None:
    looked = world.run("look", "a.test")
    assert f"file 1 new {world.ours}" in looked
    said = world.deploy("a.test")
    assert "state applied" in said and "did 1 gateway" in said, said
    world.gateway.wait_for("a.test")
    world.gateway.wait_for("mine.test")
    assert world.confirm("a.test")[-2:] == ["state confirmed", "end 0"]
    assert [line for line in world.run("look", "a.test") if line.split()[0] in ("file", "would")] == []
    assert "state applied" in world.deploy("b.test")
    assert world.ours.read_text().count("b.test {") == 1
    assert "state reverted" in world.run("revert", "b.test", op="2")
    assert "a.test {" in world.ours.read_text()
    world.gateway.wait_for("a.test")
    left = sorted(path.name for path in world.gateway.folder.iterdir())
    assert left == ["Caddyfile", "log", "stentor.caddy", "store"] or "caddy" in left, left


def test_what_caddy_refuses_is_never_written(world: World) -> None:
    world.deploy("a.test")
    world.confirm("a.test")
    before = world.ours.read_text()
    said = world.deploy("mine.test")
    (failed,) = [line for line in said if line.startswith("failed")]
    assert failed.startswith("failed gateway: Caddy refuses it: "), failed
    assert "mine.test" in failed and failed.endswith("nothing was changed")
    assert ".stentor-new" not in failed
    assert world.ours.read_text() == before
    world.gateway.wait_for("mine.test")


def test_a_fault_of_the_users_own_file_is_named_with_its_line(world: World) -> None:
    world.gateway.file.write_text(world.gateway.file.read_text() + "broken.test {\n\tno_such_directive\n}\n")
    failed = world.deploy("a.test")[-2]
    assert "no_such_directive" in failed and f"{world.gateway.file}:" in failed, failed
    assert not world.ours.exists()


def test_a_caddyfile_without_the_import_is_left_alone(world: World) -> None:
    text = world.gateway.file.read_text()
    for other in ("", "import other.caddy\n", "import conf.d/*\n", "# import stentor.caddy\n"):
        world.gateway.file.write_text(text.replace("import stentor.caddy\n", other))
        (missing,) = [line for line in world.run("look", "a.test") if line.startswith("missing")]
        assert missing.endswith(
            "does not import stentor.caddy: add the line 'import stentor.caddy' at its end"
        )
        assert "nothing was changed" in world.deploy("a.test")[-2]
    world.gateway.file.write_text(text.replace("import stentor.caddy\n", "import *.caddy\n"))
    (world.gateway.folder / "other.caddy").write_text("other.test {\n\ttls internal\n\trespond 200\n}\n")
    assert "state applied" in world.deploy("a.test")
    world.gateway.wait_for("a.test")
    world.gateway.wait_for("other.test")
    world.confirm("a.test")
    failed = world.deploy("other.test")[-2]
    assert "other.test" in failed and "nothing was changed" in failed


def test_no_running_caddy_is_said_and_the_file_put_back(world: World) -> None:
    world.gateway.stop()
    said = world.deploy("a.test")
    (reverted,) = [line for line in said if line.startswith("reverted")]
    assert reverted == f"reverted gateway: no Caddy runs there with {world.gateway.file}"
    assert "{" not in world.ours.read_text()
    assert not any(line.startswith("left") for line in said), said


def test_a_change_behind_our_back_is_seen_and_reloaded(world: World) -> None:
    world.deploy("a.test")
    world.confirm("a.test")
    other = world.gateway.folder / "other"
    other.write_text(f"{world.gateway.options}x.test {{\n\ttls internal\n\trespond 200\n}}\n")
    words = [world.gateway.caddy, "reload", "--adapter", "caddyfile", "--config", str(other)]
    subprocess.run(words, env=world.gateway.environ, check=True, capture_output=True)
    would = [line for line in world.run("look", "a.test") if line.startswith("would")]
    assert would == [
        f"would 1 reload caddy: it runs with another configuration than {world.gateway.file} has"
    ]
    assert "state applied" in world.deploy("a.test")
    world.gateway.wait_for("a.test")


def test_an_older_caddy_that_shares_the_port_is_named_and_the_change_taken_back(
    world: World, tmp_path: Path
) -> None:
    folder = tmp_path / "older"
    folder.mkdir()
    older = Gateway(world.gateway.caddy, folder, port=world.gateway.port)
    older.start(f"{older.options}old.test {{\n\ttls internal\n\trespond 200\n}}\n")
    older.wait_for("old.test")
    try:
        said = world.deploy("a.test")
        (reverted,) = [line for line in said if line.startswith("reverted")]
        assert f"gateway: port {world.gateway.port} is shared by caddy (pid " in reverted
        assert " and caddy (pid " in reverted
        assert "{" not in world.ours.read_text()
        assert not any(line.startswith("left") for line in said), said
    finally:
        older.stop()
