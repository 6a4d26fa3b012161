"""The other tools: their own virtual environment, and how each is asked to run a command on many hosts."""

from __future__ import annotations

import os
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
    for name in ("pdsh", "fping"):
        if shutil.which(name) is None:
            absent[name] = f"not installed (apt-get install {name})"
    return absent


def versions() -> str:
    """One line that says what was compared with."""
    listed = subprocess.run(
        [f"{VENV}/bin/python", "-m", "pip", "list", "--format=freeze"],
        capture_output=True,
        text=True,
        check=True,
    )
    wanted = {package.lower() for package in PACKAGES.values()}
    parts = [
        line.replace("==", " ")
        for line in listed.stdout.splitlines()
        if line.split("==")[0].lower() in wanted
    ]
    if shutil.which("pdsh"):
        said = subprocess.run(["pdsh", "-V"], capture_output=True, text=True, check=False).stdout
        parts.append(said.split(" (", 1)[0].splitlines()[0] if said else "pdsh")
    return ", ".join(parts)


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


def script(name: str, hosts: Hosts, count: int, window: int) -> Program:
    """One of the libraries, by a small program of ours in this folder."""
    argv = [f"{VENV}/bin/python", f"{HERE}/peer_{name.replace('-', '_')}.py"]
    argv += [hosts.user, str(PORT), f"{hosts.folder}/key", str(window), "echo hi", *addresses(count)]
    return Program(f"{name} cold", argv, answers=count)


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
