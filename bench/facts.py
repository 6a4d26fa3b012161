"""``stentor facts`` beside Ansible's ``setup``, both over warm connections of their own."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator

from bench import masters, peers
from bench.measure import Program, alternate, say
from bench.sections import BIN, World, ratio
from bench.table import Row
from stentor import lab as labs

AIM = 0.5
FOUND = """sed -n '/"type": *"facts"/s/.*/hi/p'"""  # a line for each node


def facts(world: World, count: int) -> Iterator[Row]:
    """Everything that each finds out about so many practice nodes."""
    say(f"{count} nodes: starting")
    lab = labs.up(f"{world.folder}/facts", nodes=count, all_up=True)
    control = f"{world.folder}/f"
    try:
        fleet = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir)]
        line = shlex.join([*fleet, "facts", "--json"])
        programs = [
            Program("stentor facts", ["sh", "-c", f"{line} | {FOUND}"], answers=count, shown=line),
            Program("stentor status", [*fleet, "status"]),
        ]
        if "ansible" not in world.absent:
            programs.append(_setup(world, lab, control, count))
        a, status, *others = alternate(programs, world.rounds, world.folder)
        for b in others:
            yield ratio(f"facts of {count} nodes: wall time / ansible -m setup", a.wall, b.wall, AIM)
            yield ratio(f"facts of {count} nodes: CPU / ansible -m setup", a.cpu, b.cpu, None)
        yield Row(f"status of {count} nodes", 1000 * status.wall, None, "ms")
    finally:
        masters.end(control)
        lab.down()


def _setup(world: World, lab: labs.Lab, control: str, count: int) -> Program:
    inventory = f"{world.folder}/facts.ini"
    with open(inventory, "w") as file:
        file.write("".join(f"{alias}\n" for alias in lab.nodes))
    environment = {
        "ANSIBLE_HOME": f"{world.folder}/ansible",
        "ANSIBLE_LOCAL_TEMP": f"{world.folder}/ansible/tmp",
        "ANSIBLE_SSH_ARGS": f"-F {lab.ssh_config} -o ControlMaster=auto -o ControlPersist=600",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": control,
        "ANSIBLE_PIPELINING": "1",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_NOCOLOR": "1",
        "LC_ALL": "C.UTF-8",
    }
    os.makedirs(control, mode=0o700, exist_ok=True)
    argv = [f"{peers.VENV}/bin/ansible", "all", "-i", inventory, "-f", str(count), "-m", "setup"]
    return Program("ansible -m setup", argv, environment, count, "SUCCESS => {")
