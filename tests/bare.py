"""Debian machines as they come from an installer: systemd, an sshd, root with a password, and nothing else.

Each is an overlay over a system that mmdebstrap made once, as full nodes of the lab are. What is installed
later lies in apt's cache there, since their network leads nowhere but to this machine.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import stentor.lab
from stentor.lab import processes, programs
from stentor.lab.backends.debian import _sources
from stentor.lab.backends.full import CLEAN, _free_network
from stentor.lab.plan import debian

PASSWORD = "a b'c\"d$e"
BARE = (
    "systemd",
    "systemd-sysv",
    "libpam-systemd",
    "dbus",
    "openssh-server",
    "iproute2",
    "procps",
    "hostname",
)
LATER = (
    "python3-apt",  # Ansible's module apt needs it
    *("sudo", "git", "curl", "python3", "ca-certificates", "zsh", "tzdata", "tmux"),
    *("systemd-timesyncd", "dbus-user-session"),
)
_INSIDE = Path(stentor.lab.__file__).parent / "inside" / "full_node.py"


def tree(suite: str) -> Path:
    """Return the system of a release of Debian; it is made where it is not there yet, which takes minutes."""
    mirror = debian.mirror_of(_sources())
    made_of = " ".join((suite, mirror, *BARE, *LATER))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "stentor-bare"
    cache.mkdir(parents=True, exist_ok=True)
    wanted = cache / f"{suite}-{hashlib.sha256(made_of.encode()).hexdigest()[:12]}"
    with open(cache / ".making", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not wanted.is_dir():
            _remove_others(cache, suite)
            new = wanted.with_suffix(".new")
            alone = ["unshare", "--mount", "--propagation", "private"]  # one that is killed leaves no mount
            words = [*alone, "mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(BARE)}"]
            words += [f"--dpkgopt=path-exclude=/usr/share/{part}/*" for part in ("man", "doc", "locale")]
            words += ["--dpkgopt=force-unsafe-io", "--components=main", "--format=directory"]
            words += ["--skip=cleanup/apt,cleanup/reproducible"]
            fetch = "apt-get -qq -y --no-install-recommends --download-only install"
            words += [f'--customize-hook=chroot "$1" {fetch} {" ".join(LATER)}']
            ran = programs.run([*words, suite, str(new), mirror])
            assert ran.code == 0, ran.stderr[-2000:]
            new.rename(wanted)
    return wanted


def _remove_others(cache: Path, suite: str) -> None:
    """Remove what was left half made, and unused trees of this release that are made of something else."""
    for old in cache.glob(f"{suite}-*"):
        handle = os.open(old, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)  # a machine that runs holds one
            shutil.rmtree(old, ignore_errors=True)
        except BlockingIOError:
            continue
        finally:
            os.close(handle)


class Bare:
    """Machines in a network of their own.

    Args:
        folder: for what they write; a short path.
        suites: alias to the release of Debian.
    """

    def __init__(self, folder: Path, suites: Mapping[str, str]) -> None:
        self.folder = folder
        self.suites = suites
        self.network = _free_network()
        number = self.network.rpartition(".")[2]
        self.interface = f"stentor-bare{number}"
        self.addresses = {alias: f"{self.network}.{10 + count}" for count, alias in enumerate(suites)}
        folder.mkdir(parents=True, exist_ok=True)
        ready = folder / "ready"
        spec = {"ready": str(ready), "address": f"{self.network}.1/24", "interface": self.interface}
        self._spawn("hub", "hub", spec)
        assert processes.until(ready.exists), (folder / "hub.log").read_text()
        self.hub = int(ready.read_text())
        for alias in suites:
            self.start(alias)
        self.wait(suites)

    def _spawn(self, what: str, name: str, spec: Mapping[str, Any]) -> int:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(spec))
        words = [sys.executable, "-I", "-S", str(_INSIDE), what, self._marker(name), str(path)]
        return programs.spawn(words, self.folder / f"{name}.log")

    def _marker(self, name: str) -> str:
        return f"stentor-bare={self.folder}/{name}"

    def _cgroup(self, alias: str) -> str:
        return f"stentor-bare-{hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]}/{alias}"

    def start(self, alias: str) -> None:
        """Boot a machine, with what was written to it before."""
        place = self.folder / alias
        root = str(place / "root")
        address = self.addresses[alias]
        hashed = subprocess.run(
            ["openssl", "passwd", "-6", "-stdin"], input=PASSWORD, capture_output=True, text=True, check=True
        ).stdout.strip()
        base = tree(self.suites[alias])
        shadow = (base / "etc/shadow").read_text().splitlines()
        shadow = [f"root:{hashed}:20000:0:99999:7:::", *(s for s in shadow if not s.startswith("root:"))]
        files: list[tuple[str, str, int]] = []
        if not (place / "upper" / "etc" / "shadow").exists():
            # An installer's sshd punishes an address that fails often, and tests do.
            calm = "" if self.suites[alias] == "bookworm" else "PerSourcePenalties no\n"
            files = [
                ("/etc/shadow", "\n".join(shadow) + "\n", 0o640),
                ("/etc/hostname", "debian\n", 0o644),
                ("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 debian\n", 0o644),
                ("/etc/machine-id", hashlib.sha256(alias.encode()).hexdigest()[:32] + "\n", 0o444),
                ("/etc/ssh/sshd_config.d/root.conf", f"PermitRootLogin yes\nUseDNS no\n{calm}", 0o644),
            ]
        spec = {
            "tree": str(base),
            "upper": str(place / "upper"),
            "work": str(place / "work"),
            "root": root,
            "cgroup": self._cgroup(alias),
            "hub": self.hub,
            "port": f"to-{address.rpartition('.')[2]}",
            "address": f"{address}/24",
            "hardware": ":".join(["02", "00", *(f"{int(part):02x}" for part in address.split("."))]),
            "lines": [],
            "files": files,
            "links": [(f"/etc/systemd/system/{unit}", "/dev/null") for unit in debian.MASKED],
            "command": [
                *("systemd-nspawn", "--quiet", "--boot", f"--directory={root}", f"--machine={alias}"),
                *("--register=no", "--keep-unit", "--console=pipe", "--link-journal=no"),
                *("--kill-signal=SIGRTMIN+3", "--resolv-conf=off", "--timezone=off"),
            ],
        }
        self.pid = self._spawn("node", alias, spec)

    def wait(self, aliases: Sequence[str] | Mapping[str, str]) -> None:
        """Wait until their sshd answers."""
        from stentor.ssh.reach import Endpoint, reach

        for alias in aliases:
            point = Endpoint(alias, (self.addresses[alias],), 22)

            def answers(point: Endpoint = point) -> bool:
                return next(iter(reach([point], timeout=3.0))).level == "up"

            log = self.folder / f"{alias}.log"
            assert processes.until(answers, 120), log.read_text(errors="replace")[-2000:]
            self.enter(alias, "until systemctl is-active -q multi-user.target; do sleep 0.2; done")

    def first_process(self, alias: str) -> int:
        """Return the process of a machine's systemd."""
        table = processes.table()
        for pid, process in table.items():
            above = table.get(process.parent)
            if above is None or os.path.basename("".join(above.words[:1])) != "systemd-nspawn":
                continue
            if (
                f"--machine={alias}" in above.words
                and f"--directory={self.folder / alias / 'root'}" in above.words
            ):
                return pid
        raise AssertionError(f"{alias} is off")

    def enter(self, alias: str, script: str, *, check: bool = True) -> str:
        """Run a script as root on a machine, without its network; return what it wrote."""
        words = ["nsenter", f"--target={self.first_process(alias)}", "--all", *CLEAN, "sh", "-c", script]
        ran = programs.run(words, timeout=120)
        assert not check or ran.code == 0, (script, ran)
        return ran.stdout.strip()

    def fingerprint(self, alias: str) -> str:
        """What the console shows."""
        return self.enter(alias, "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub").split()[1]

    def stop(self, aliases: Sequence[str] | None = None) -> None:
        """Switch machines off; all of them with their network, if none are named."""
        names = [*self.suites, "hub"] if aliases is None else [*aliases]
        for name in names:
            marker = self._marker(name)

            def mine(table: Mapping[int, Any], marker: str = marker) -> set[int]:
                found = {pid for pid, one in table.items() if marker in one.words and one.state != "Z"}
                for _ in range(8):
                    found |= {pid for pid, one in table.items() if one.parent in found and one.state != "Z"}
                return found

            processes.end(mine)
        cgroups = [self._cgroup(alias) for alias in (self.suites if aliases is None else aliases)]
        programs.run([sys.executable, "-I", "-S", str(_INSIDE), "sweep", *cgroups])
        if aliases is None:
            programs.run(["ip", "link", "delete", self.interface])

    def renew(self, alias: str) -> None:
        """Boot a machine as it was at first."""
        self.stop([alias])
        for part in ("upper", "work"):
            shutil.rmtree(self.folder / alias / part, ignore_errors=True)
        self.start(alias)
        self.wait([alias])


class Served:
    """A folder as a web server, for the machines."""

    def __init__(self, folder: Path, address: str) -> None:
        class Quiet(SimpleHTTPRequestHandler):
            def __init__(self, *words: Any) -> None:
                super().__init__(*words, directory=str(folder))

            def log_message(self, *_: Any) -> None:
                return

        self._server = ThreadingHTTPServer((address, 0), Quiet)
        self.url = f"http://{address}:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop it."""
        self._server.shutdown()
        self._server.server_close()
