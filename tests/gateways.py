"""A fleet behind gateways, each in a network namespace of its own, and behind each a network of leaves.

A network of leaves is one sshd that answers all of its addresses; only its gateways have a link to it. So
nothing comes to a leaf but through a gateway. With ``spare`` the next gateway is a second way.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from stentor.lab import processes
from stentor.lab.directory import write
from stentor.lab.machine import inspect, make_keys, make_separation_directory, public_key
from stentor.lab.plan import files
from tests.crowd import PORT, SSH_CONFIG, Crowd, start_networks

LETTERS = "abcdefghij"


class Branches(Crowd):
    """Gateways ``gw1``, ``gw2``, ... and leaves ``a01``, ``b01``, ...; used as a crowd is."""

    gates: int
    leaves: int

    def fleet(self, *, spare: bool = False, least: int = 2, more: str = "", stated: bool = True) -> None:
        """Write the fleet file.

        Args:
            spare: whether each leaf names the next gateway as its second.
            least: from how many nodes on the tree is taken.
            more: lines after it.
            stated: whether leaves have a ``gateway``.
        """
        width = len(str(self.leaves)) if self.leaves > 99 else 2
        lines = [
            "ssh: {config: ../ssh_config, local: false}",
            f"tree: {{config: {self.directory}/ssh_config, least: {least}}}",
            "nodes:",
            f'  "gw[1-{self.gates}]": {{address: "198.18.[1-{self.gates}].2"}}',
        ]
        for number in range(1, self.gates + 1):
            names = [f"gw{number}"] + ([f"gw{number % self.gates + 1}"] if spare else [])
            gateway = f", gateway: [{', '.join(names)}]" if stated else ""
            pattern = f"{LETTERS[number - 1]}[{1:0{width}}-{self.leaves:0{width}}]"
            lines.append(
                f'  "{pattern}": {{address: "198.19.{number}.[1-{self.leaves}]", jump: gw{number}{gateway}}}'
            )
        lines.append(f'groups: {{leaves: "@all!gw[1-{self.gates}]", gates: "gw[1-{self.gates}]"}}')
        write(self.fleet_dir / "nodes.yaml", "\n".join([*lines, more, ""]))

    def gateway_processes(self, gate: str) -> list[int]:
        """Processes of ClusterShell on a gateway."""
        home = f"HOME={self.directory}/home/{gate}"
        table = processes.table()
        inside = processes.marked(table, home)
        return [pid for pid in inside if "gateway_main" in " ".join(table[pid].words)]

    def signal_gateway(self, gate: str, number: int) -> list[int]:
        """Send a signal to ClusterShell on a gateway; return to which processes."""
        found = self.gateway_processes(gate)
        for pid in found:
            os.kill(pid, number)
        return found

    def on(self, name: str, script: str) -> None:
        """Run a script in the network of a gateway, or of the leaves behind it (``a``, ``b``, ...)."""
        pid = (self.directory / f"{name}.pid").read_text().strip()
        subprocess.run(["nsenter", f"--net=/proc/{pid}/ns/net", "sh", "-ec", script], check=True)

    def cut(self, gate: str) -> None:
        """Take a gateway's link down."""
        self.on(gate, "ip link set outer down")

    def stop(self) -> None:
        """End every process, also those which were stopped."""
        for gate in range(1, self.gates + 1):
            self.signal_gateway(f"gw{gate}", signal.SIGCONT)
        super().stop()


def start_branches(
    directory: Path | str, *, gates: int = 4, leaves: int = 6, spare: bool = False
) -> Branches:
    """Start gateways and leaves in an empty directory, whose path needs no quoting.

    Raises:
        StentorError: no network namespaces can be made here.
    """
    place = Path(directory).absolute()
    machine = inspect(os.environ)
    make_separation_directory()
    for folder in ("home", "ssot"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    key = place / "ssh_host_ed25519_key"
    make_keys([place / "client_key", key], "stentor-branches")
    write(place / "known_hosts", f"crowd {public_key(key)}\n")
    write(place / "ssh_config", SSH_CONFIG.format(port=PORT, folder=place))
    names = [*(f"gw{number}" for number in range(1, gates + 1)), *LETTERS[:gates]]
    for name in names:
        home = place / "home" / name
        home.mkdir()
        options = files.ServerOptions(
            directory=str(place),
            authorized_keys=f"{place}/client_key.pub",
            max_sessions=100,
            max_startups=1000,
            penalties=machine.penalties,
            environment={"HOME": str(home)},
        )
        text = files.sshd_config("0.0.0.0", PORT, options).replace(
            "AllowTcpForwarding no", "AllowTcpForwarding yes"
        )
        write(place / f"{name}.conf", text)
        if name.startswith("gw"):
            give_clustershell(home)
    branches = Branches(place, 0, gates * leaves)
    branches.gates, branches.leaves = gates, leaves
    branches.fleet(spare=spare)
    script = "".join(_network(gates, leaves, spare=spare))
    branches.pid = start_networks(place, script, machine.sshd, names)
    return branches


def give_clustershell(home: Path) -> None:
    """Let a gateway have the environment of the tests as its own."""
    state = home / ".local/state/stentor"
    state.mkdir(parents=True, exist_ok=True)
    (state / "gateway").symlink_to(sys.prefix)


def _network(gates: int, leaves: int, *, spare: bool) -> Iterator[str]:
    for number in range(1, gates + 1):
        yield f"""
serve gw{number}; gate{number}=$(cat FOLDER/gw{number}.pid)
ip link add to{number} type veth peer name outer netns $gate{number}
ip addr add 198.18.{number}.1/24 dev to{number}; ip link set to{number} up
nsenter --net=/proc/$gate{number}/ns/net sh -ec "
    ip addr add 198.18.{number}.2/24 dev outer; ip link set outer up"
"""
    for number in range(1, gates + 1):
        letter = LETTERS[number - 1]
        yield f"""
serve {letter}; leaf=$(cat FOLDER/{letter}.pid)
nsenter --net=/proc/$leaf/ns/net sh -ec "
    for n in $(seq {leaves}| tr '\\n' ' '); do ip addr add 198.19.{number}.\\$n/32 dev lo; done"
"""
        for way, gate in enumerate([number, number % gates + 1] if spare else [number]):
            near, far = f"198.20.{number}.{way * 4 + 1}", f"198.20.{number}.{way * 4 + 2}"
            yield f"""
nsenter --net=/proc/$gate{gate}/ns/net sh -ec "
    ip link add to{letter} type veth peer name way{way} netns $leaf
    ip addr add {near}/30 dev to{letter}; ip link set to{letter} up"
nsenter --net=/proc/$leaf/ns/net sh -ec "ip addr add {far}/30 dev way{way}; ip link set way{way} up"
nsenter --net=/proc/$gate{gate}/ns/net ip route add 198.19.{number}.0/24 via {far}
"""
