"""What containers have within: texts of the compose file, mounted files, variables, and their own health."""

from __future__ import annotations

import json
import os
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.docker import Engine
from tests.integration.services.test_docker import SERVE, Here
from tests.integration.services.test_docker import docker as docker
from tests.integration.services.test_docker import here as here

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SAY = "cat /etc/conf >/tmp/index.html; exec httpd -f -p 127.0.0.1:{port} -h /tmp"


def project(here: Here, text: str, **keys: Any) -> None:
    """A project whose page is a text of the compose file itself."""
    compose = {
        "services": {
            "a": {
                "image": "base:1", "network_mode": "host", "init": True,
                "command": ["sh", "-c", SAY.format(port=here.port)],
                "configs": [{"source": "conf", "target": "/etc/conf"}],
            },
        },
        "configs": {"conf": {"content": text}},
    }  # fmt: skip
    (here.fleet / "compose.yaml").write_text(json.dumps(compose))
    here.write(type="docker-compose", compose_file="compose.yaml", folder=str(here.opt / "web"), **keys)


def test_a_text_of_the_compose_file_is_in_the_running_container(here: Here) -> None:
    project(here, "one")
    assert here.deploy().code == 0
    assert here.answer() == ["one"]
    project(here, "two $$HOME")
    done = here.deploy()
    assert done.code == 0, done
    assert here.answer() == ["two", "$HOME"]
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n"
    project(here, "three", check="false")
    assert here.deploy().code == 1
    assert here.answer() == ["two", "$HOME"]


def test_a_container_that_somebody_left_with_an_earlier_text_is_made_again(here: Here) -> None:
    project(here, "one")
    assert here.deploy().code == 0
    project(here, "two")
    file = here.opt / "web" / "compose.yaml"
    file.write_text((here.fleet / "compose.yaml").read_text())  # put there by hand, and nothing was recreated
    plan = here.stentor("services", "plan", "--short").stdout
    assert "  web: recreate container web-a-1: it has an earlier text of /etc/conf\n" in plan
    status = here.stentor("services", "status")
    assert status.code == 1
    assert "/etc/conf: the container web-a-1 has an earlier text" in status.stdout
    assert here.deploy().code == 0
    assert here.answer() == ["two"]
    assert here.stentor("services", "status").code == 0


@pytest.mark.parametrize("kind", ["container", "project"])
def test_a_file_that_was_replaced_on_the_node_is_noticed(here: Here, kind: str) -> None:
    """A mounted file stays what it was when the container started, whoever replaces it."""
    if kind == "project":
        here.project()
        path, name = here.opt / "web" / "page", "web-a-1"
    else:
        path = here.opt / "www" / "index.html"
        here.container(volumes=[f"{path}:/www/index.html:ro"])
        name = "web"
    assert here.deploy().code == 0
    text = path.read_text()
    replace(path, "other\n")
    assert here.docker("restart", "-t", "0", name) == name  # it has that text now
    replace(path, text)
    plan = here.stentor("services", "plan", "--short").stdout
    assert f"  web: recreate container {name}: it has an earlier text of {path}\n" in plan
    assert f"{path}: the container {name} has an earlier text" in here.stentor("services", "status").stdout
    assert here.deploy().code == 0
    assert here.answer()[-1] == text.strip()
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n"


def replace(path: Path, text: str) -> None:
    """As editors and git do it."""
    (path.parent / "new").write_text(text)
    os.replace(path.parent / "new", path)


def test_variables_are_in_the_container_and_in_no_arguments(here: Here) -> None:
    value = f"hush{os.urandom(8).hex()}"
    page = 'echo "$KEY|$EMPTY|$SPACED" >/tmp/index.html; '
    here.container(
        command=["sh", "-c", page + SERVE.format(port=here.port, folder="/tmp")],
        volumes=[], files={}, environment={"KEY": value, "EMPTY": "", "SPACED": "x= y #z"},
    )  # fmt: skip
    seen: list[str] = []
    stop = threading.Event()
    watch = threading.Thread(target=arguments, args=(value, seen, stop))
    watch.start()
    done = here.deploy()
    stop.set()
    watch.join()
    assert done.code == 0, done
    assert " ".join(here.answer()) == f"{value}||x= y #z"
    assert seen == []


def arguments(value: str, seen: list[str], stop: threading.Event) -> None:
    """Look at the arguments of every process, as any account can."""
    while not stop.is_set():
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                said = path.read_bytes()
            except OSError:
                continue
            if value.encode() in said:
                seen.append(said.replace(b"\0", b" ").decode())
        time.sleep(0.002)


HEALTH = {"interval": "1s", "retries": 1, "start_period": "0s"}


@pytest.mark.parametrize(
    ("test", "reason"),
    [
        ("test -e /text", ""),
        ("sleep 3; test -e /text", ""),
        ("echo 'no database'; exit 1", "the container web-a-1 is not healthy: no database"),
    ],
    ids=["healthy", "starting", "unhealthy"],
)
def test_what_a_container_says_of_its_health_counts(here: Here, test: str, reason: str) -> None:
    here.project()
    assert here.deploy().code == 0
    before = here.seen()
    here.project(word="two", settle="0s")
    file = here.fleet / "compose.yaml"
    compose = json.loads(file.read_text())
    compose["services"]["a"]["healthcheck"] = {"test": ["CMD-SHELL", test], "timeout": "8s", **HEALTH}
    file.write_text(json.dumps(compose))
    done = here.deploy()
    assert done.code == (1 if reason else 0), done
    assert reason in done.stdout
    if reason:
        assert here.seen() == before
    else:
        health = here.docker("inspect", "-f", "{{.State.Health.Status}}", "web-a-1")
        assert health == "healthy", "it waits for the first answer"
        assert here.answer()[0] == "two"


def test_a_container_that_is_not_healthy_is_shown(here: Here, docker: Engine) -> None:
    here.container(settle="0s")
    assert here.deploy().code == 0
    subprocess.run(
        ["docker", "rm", "-f", "web"], env={**os.environ, **docker.environ}, check=True, capture_output=True
    )
    options = ["--health-cmd", "exit 1", "--health-interval", "1s", "--health-retries", "1"]
    docker("run", "-d", "--name", "web", "--network", "host", *options, "base:1")
    until = time.monotonic() + 60
    while docker("inspect", "-f", "{{.State.Health.Status}}", "web") != "unhealthy":
        assert time.monotonic() < until
        time.sleep(0.2)
    status = here.stentor("services", "status")
    assert status.code == 1
    assert "running (unhealthy)" in status.stdout
    assert "container web is not healthy" in status.stdout
