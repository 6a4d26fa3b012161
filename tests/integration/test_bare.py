"""The README's two commands where nothing is installed: the smallest Debian and Ubuntu, entered by chroot."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import ROOT, need, need_root

pytestmark = [pytest.mark.integration, pytest.mark.timeout(600)]

MIRROR = "http://deb.debian.org/debian"
UBUNTU = "http://archive.ubuntu.com/ubuntu"
# Ubuntu's keys as Debian 13 has them, by the checksum in its signed list; Debian 12 has no such package.
KEYRING = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
KEYS = f"{MIRROR}/pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1-0.2_all.deb"
KEYS_SHA256 = "b2e7ed48431bf9e7978ae810bbdaf253093570d6e3f864e575b7c13554b81174"
# What a person has who cloned the repository and types `make`; systemd, as any machine has it that boots.
GIVEN = "apt,ca-certificates,git,make,systemd"
# How the machine's own packages are reached from inside, too.
SHARED = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt")
SYSTEM = "DEBIAN_FRONTEND=noninteractive apt-get -qq"
PASSED = (
    "http_proxy",
    "https_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "PIP_INDEX_URL",
    "PIP_CERT",
    "SSL_CERT_FILE",
)
# Its root is a mount, as a machine's is: busybox's df finds no other.
ENTER = (
    'mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; mount --rbind /dev "$1/dev"; '
    'ip link set lo up; exec chroot "$@"'
)


@pytest.fixture(scope="module", params=["bookworm"])
def bare(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Path]:
    """A system with a clone of this repository in /srv/stentor; Debian 12 unless a test asks for another."""
    need_root()
    need("mmdebstrap", "unshare", "git", "ip")
    root = tmp_path_factory.mktemp("bare") / "root"
    words = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={GIVEN}"]
    if request.param == "noble":
        words += [f"--keyring={ubuntu_keys(root.parent)}", "--components=main,universe"]
    mirror = UBUNTU if request.param == "noble" else MIRROR
    made = subprocess.run([*words, request.param, str(root), mirror], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    for path in filter(os.path.exists, SHARED):
        shutil.copy(path, f"{root}{path}")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    for name in filter(None, os.fsdecode(listed.stdout).split("\0")):
        if os.path.exists(f"{ROOT}/{name}"):
            os.makedirs(os.path.dirname(f"{root}/srv/stentor/{name}"), exist_ok=True)
            shutil.copy(f"{ROOT}/{name}", f"{root}/srv/stentor/{name}")
    yield root
    shutil.rmtree(root)


def ubuntu_keys(folder: Path) -> str:
    """Return the file with the keys that sign Ubuntu's archive; it is fetched where it is not installed."""
    if os.path.exists(KEYRING):
        return KEYRING
    with urllib.request.urlopen(KEYS) as answer:
        package = answer.read()
    assert hashlib.sha256(package).hexdigest() == KEYS_SHA256
    (folder / "keys.deb").write_bytes(package)
    subprocess.run(["dpkg-deb", "--extract", folder / "keys.deb", folder / "keys"], check=True)
    return f"{folder}/keys{KEYRING}"


def inside(
    root: Path, command: str, *, network: bool = True, user: str = "root"
) -> subprocess.CompletedProcess[str]:
    """Run a shell line there; every process of it is ended with it."""
    apart = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *(() if network else ("--net",))]
    homes = {"root": "/root", "ann": "/home/ann"}
    environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": homes.get(user, "/tmp")}
    environ |= {name: os.environ[name] for name in PASSED if name in os.environ}
    words = [
        str(root),
        "setpriv",
        f"--reuid={user}",
        f"--regid={user}",
        "--clear-groups",
        "sh",
        "-c",
        command,
    ]
    return subprocess.run(
        [
            *apart,
            "sh",
            "-ec",
            ENTER if not network else ENTER.replace("ip link set lo up; ", ""),
            "enter",
            *words,
        ],
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )


def test_somebody_who_is_not_root_is_told_all_of_it_at_once(bare: Path) -> None:
    for task, last in (("demo", "bubblewrap"), ("test", "jq"), ("wheel", "openssh-client")):
        ran = inside(bare, f"make -C /srv/stentor {task}", user="www-data")
        assert ran.returncode == 2, ran.stdout + ran.stderr
        assert ran.stderr.startswith("Only root can install what is missing. Paste this line"), ran.stderr
        (line,) = [line for line in ran.stderr.splitlines() if "apt-get install" in line]
        assert line.startswith("  su -c 'apt-get update && apt-get install -y"), line
        assert last in line, line
        assert f"then go on with: make {task}\n" in ran.stderr
        assert ".venv" not in os.listdir(bare / "srv/stentor")


def test_the_demo_installs_what_it_lacks_and_runs_again_without_a_network(bare: Path) -> None:
    ran = inside(bare, "make -C /srv/stentor demo")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Installing with apt-get: python3 python3-venv openssh-client openssh-server" in ran.stdout
    assert "crtr,drtr,trtr (3)" in ran.stdout
    enabled = inside(bare, "systemctl is-enabled ssh.service ssh.socket")
    assert enabled.stdout.split() == ["disabled", "disabled"], enabled.stdout + enabled.stderr
    assert not (bare / "usr/sbin/policy-rc.d").exists()

    installed = inside(bare, "make -C /srv/stentor install && ~/.local/bin/stentor --version")
    assert installed.returncode == 0, installed.stdout + installed.stderr
    assert installed.stdout.splitlines()[-1] == "stentor 0.2.0", installed.stdout
    assert "/root/.local/bin/stentor (stentor 0.2.0)" in installed.stdout

    again = inside(bare, "make -C /srv/stentor demo", network=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "Installing" not in again.stdout
    assert "crtr,drtr,trtr (3)" in again.stdout


@pytest.mark.parametrize("bare", ["trixie", "noble"], indirect=True)
def test_a_user_with_sudo_gets_the_demo_by_one_command(bare: Path) -> None:
    """On Debian 13 and Ubuntu 24.04; the machine is left without a running or enabled sshd."""
    prepared = inside(
        bare,
        f"useradd -m ann && cp -a /srv/stentor /home/ann/ && chown -R ann: /home/ann && {SYSTEM} update && "
        f"{SYSTEM} install -y --no-install-recommends sudo && "
        "echo 'ann ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/ann",
    )
    assert prepared.returncode == 0, prepared.stderr
    ran = inside(bare, "make -C ~/stentor demo", user="ann")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "Installing with apt-get: python3 python3-venv" in ran.stdout
    assert "crtr,drtr,trtr (3)" in ran.stdout
    enabled = inside(bare, "systemctl is-enabled ssh.service ssh.socket")
    assert enabled.stdout.split() == ["disabled", "disabled"], enabled.stdout + enabled.stderr


def test_the_debian_package_is_installed_and_removed_without_a_trace(bare: Path) -> None:
    need("lintian")
    built = inside(bare, "make -C /srv/stentor deb")
    assert built.returncode == 0, built.stdout + built.stderr
    (package,) = (bare / "srv/stentor/dist").iterdir()
    checked = subprocess.run(["lintian", "--fail-on", "error", str(package)], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout

    before = names(bare)
    install = f"{SYSTEM} install -y --no-install-recommends /srv/stentor/dist/{package.name}"
    used = inside(bare, f"{install} && stentor --version && stentor --fleet / nodes", network=False)
    assert "stentor 0.2.0" in used.stdout.splitlines(), used.stdout + used.stderr
    assert "there is no nodes.yaml in /\n" in used.stderr
    manual = {"usr/share/man/man1/stentor.1.gz", "usr/share/man/man1/stentor-run.1.gz"}
    assert manual | {"usr/lib/systemd/user/stentor-serve.service"} <= names(bare) - before
    removed = inside(bare, f"{SYSTEM} purge -y stentor", network=False)
    assert removed.returncode == 0, removed.stdout + removed.stderr
    assert {name for name in names(bare) - before if not name.startswith(("var/", "tmp/"))} == set()


def test_the_wheel_is_installed_offline_and_removed_without_a_trace(bare: Path) -> None:
    made = inside(
        bare,
        "cd /srv/stentor && scripts/packages.sh install && make wheel &&"
        " .venv/bin/python -m pip download -q --require-hashes -r requirements/run.lock -d /srv/wheels",
    )
    assert made.returncode == 0, made.stdout + made.stderr
    before = names(bare)
    place = "~/.local/share/stentor/venv"
    pip = f"{place}/bin/pip install -q --no-index --find-links /srv/wheels"
    steps = (
        f"python3 -m venv {place}",
        f"{pip} --require-hashes -r /srv/stentor/requirements/run.lock",
        f"{pip} /srv/stentor/dist/stentor-*.whl",
        f"mkdir -p ~/.local/bin && ln -sf {place}/bin/stentor ~/.local/bin",
    )
    installed = inside(bare, " && ".join(steps), network=False)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    fleet = "mkdir ~/ssot && echo 'nodes: {here: {address: 127.0.0.1}}' >~/ssot/nodes.yaml && cd"
    commands = (
        "--version",
        "nodes",
        "run --dry-run here true",
        "schema",
        "ping",
        "uninstall --here --journal --yes",
    )
    used = inside(
        bare,
        f"{fleet}; for words in {' '.join(map(repr, commands))}; do ~/.local/bin/stentor $words; done",
        network=False,
    )
    assert "stentor 0.2.0" in used.stdout.splitlines(), used.stdout + used.stderr
    assert "would run on 1 node: true" in used.stdout + used.stderr, used.stdout + used.stderr
    assert "Traceback" not in used.stderr, used.stderr
    removed = inside(bare, "rm -r ~/.local/share/stentor ~/.local/bin/stentor ~/ssot", network=False)
    assert removed.returncode == 0, removed.stderr
    assert {name for name in names(bare) - before if not name.startswith(("var/", "tmp/"))} == set()


def names(root: Path) -> set[str]:
    """Every file there, but for what the system mounts and our own clone."""
    found = set()
    for place, folders, files in os.walk(root):
        if Path(place) == root:
            folders[:] = sorted({*folders} - {"dev", "proc", "srv", "sys"})
        found |= {os.path.relpath(os.path.join(place, name), root) for name in files}
    return found
