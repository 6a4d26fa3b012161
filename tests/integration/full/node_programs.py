"""A Docker engine, Caddy and dnsmasq on a full node, which has no network to get packages from."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from stentor import lab as labs
from tests.docker import compose_plugin
from tests.integration.full.conftest import as_root, until
from tests.readers import program
from tests.support import need
from tests.web import caddy_of

ENGINE = ("dockerd", "containerd", "containerd-shim-runc-v2", "runc", "docker-proxy", "docker")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
BUSYBOX = ("sh", "cat", "sleep", "echo", "httpd", "false", "true")
UNIT = "[Service]\n{service}\n[Install]\nWantedBy=multi-user.target\n"
CADDY = """Type=notify
ExecStart=/usr/bin/caddy run --config /etc/caddy/Caddyfile
ExecReload=/usr/bin/caddy reload --config /etc/caddy/Caddyfile --force"""
# What an engine needs of a node that systemd-nspawn has booted: its groups of processes, and what docker 26
# sets of each container's network.
WRITABLE = (
    "for each in /sys/fs/cgroup/*; do mount -o remount,bind,rw $each 2>/dev/null; done;"
    " mount --bind /proc/sys/net /proc/sys/net; mount -o remount,bind,rw /proc/sys/net; ldconfig"
)


class Machine:
    """A full node's files, as its packages would have put them there.

    Args:
        lab: with full nodes.
        alias: which.
    """

    def __init__(self, lab: labs.Lab, alias: str) -> None:
        self.lab = lab
        self.alias = alias

    @property
    def root(self) -> Path:
        return Path(f"/proc/{self.lab.backend.first_process(self.alias)}/root")

    def root_says(self, script: str, *, check: bool = True) -> str:
        """Run a script as root; return what it wrote."""
        done = as_root(self.lab, self.alias, "sh", "-c", script)
        assert not check or done.code == 0, done
        return done.stdout

    def put(self, path: str, text: str) -> None:
        """Write a file there."""
        (self.root / path).parent.mkdir(parents=True, exist_ok=True)
        (self.root / path).write_text(text)

    def program(self, source: str, folder: str) -> None:
        """Put a program of this machine there, with the libraries that the node lacks."""
        (self.root / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(source, self.root / folder)
        said = subprocess.run(["ldd", source], capture_output=True, text=True, check=False).stdout
        for library in re.findall(r"=> (/\S+)", said):
            if not (self.root / LIBRARIES / os.path.basename(library)).exists():
                shutil.copy(library, self.root / "usr/local/lib")

    def package(self, name: str, service: str) -> None:
        """Put a unit there, as a package does."""
        self.put(f"usr/lib/systemd/system/{name}.service", UNIT.format(service=service))

    def gateway(self) -> None:
        """Caddy and dnsmasq, installed and not running."""
        self.program(caddy_of("newest"), "usr/bin")
        self.program(program("dnsmasq"), "usr/sbin")
        self.put("etc/caddy/Caddyfile", "{\n\tskip_install_trust\n}\nimport stentor.caddy*\n")
        self.put("etc/dnsmasq.conf", "conf-dir=/etc/dnsmasq.d\nno-resolv\nno-hosts\nuser=root\n")
        (self.root / "etc/dnsmasq.d").mkdir(exist_ok=True)
        self.package("caddy", CADDY)
        self.package("dnsmasq", "ExecStart=/usr/sbin/dnsmasq -k --bind-interfaces")
        self.root_says("ldconfig; systemctl daemon-reload")

    @contextmanager
    def engine(self, *options: str) -> Iterator[None]:
        """An engine within the node. A unit has not all rights there, so docker.service only asks it."""
        need("docker", "dockerd", "busybox", "nsenter")
        for name in ENGINE:
            self.program(shutil.which(name) or f"/usr/sbin/{name}", "opt/engine")
        (self.root / "usr/local/lib/docker/cli-plugins").mkdir(parents=True, exist_ok=True)
        shutil.copy(compose_plugin(), self.root / "usr/local/lib/docker/cli-plugins/docker-compose")
        self.package("docker", "Type=oneshot\nRemainAfterExit=yes\nExecStart=/usr/local/bin/docker version")
        self.root_says(
            f"ln -sf /opt/engine/docker /usr/local/bin/docker; {WRITABLE}; systemctl daemon-reload"
        )
        pid = str(self.lab.backend.first_process(self.alias))
        words = ["nsenter", "-t", pid, "-m", "-n", "-p", "-u", "-i", "env", "-i"]
        words += ["PATH=/opt/engine:/usr/sbin:/usr/bin:/sbin:/bin", "dockerd", "--storage-driver", "vfs"]
        words += ["--iptables=false", "--ip-forward=false", *options]
        log = self.root / "var/log/dockerd"
        with open(log, "wb") as said:
            process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=said, stderr=said)

        def answers() -> bool:
            assert process.poll() is None, log.read_text()[-2000:]
            return not as_root(self.lab, self.alias, "docker", "version").code

        try:
            until(answers, 60, "dockerd answers")
            yield
        finally:
            self.root_says("docker rm -f $(docker ps -aq); kill $(pidof dockerd)", check=False)
            process.wait(60)
            time.sleep(0.2)

    def image(self, name: str, command: str) -> None:
        """An image of busybox whose command is a line of sh; ``/tmp/index.html`` says hello."""
        folder = self.root / "tmp/image"
        if not folder.exists():
            for each in ("bin", "tmp"):
                (folder / each).mkdir(parents=True)
            shutil.copy("/bin/busybox", folder / "bin")
            for applet in BUSYBOX:
                (folder / "bin" / applet).symlink_to("busybox")
            (folder / "tmp/index.html").write_text("hello\n")
        words = f'CMD ["/bin/sh", "-c", "{command}"]'
        self.root_says(f"tar -C /tmp/image -c . | docker import --change '{words}' - {name}")
