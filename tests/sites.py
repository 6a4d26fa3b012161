"""Two sites with one private address: a gateway each, and behind each a machine 10.9.0.5 of its own.

All in network namespaces that this makes: the coordinator's has a link to both gateways, and only a gateway
has one to its machine. Each sshd says in ``$WHERE`` which it is: ``gatea``, ``nasa``, ``gateb``, ``nasb``.
"""

from __future__ import annotations

import os
from pathlib import Path

from stentor.lab.directory import write
from stentor.lab.machine import inspect, make_keys, make_separation_directory, public_key
from stentor.lab.plan import files
from tests.crowd import PORT, Crowd, start_networks

INSIDE = "10.9.0.5"
GATES = {"a": "172.31.1.2", "b": "172.31.2.2"}
CLIENT = """\
Host *
    Port {port}
    IdentityFile {folder}/client_key
    IdentitiesOnly yes
    IdentityAgent none
    UserKnownHostsFile {folder}/known_hosts
    GlobalKnownHostsFile none
    StrictHostKeyChecking yes
"""
FLEET = """\
ssh: {config: ../ssh_config, local: false}
nodes:
  gatea: {address: 172.31.1.2}
  gateb: {address: 172.31.2.2}
  nasa: {address: 10.9.0.5, jump: gatea}
  nasb: {address: 10.9.0.5, jump: gateb}
"""
NETWORK = """\
for site in a b; do
    case $site in a) net=1 ;; b) net=2 ;; esac
    serve gate$site; gate=$(cat FOLDER/gate$site.pid)
    serve nas$site; nas=$(cat FOLDER/nas$site.pid)
    ip link add to$site type veth peer name outer netns $gate
    ip addr add 172.31.$net.1/24 dev to$site
    ip link set to$site up
    nsenter --net=/proc/$gate/ns/net sh -ec "
        ip addr add 172.31.$net.2/24 dev outer; ip link set outer up
        ip link add inner type veth peer name outer netns $nas
        ip addr add 10.9.0.1/24 dev inner; ip link set inner up"
    nsenter --net=/proc/$nas/ns/net sh -ec "ip addr add 10.9.0.5/24 dev outer; ip link set outer up"
done
"""


class Sites(Crowd):
    """The two sites; used as a crowd is: its ``fleet_dir``, and commands run ``inside``."""

    def config(self, text: str) -> None:
        """Write the ssh_config: this, then what holds for all hosts."""
        common = CLIENT.format(port=PORT, folder=self.directory)
        (self.directory / "ssh_config").write_text(f"{text}\n{common}")

    def fleet(self, text: str) -> None:
        """Write the fleet file."""
        (self.fleet_dir / "nodes.yaml").write_text(text)


def start_sites(directory: Path | str, *, one_host_key: bool = False) -> Sites:
    """Start both sites in an empty directory, whose path needs no quoting.

    Args:
        directory: where keys and configuration are written.
        one_host_key: whether both inner machines have the same host key, as clones of one image have.

    Raises:
        StentorError: no network namespaces can be made here.
    """
    place = Path(directory).absolute()
    machine = inspect(os.environ)
    make_separation_directory()
    for folder in ("home", "ssot"):
        (place / folder).mkdir(parents=True, exist_ok=True)
    names = ["gatea", "nasa", "gateb", "nasb"]
    keys = {name: place / ("nas" if one_host_key and name.startswith("nas") else name) for name in names}
    make_keys([place / "client_key", *dict.fromkeys(keys.values())], "stentor-sites")
    known = ""
    for name in names:
        home = place / "home" / name
        home.mkdir()
        address = INSIDE if name.startswith("nas") else GATES[name[-1]]
        known += f"[{address}]:{PORT} {public_key(keys[name])}\n"
        options = files.ServerOptions(
            directory=str(place),
            authorized_keys=f"{place}/client_key.pub",
            max_sessions=100,
            max_startups=100,
            penalties=machine.penalties,
            environment={"HOME": str(home), "WHERE": name},
        )
        text = files.sshd_config("0.0.0.0", PORT, options)
        lines = [line for line in text.splitlines() if not line.startswith(("HostKey", "AllowTcp"))]
        write(
            place / f"{name}.conf",
            "\n".join(
                [f"HostKey {keys[name]}", "AllowTcpForwarding yes", "AcceptEnv LANG LC_* FROM_*", *lines, ""]
            ),
        )
    write(place / "known_hosts", known)
    sites = Sites(place, start_networks(place, NETWORK, machine.sshd, names), 4)
    sites.config("")
    sites.fleet(FLEET)
    return sites
