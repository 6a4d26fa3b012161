"""A Docker engine of the tests' own, with compose v2 and images made of what this machine has. Needs root."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.support import lacking, need, need_root

COMPOSE = "docker-compose"
# Debian 12 has compose v1 only; the plugin of Debian 13 runs on its libc as well.
SUITE = (
    "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian trixie main"
)
# What dockerd says where it has not the rights that an engine needs: a container within another, say.
_FORBIDDEN = ("operation not permitted", "permission denied", "cgroup", "read-only file system")
_PLACES = (
    "/usr/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins",
    "/usr/local/lib/docker/cli-plugins",
)


class Engine:
    """A dockerd with its own data and socket; its containers use this machine's network.

    Args:
        place: an empty folder, which goes with the test.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        self.socket = place / "docker.sock"
        plugins = place / "config" / "cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / COMPOSE).symlink_to(compose_plugin())
        self.environ = {"DOCKER_HOST": f"unix://{self.socket}", "DOCKER_CONFIG": str(place / "config")}
        # By itself, as Debian has it: dockerd may be killed and started again.
        address = place / "containerd.sock"
        words = ["containerd", "--root", str(place / "lib"), "--state", str(place / "run")]
        words += ["--address", str(address), "--config", "/dev/null"]
        with open(place / "containerd.log", "wb") as log:
            self.containerd = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        """Start dockerd, also again where it was killed."""
        place = self.place
        words = [
            "dockerd", "--data-root", str(place / "data"), "--exec-root", str(place / "exec"),
            "--pidfile", str(place / "pid"), "--host", f"unix://{self.socket}", "--bridge", "none",
            "--iptables=false", "--ip-forward=false", "--storage-driver", "vfs",
            "--containerd", str(place / "containerd.sock"),
        ]  # fmt: skip
        with open(place / "log", "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, start_new_session=True)
        (place / "daemon").write_text(f"{self.process.pid}\n")
        end = time.monotonic() + 60
        while subprocess.run(["docker", "version"], env=self._environ(), capture_output=True).returncode:
            if self.process.poll() is not None or time.monotonic() > end:
                said = (place / "log").read_text()[-2000:]
                if any(word in said.lower() for word in _FORBIDDEN):
                    pytest.skip(f"this machine's kernel lets no Docker engine run: {said.splitlines()[-1]}")
                raise AssertionError(f"dockerd does not run: {said}")
            time.sleep(0.1)
        return self.process

    def _environ(self) -> dict[str, str]:
        return {**os.environ, **self.environ}

    def __call__(self, *words: str, check: bool = True, stdin: bytes | None = None) -> str:
        """Run docker; return what it wrote."""
        done = subprocess.run(
            ["docker", *words], env=self._environ(), input=stdin, capture_output=True, check=False
        )
        assert not check or done.returncode == 0, (words, done.stderr.decode())
        return done.stdout.decode().strip()

    def image(self, name: str, command: str, text: str = "hello") -> None:
        """Make an image of busybox whose command is a line of sh, with a file ``/text``."""
        root = self.place / "root"
        shutil.rmtree(root, ignore_errors=True)
        for folder in ("bin", "tmp", "etc"):
            (root / folder).mkdir(parents=True)
        shutil.copy("/bin/busybox", root / "bin")
        for applet in ("sh", "cat", "sleep", "echo", "httpd", "false", "true"):
            (root / "bin" / applet).symlink_to("busybox")
        (root / "text").write_text(text)
        packed = subprocess.run(["tar", "-C", str(root), "-c", "."], capture_output=True, check=True).stdout
        words = '", "'.join(["/bin/sh", "-c", command])
        self("import", "--change", f'CMD ["{words}"]', "-", name, stdin=packed)

    def clean(self) -> None:
        """Remove every container."""
        if found := self("ps", "-aq").split():
            self("rm", "-f", *found)

    def stop(self) -> None:
        """End it with all that it runs."""
        self.clean()
        for process in (self.process, self.containerd):
            process.terminate()
            process.wait(30)
        # dockerd leaves the network of containers that used this machine's mounted, and its data if killed.
        for mounted in (*(self.place / "exec" / "netns").glob("*"), self.place / "data"):
            subprocess.run(["umount", str(mounted)], capture_output=True, check=False)


def engine(place: Path) -> Engine:
    """Start an engine where that is possible; else the test is skipped, and fails in CI."""
    need_root()
    need("docker", "dockerd", "containerd", "busybox")
    return Engine(place)


def compose_plugin() -> str:
    """Return the path of compose v2: this machine's, or Debian 13's, which is fetched once and kept."""
    for place in _PLACES:
        if os.access(f"{place}/{COMPOSE}", os.X_OK):
            return f"{place}/{COMPOSE}"
    kept = Path.home() / ".cache" / "stentor-tools" / "docker-compose-trixie"
    if not kept.exists():
        _fetch(kept)
    return str(kept)


def _fetch(kept: Path) -> None:
    need("apt-get", "dpkg-deb")
    work = kept.with_name(f"{kept.name}.{os.getpid()}")
    for folder in ("etc", "state/lists/partial", "cache/archives/partial", "out"):
        (work / folder).mkdir(parents=True)
    (work / "etc/sources.list").write_text(f"{SUITE}\n")
    (work / "state/status").touch()
    options = [
        f"Dir::Etc::SourceList={work}/etc/sources.list", "Dir::Etc::SourceParts=/dev/null",
        f"Dir::State={work}/state", f"Dir::State::status={work}/state/status", f"Dir::Cache={work}/cache",
    ]  # fmt: skip
    apt = ["apt-get", "-qq", *(word for option in options for word in ("-o", option))]
    try:
        for words in ([*apt, "update"], [*apt, "download", COMPOSE]):
            done = subprocess.run(words, cwd=work / "out", capture_output=True, text=True, check=False)
            if done.returncode:
                lacking(f"no compose v2 here, and Debian 13's is not to be had: {done.stderr.strip()[-300:]}")
        (package,) = (work / "out").glob("*.deb")
        subprocess.run(["dpkg-deb", "-x", str(package), str(work / "tree")], check=True)
        shutil.copy(work / "tree/usr/libexec/docker/cli-plugins" / COMPOSE, work / "plugin")
        os.replace(work / "plugin", kept)
    finally:
        shutil.rmtree(work, ignore_errors=True)
