"""The other tools: their own virtual environment, and how each is asked to run a command on many hosts."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys

from bench.hosts import PORT, Hosts, addresses, folded
from bench.measure import Program, say

PACKAGES = {
    "clush": "ClusterShell",
    "parallel-ssh": "parallel-ssh",
    "asyncssh": "asyncssh",
    "ansible": "ansible-core",
    "pyinfra": "pyinfra",
    "tmuxp": "tmuxp",
}
HERE = os.path.dirname(os.path.abspath(__file__))
VENV = os.path.join(os.path.dirname(HERE), ".cache", "bench-venv")
# Before the bench gives itself a HOME of its own.
BSSH_VERSION = "2.2.3"
BSSH_ROOT = f"~/.cache/stentor-tools/bssh-{BSSH_VERSION}"
BSSH = os.path.expanduser(f"{BSSH_ROOT}/bin/bssh")
PROGRAMS = {
    "pdsh": "apt-get install pdsh",
    "fping": "apt-get install fping",
    "rsync": "apt-get install rsync",
    "bssh": f"cargo install --locked --root {BSSH_ROOT} --version {BSSH_VERSION} bssh",
}


def install() -> dict[str, str]:
    """Install what is missing, and return why each absent peer is absent."""
    if not os.path.exists(f"{VENV}/bin/python"):
        subprocess.run([sys.executable, "-m", "venv", VENV], check=True)
    absent = {}
    for name, package in PACKAGES.items():
        if os.path.exists(f"{VENV}/{name}.installed"):
            continue
        say(f"installing {package} to compare with")
        pip = [
            f"{VENV}/bin/python",
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            package,
        ]
        done = subprocess.run(pip, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            with open(f"{VENV}/{name}.installed", "w"):
                pass
        else:
            absent[name] = (done.stderr.strip().splitlines() or ["pip failed"])[-1]
    for name, build in PROGRAMS.items():
        if shutil.which(BSSH if name == "bssh" else name) is None:
            absent[name] = f"not installed ({build})"
    return absent


def versions(absent: dict[str, str]) -> str:
    """One line that says what was compared with."""
    parts = []
    if os.path.exists(f"{VENV}/bin/python"):
        pip = [f"{VENV}/bin/python", "-m", "pip", "list", "--format=freeze"]
        wanted = {package.lower() for name, package in PACKAGES.items() if name not in absent}
        listed = (line.partition("==") for line in _said(pip).splitlines())
        parts += [f"{name} {version}" for name, _, version in listed if name.lower() in wanted]
    for name, argv in (
        ("pdsh", ["pdsh", "-V"]),
        ("rsync", ["rsync", "--version"]),
        ("fping", ["fping", "-v"]),
        ("bssh", [BSSH, "--version"]),
    ):
        if name not in absent and (found := re.search(r"\d+\.[\d.]*\d", _said(argv))):
            parts.append(f"{name} {found[0]}")
    return ", ".join([*parts, "scp of OpenSSH"])


def _said(argv: list[str]) -> str:
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def clush(ssh_config: str, names: str, count: int, window: int, *, control: str | None = None) -> Program:
    """Clush on so many nodes: cold, or over masters which listen in the folder ``control``."""
    options = f"-F {ssh_config}"
    if control:
        options += f" -o ControlPath={control}/%%C"  # clush reads % as its own
    argv = [f"{VENV}/bin/clush", "-S", "-f", str(window), "-o", options, "-w", names, "echo hi"]
    return Program("clush warm" if control else "clush cold", argv, answers=count)


def pdsh(hosts: Hosts, count: int, window: int) -> Program:
    """Pdsh over ssh, cold: it knows nothing else."""
    environment = {"PDSH_SSH_ARGS_APPEND": f"-F {hosts.ssh_config}"}
    return Program(
        "pdsh cold",
        ["pdsh", "-R", "ssh", "-f", str(window), "-w", folded(count), "echo hi"],
        environment,
        count,
    )


def ssh(hosts: Hosts, count: int, window: int) -> Program:
    """As many ssh as there are hosts, with nothing around them: what OpenSSH's own logins take."""
    command = f"ssh -F {hosts.ssh_config} @ 'echo hi'"
    line = f"printf '%s\\n' {' '.join(addresses(count))} | xargs -P {window} -I@ {command}"
    return Program("plain ssh", ["sh", "-c", line], answers=count)


def script(name: str, hosts: Hosts, count: int, window: int) -> Program:
    """One of the libraries, by a small program of ours in this folder."""
    argv = [f"{VENV}/bin/python", f"{HERE}/peer_{name.replace('-', '_')}.py"]
    argv += [hosts.user, str(PORT), f"{hosts.folder}/key", str(window), "echo hi", *addresses(count)]
    return Program(f"{name} cold", argv, answers=count)


def bssh(hosts: Hosts, count: int, window: int) -> Program:
    """A client in Rust, with an SSH of its own."""
    # With --hosts version 2.2.3 takes no notice of --port and --login. Host keys are not compared here, which
    # is in its favour. It repeats the command, whose answer is therefore not in it.
    whole = ",".join(f"{hosts.user}@{address}:{PORT}" for address in addresses(count))
    argv = [BSSH, "--hosts", whole, "--identity", f"{hosts.folder}/key", "--parallel", str(window)]
    return Program("bssh cold", [*argv, "--strict-host-key-checking", "no", "echo h''i"], answers=count)


def ansible(hosts: Hosts, count: int, window: int, *, control: str) -> Program:
    """Ansible's raw module: no Python on the node, its own masters in the folder ``control``."""
    inventory = f"{hosts.folder}/inventory-{count}.ini"
    with open(inventory, "w") as file:
        file.write("".join(address + "\n" for address in addresses(count)))
    environment = {
        "ANSIBLE_HOME": f"{hosts.folder}/ansible",
        "ANSIBLE_LOCAL_TEMP": f"{hosts.folder}/ansible/tmp",
        "ANSIBLE_SSH_ARGS": f"-F {hosts.ssh_config} -o ControlMaster=auto -o ControlPersist=600",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": control,
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_DEPRECATION_WARNINGS": "0",
        "LC_ALL": "C.UTF-8",
    }
    argv = [f"{VENV}/bin/ansible", "all", "-i", inventory, "-f", str(window), "-m", "raw", "-a", "echo hi"]
    return Program("ansible raw, warm", argv, environment, count)


def pyinfra(hosts: Hosts, count: int) -> Program:
    """Pyinfra's ``exec``."""
    inventory = f"{hosts.folder}/inventory_{count}.py"
    data = {
        "ssh_user": hosts.user,
        "ssh_port": PORT,
        "ssh_key": f"{hosts.folder}/key",
        "ssh_config_file": hosts.ssh_config,
        "ssh_known_hosts_file": f"{hosts.folder}/known_hosts",
    }
    with open(inventory, "w") as file:
        file.write(f"hosts = ({addresses(count)!r}, {data!r})\n")
    return Program(
        "pyinfra cold",
        [f"{VENV}/bin/pyinfra", "-y", "-vv", inventory, "exec", "--", "echo", "hi"],
        answers=count,
    )
