"""A Docker engine that is killed in the middle of a deploy, and started again as systemd does it."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.integration.services.test_docker import Here
from tests.integration.services.test_docker import docker as docker
from tests.integration.services.test_docker import here as here

pytestmark = [pytest.mark.integration, pytest.mark.timeout(300)]

SHIM = """#!/bin/sh
case "$*" in
  {pattern}) if mkdir {once} 2>/dev/null; then kill -KILL "$(cat {pid})"; sleep 0.2; : >{gone}; fi ;;
esac
exec {docker} "$@"
"""


@contextmanager
def killed(here: Here, environ: dict[str, str], pattern: str, *, again: bool = True) -> Iterator[Path]:
    """Kill dockerd before the first command that looks so; start it again a moment later."""
    folder = here.place / "bin"
    folder.mkdir()
    gone, pid = here.place / "gone", here.docker.place / "daemon"
    real = shutil.which("docker")
    text = SHIM.format(pattern=pattern, once=here.place / "once", pid=pid, gone=gone, docker=real)
    (folder / "docker").write_text(text)
    (folder / "docker").chmod(0o755)
    path = environ["PATH"]
    environ["PATH"] = f"{folder}:{path}"
    ended = threading.Event()

    def watch() -> None:
        while not gone.exists():
            if ended.wait(0.05):
                return
        here.docker.process.wait(30)
        if again and not ended.wait(2):
            here.docker.start()

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield gone
    finally:
        environ["PATH"] = path
        ended.set()
        thread.join()
        if here.docker.process.poll() is not None:
            here.docker.start()


@pytest.mark.parametrize(
    ("kind", "pattern"),
    [
        ("container", "ps*--filter*"),
        ("container", "stop*"),
        ("container", "rename*"),
        ("container", "create*"),
        ("container", "start*"),
        ("project", "ps*--filter*"),
        ("project", "compose*up*--detach*--quiet-pull*"),
    ],
)
def test_a_deploy_leaves_one_of_the_two_states(
    here: Here, environ: dict[str, str], kind: str, pattern: str
) -> None:
    def write(page: str) -> None:
        if kind == "container":
            here.container(page, restart="always")
        else:
            here.project(page=page)
            file = here.fleet / "compose.yaml"
            file.write_text(file.read_text().replace('"init": true', '"init": true, "restart": "always"'))

    write("one")
    assert here.deploy().code == 0
    before, names = here.seen(), here.docker("ps", "-a", "--format", "{{.Names}}")
    write("two")
    with killed(here, environ, pattern) as gone:
        done = here.deploy()
        assert gone.exists(), "the engine was killed"
    assert here.docker("ps", "-a", "--format", "{{.Names}}") == names, done
    if done.code:
        assert "Docker daemon" in done.stdout or "not answer" in done.stdout, done
        assert here.seen()[1] == before[1], done
        write("one")
    assert here.stentor("services", "plan").stdout == f"{here.node}: up to date\n", done


def test_what_cannot_be_put_back_is_said(here: Here, environ: dict[str, str]) -> None:
    here.container("one", restart="always")
    assert here.deploy().code == 0
    here.container("two", restart="always")
    with killed(here, environ, "create*", again=False):
        done: Any = here.deploy()
    assert done.code == 1
    assert "partly reverted (web" in done.stdout, done
    here.docker("ps", "-a")


def test_an_engine_that_does_not_answer_is_not_an_engine_without_containers(
    here: Here, environ: dict[str, str]
) -> None:
    here.container("one", restart="always")
    assert here.deploy().code == 0
    here.container("one", status="off")
    with killed(here, environ, "ps*--filter*", again=False):
        assert here.deploy().code == 1
    assert here.docker("ps", "-a", "--format", "{{.Names}}") == "web"
