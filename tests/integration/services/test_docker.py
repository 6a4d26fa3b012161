"""Containers and compose projects by a real Docker engine: deployed, proved, and put back on failure."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import socket
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from stentor.api.fleet import Fleet
from stentor.web.app import make_app
from stentor.web.service import Service
from stentor.web.settings import Settings
from stentor.web.store import Grant
from tests.docker import Engine, engine
from tests.support import free_port

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SERVE = "exec httpd -f -p 127.0.0.1:{port} -h {folder}"


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    made = engine(tmp_path_factory.mktemp("docker"))
    made.image("base:1", "sleep 100000")
    made.image("dies:1", "sleep 5; echo 'out of luck'; exit 3")
    try:
        yield made
    finally:
        made.stop()


class Here:
    """A fleet of this machine alone, and the engine on it."""

    def __init__(self, docker: Engine, stentor: Any, environ: dict[str, str], place: Path) -> None:
        self.docker = docker
        self.stentor = stentor
        self.place = place
        self.fleet = place / "ssot"
        self.opt = place / "opt"
        self.fleet.mkdir()
        name = os.uname().nodename
        (self.fleet / "nodes.yaml").write_text(f"nodes: {{{json.dumps(name)}: {{address: 127.0.0.1}}}}\n")
        self.node = name
        environ.update(docker.environ, STENTOR_FLEET=str(self.fleet))
        self.port = free_port()

    def write(self, **keys: Any) -> None:
        entry = {"node": self.node, "port": self.port, "bind": "127.0.0.1", "settle": "1s", **keys}
        (self.fleet / "services.yaml").write_text(json.dumps({"services": {"web": entry}}))

    def container(self, text: str = "one", **keys: Any) -> None:
        """A container with a page that is a file of the fleet's."""
        (self.fleet / "page").write_text(text)
        folder = self.opt / "www"
        command = ["sh", "-c", SERVE.format(port=self.port, folder="/www")]
        self.write(**{
            "type": "docker", "image": "base:1", "network": "host", "command": command,
            "volumes": [f"{folder}:/www:ro"], "files": {f"{folder}/index.html": "page"}, **keys,
        })  # fmt: skip

    def project(self, *, word: str = "one", page: str = "one", image: str = "base:1", **keys: Any) -> None:
        """Two containers: one with an env_file, a config and a mounted file, one without any."""
        told = "echo $$WORD >/tmp/index.html; cat /conf >>/tmp/index.html; cat /page >>/tmp/index.html; "
        compose = {
            "services": {
                "a": {
                    "image": image, "network_mode": "host", "init": True, "env_file": "web.env",
                    "command": ["sh", "-c", told + SERVE.format(port=self.port, folder="/tmp")],
                    "configs": [{"source": "conf", "target": "/conf"}], "volumes": ["./page:/page:ro"],
                },
                "b": {"image": "base:1", "network_mode": "host", "init": True},
            },
            "configs": {"conf": {"file": "./conf"}},
        }  # fmt: skip
        (self.fleet / "compose.yaml").write_text(json.dumps(compose))
        (self.fleet / "web.env").write_text(f"WORD={word}\n")
        (self.fleet / "page").write_text(f"{page}\n")
        (self.fleet / "conf").write_text(f"{keys.pop('conf', 'one')}\n")
        folder = str(self.opt / "web")
        files = {f"{folder}/page": "page", f"{folder}/conf": "conf"}
        self.write(**{
            "type": "docker-compose", "compose_file": "compose.yaml", "env_file": "web.env", "folder": folder,
            "files": files, **keys,
        })  # fmt: skip

    def deploy(self) -> Any:
        return self.stentor("services", "deploy", "@all", "--yes", "--short", timeout=120)

    def answer(self) -> list[str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/index.html", timeout=5) as page:
            return page.read().decode().split()  # type: ignore[no-any-return]

    def seen(self) -> tuple[str, dict[str, str]]:
        """What runs (by image and command, not by id), and every file."""
        form = "{{.Names}} {{.Image}} {{.State}} {{.Command}}"
        files = {str(path): path.read_text() for path in sorted(self.opt.rglob("*")) if path.is_file()}
        return "\n".join(sorted(self.docker("ps", "-a", "--format", form).splitlines())), files


@pytest.fixture
def here(docker: Engine, stentor: Any, environ: dict[str, str], tmp_path: Path) -> Iterator[Here]:
    made = Here(docker, stentor, environ, tmp_path)
    yield made
    docker.clean()


def test_a_container_is_deployed_once_and_taken_back(here: Here) -> None:
    here.container()
    assert here.stentor("services", "plan", "--short").stdout.splitlines()[1:] == [
        f"  web: write {here.opt}/www/index.html",
        "  web: create container web from base:1",
    ]
    assert here.deploy().code == 0
    assert here.answer() == ["one"]
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n"
    first = here.docker("inspect", "-f", "{{.ID}}", "web")
    assert here.deploy().code == 0
    assert here.docker("inspect", "-f", "{{.ID}}", "web") == first
    assert here.stentor("services", "status").code == 0
    here.container("two")
    assert here.deploy().code == 0
    assert here.answer() == ["two"]
    done = here.stentor("services", "rollback", here.node, "--yes")
    assert done.code == 0, done
    assert here.answer() == ["one"]
    assert here.docker("inspect", "-f", "{{.ID}}", "web") == first


def test_a_name_is_neither_the_beginning_of_an_id_nor_an_image(here: Here, docker: Engine) -> None:
    """Docker takes it for both, where no container has it."""
    foreign = docker("run", "-d", "--network", "host", "base:1")
    name = foreign[:2]
    docker("tag", "base:1", f"{name}:latest")
    about = {"node": here.node, "type": "docker", "image": "base:1", "network": "host", "settle": "0s"}

    def write(**keys: str) -> None:
        entry = {**about, "container_name": name, **keys}
        (here.fleet / "services.yaml").write_text(json.dumps({"services": {"web": entry}}))

    write()
    assert here.stentor("services", "logs", "web").code == 1
    assert here.stentor("services", "stop", "web", "--yes").code == 1
    assert f"web: create container {name} from base:1" in here.stentor("services", "plan").stdout
    write(check="false")
    assert here.deploy().code == 1
    assert docker("ps", "-aq", "--no-trunc") == foreign
    write()
    assert here.deploy().code == 0
    assert here.stentor("services", "exec", "web", "cat", "/text").stdout == "hello"
    write(status="absent")
    assert here.deploy().code == 0
    assert docker("ps", "-q", "--no-trunc") == foreign
    docker("rmi", f"{name}:latest")


def test_a_plan_asks_docker_once_about_everything(here: Here, environ: dict[str, str]) -> None:
    plain = {"node": here.node, "type": "docker", "image": "base:1", "network": "host", "settle": "0s"}
    (here.fleet / "services.yaml").write_text(
        json.dumps({"services": dict.fromkeys(("web", "mail", "chat"), plain)})
    )
    assert here.deploy().code == 0
    asked = here.place / "asked"
    shim = here.place / "bin" / "docker"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\necho "$1" >>{asked}\nexec {shutil.which("docker")} "$@"\n')
    shim.chmod(0o755)
    environ["PATH"] = f"{shim.parent}:{environ['PATH']}"
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n"
    assert asked.read_text().split() == ["ps", "inspect", "image"]
    asked.unlink()
    assert here.stentor("services", "status").code == 0
    assert asked.read_text().split() == ["ps", "inspect"]


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (
            {"image": "127.0.0.1:9/no-such-image:1"},
            "web: the image 127.0.0.1:9/no-such-image:1 cannot be pulled: ",
        ),
        ({"image": "dies:1", "command": [], "settle": "7s"}, "out of luck"),
        ({"command": ["sh", "-c", "sleep 1000"]}, "nothing listens on port"),
        ({"command": ["/bin/no-such-program"]}, "no-such-program"),
        ({"check": "echo 'no answer' >&2; false"}, "no answer"),
    ],
    ids=["bad-image", "dies-after-five-seconds", "does-not-listen", "no-program", "check"],
)
def test_a_container_that_fails_is_put_back(here: Here, keys: dict[str, Any], reason: str) -> None:
    here.container()
    assert here.deploy().code == 0
    before = here.seen()
    here.container("two", **keys)
    done = here.deploy()
    assert done.code == 1, done
    assert f"{here.node}: failed: reverted: " in done.stdout
    assert reason in done.stdout
    assert here.seen() == before
    assert here.answer() == ["one"]


def test_a_port_that_is_taken_is_no_success(here: Here) -> None:
    """Another process answers there: a request would be no proof."""
    with socket.create_server(("127.0.0.1", here.port)):
        here.container(command=["sh", "-c", "sleep 1000"])
        done = here.deploy()
    assert done.code == 1, done
    assert f"port {here.port} belongs to process " in done.stdout
    assert here.seen() == ("", {})


def saved_image(name: str, machine: str) -> bytes:
    """An image without any file, as 'docker save' writes it."""
    layer = bytes(10240)  # a tar that is at its end
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{sha256(layer).hexdigest()}"]}
    config = {"architecture": machine, "os": "linux", "rootfs": rootfs, "config": {}}
    manifest = [{"Config": "config", "RepoTags": [name], "Layers": ["layer"]}]
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as tar:
        for member, data in (("config", config), ("manifest.json", manifest), ("layer", layer)):
            content = data if isinstance(data, bytes) else json.dumps(data).encode()
            about = tarfile.TarInfo(member)
            about.size = len(content)
            tar.addfile(about, io.BytesIO(content))
    return written.getvalue()


def test_an_image_for_other_machines_is_seen_in_the_plan(here: Here, docker: Engine) -> None:
    docker("load", stdin=saved_image("foreign:1", "s390x"))
    for write in (here.container, here.project):
        write(image="foreign:1")
        plan = here.stentor("services", "plan")
        assert "web: the image foreign:1 is for s390x, and docker there runs " in plan.stdout
    assert here.deploy().code == 6
    assert here.seen() == ("", {})


def test_a_project_is_deployed_and_only_what_changed_is_recreated(here: Here) -> None:
    here.project()
    done = here.deploy()
    assert done.code == 0, done
    assert here.answer() == ["one", "one", "one"]
    first = here.docker("inspect", "-f", "{{.ID}}", "web-b-1")
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n"
    changes: list[tuple[dict[str, Any], list[str]]] = [
        ({"word": "two"}, ["two", "one", "one"]),
        ({"conf": "two"}, ["one", "two", "one"]),
        ({"page": "two"}, ["one", "one", "two"]),
    ]
    for changed, answer in changes:
        here.project(**changed)
        drift = here.stentor("services", "status")
        assert "differs from the fleet" in drift.stdout
        assert here.deploy().code == 0
        assert here.answer() == answer
        assert here.stentor("services", "status").code == 0
    assert here.docker("inspect", "-f", "{{.ID}}", "web-b-1") == first
    here.project(word="two")
    (here.fleet / "compose.yaml").write_text((here.fleet / "compose.yaml").read_text().replace("init", "tty"))
    plan = here.stentor("services", "plan", "--short").stdout
    assert "  web: recreate container web-b-1: its configuration differs from that in its label" in plan


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        ({"image": "127.0.0.1:9/no-such-image:1"}, "127.0.0.1:9"),
        ({"check": "false"}, "exit code 1"),
        ({"word": "two", "check": "echo no >&2; exit 1"}, "no"),
    ],
    ids=["bad-image", "check", "env-file"],
)
def test_a_project_that_fails_is_put_back(here: Here, keys: dict[str, Any], reason: str) -> None:
    here.project()
    assert here.deploy().code == 0
    before, id_of_b = here.seen(), here.docker("inspect", "-f", "{{.ID}}", "web-b-1")
    here.project(**{"page": "two", **keys})
    done = here.deploy()
    assert done.code == 1, done
    assert reason in done.stdout
    assert here.seen() == before
    assert here.answer() == ["one", "one", "one"]
    assert here.docker("inspect", "-f", "{{.ID}}", "web-b-1") == id_of_b


def test_an_invalid_compose_file_is_found_before_anything_starts(here: Here) -> None:
    here.project()
    assert here.deploy().code == 0
    before = here.seen()
    (here.fleet / "compose.yaml").write_text('{"services": {"a": {"imge": "base:1"}}}')
    done = here.deploy()
    assert done.code == 1, done
    assert "imge" in done.stdout
    assert here.seen() == before
    assert here.answer() == ["one", "one", "one"]


def test_an_image_that_moved_under_its_tag_comes_back(here: Here, docker: Engine) -> None:
    docker.image("moving:1", "sleep 100000")
    before = docker("image", "inspect", "-f", "{{.Id}}", "moving:1")
    here.project(image="moving:1")
    assert here.deploy().code == 0
    docker.image("moving:1", "sleep 100000", text="newer")
    assert "moving:1 is another image now" in here.stentor("services", "plan").stdout
    here.project(image="moving:1", check="false")
    assert here.deploy().code == 1
    assert docker("image", "inspect", "-f", "{{.Id}}", "moving:1") == before
    assert docker("inspect", "-f", "{{.Image}}", "web-a-1") == before
    assert here.answer() == ["one", "one", "one"]


def test_off_stops_and_absent_removes(here: Here) -> None:
    here.project()
    assert here.deploy().code == 0
    here.project(status="off")
    assert here.deploy().code == 0
    assert here.docker("ps", "-q") == ""
    assert here.docker("ps", "-aq") != ""
    assert here.stentor("services", "status").code == 0
    here.project(status="absent")
    assert here.deploy().code == 0
    assert here.seen() == ("", {})


def test_logs_exec_and_restart(here: Here) -> None:
    here.project()
    assert here.deploy().code == 0
    say = here.stentor
    assert say("services", "exec", "--part", "a", "web", "cat /conf").stdout == "one\n"
    first = here.docker("inspect", "-f", "{{.State.StartedAt}}", "web-a-1")
    assert say("services", "restart", "web", timeout=120).code == 0
    assert here.docker("inspect", "-f", "{{.State.StartedAt}}", "web-a-1") != first
    assert say("services", "stop", "web", "--yes", timeout=120).code == 0
    status = say("services", "status")
    assert status.code == 1
    assert "web: container web-a-1 is exited" in status.stdout
    assert say("services", "start", "web", timeout=120).code == 0
    assert say("services", "logs", "web").code == 0


class Operator:
    """Somebody at the page of a fleet, who is signed in."""

    def __init__(self, browser: TestClient, service: Service) -> None:
        self.browser = browser
        self.service = service
        grant = Grant("ann", "operator", time.time() + 600)
        browser.cookies.set("stentor", service.gate.sessions.add(grant).secret)

    def press(self, page: str) -> tuple[int, str]:
        """Press the button of a plan, and wait for the end; return the code, and the page that follows."""
        form = page.partition('action="/do"')[2].partition("</form>")[0]
        fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form)
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        answer = self.browser.post("/do", data=data)
        if answer.status_code != 303:
            return answer.status_code, answer.text
        where = answer.headers["location"]
        job = self.service.operations.job(int(where.rpartition("/")[2]))
        assert job
        assert job.over.wait(120)
        return 303, self.browser.get(where).text


@pytest.fixture
def operator(here: Here, environ: dict[str, str]) -> Iterator[Operator]:
    here.container()
    service = Service(Fleet.open(str(here.fleet), environ={**os.environ, **environ}), Settings())
    app = make_app(service, working=False)
    with TestClient(
        app, base_url="http://127.0.0.1", client=("127.0.0.1", 1), follow_redirects=False
    ) as browser:
        yield Operator(browser, service)


def test_from_the_page_exactly_what_its_plan_has_shown(here: Here, operator: Operator) -> None:
    page = operator.browser.get("/plan?do=deploy&service=web").text
    assert "create container web from base:1" in page
    assert not here.opt.exists()
    here.container("two")
    code, said = operator.press(page)
    assert code == 409
    assert "have changed since the plan" in said
    assert not here.opt.exists()
    code, said = operator.press(operator.browser.get("/plan?do=deploy&service=web").text)
    assert (code, "1 ok" in said) == (303, True), said
    assert here.answer() == ["two"]
    assert "every node that answered has it" in operator.browser.get("/plan?do=deploy&service=web").text
    first = here.docker("inspect", "-f", "{{.State.StartedAt}}", "web")
    code, said = operator.press(operator.browser.get(f"/plan?do=restart&service=web&on={here.node}").text)
    assert (code, "1 ok" in said) == (303, True), said
    assert here.docker("inspect", "-f", "{{.State.StartedAt}}", "web") != first
    kinds = [
        record.kind for record in Fleet.open(str(here.fleet), environ=operator.service.environ).history()
    ]
    assert sorted(kinds) == ["services deploy", "services restart"]
