"""A playbook of ten tasks: ``stentor playbook`` beside plain ``ansible-playbook`` with the same forks.

Both run the same ansible-core, over masters of their own. Plain Ansible is as it comes: it keeps its masters
(ControlPersist), looks for the interpreter, and does not pipeline.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator

from bench import masters
from bench.measure import Program, alternate, say
from bench.sections import BIN, World, ratio
from bench.table import Row
from stentor import lab as labs

WARM_AIM, COLD_AIM, MEMORY_AIM = 0.8, 1.0, 40
FORKS = 20
PLAYBOOK = """\
- name: Ten tasks
  hosts: all
  gather_facts: false
  tasks:
    - {name: One, ansible.builtin.file: {path: ~/bench, state: directory, mode: "0755"}}
    - {name: Two, ansible.builtin.copy: {content: "a\\n", dest: ~/bench/a, mode: "0644"}}
    - {name: Three, ansible.builtin.copy: {content: "{{ stentor_role }}", dest: ~/bench/b, mode: "0644"}}
    - {name: Four, ansible.builtin.lineinfile: {path: ~/bench/a, line: b}}
    - {name: Five, ansible.builtin.stat: {path: ~/bench/b}}
    - {name: Six, ansible.builtin.command: "true", changed_when: false}
    - {name: Seven, ansible.builtin.shell: echo hi | cat, changed_when: false}
    - {name: Eight, ansible.builtin.blockinfile: {path: ~/bench/b, block: c}}
    - {name: Nine, ansible.builtin.slurp: {src: ~/bench/b}}
    - {name: Ten, ansible.builtin.file: {path: ~/bench/c, state: absent}}
"""


def playbooks(world: World, count: int) -> Iterator[Row]:
    """Warm and cold, on so many practice nodes."""
    say(f"{count} nodes: starting")
    folder = f"{world.folder}/playbooks"
    lab = labs.up(f"{folder}-lab", nodes=count, all_up=True)
    try:
        os.makedirs(f"{folder}/c", mode=0o700)
        path, inventory = f"{folder}/ten.yml", f"{folder}/inventory.yml"
        with open(path, "w") as file:
            file.write(PLAYBOOK)
        fleet = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir)]
        subprocess.run([*fleet, "export", "ansible", "-w", inventory], check=True, capture_output=True)
        ours = Program(
            "stentor playbook",
            [*fleet, "playbook", path, "@all", "--yes", "--stream", "--forks", str(FORKS)],
            answers=count,
            said="unchanged",
        )
        environment = {
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=600",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/c",
            "ANSIBLE_NOCOLOR": "1",
        }
        argv = [f"{BIN}/ansible-playbook", "-i", inventory, "--forks", str(FORKS), path]
        theirs = Program("ansible-playbook", argv, environment, count, "ignored=0")
        say(f"{count} nodes: stentor playbook and ansible-playbook take turns")
        a, b = alternate([ours, theirs], world.rounds, world.folder)
        yield ratio(
            f"ten tasks on {count} nodes, warm: wall time / ansible-playbook", a.wall, b.wall, WARM_AIM
        )
        yield ratio(f"ten tasks on {count} nodes, warm: CPU / ansible-playbook", a.cpu, b.cpu, None)
        more = f"{a.memory / 1024:.0f} / {b.memory / 1024:.0f} MB"
        over = (a.memory - b.memory) / 1024
        yield Row(f"ten tasks on {count} nodes: memory over ansible-playbook", over, MEMORY_AIM, "MB", more)
        cold = [
            ours._replace(before=lambda: masters.end(os.environ["XDG_RUNTIME_DIR"])),
            theirs._replace(before=lambda: masters.end(f"{folder}/c")),
        ]
        a, b = alternate(cold, max(2, world.rounds // 2), world.folder, warm_up=False)
        yield ratio(
            f"ten tasks on {count} nodes, cold: wall time / ansible-playbook", a.wall, b.wall, COLD_AIM
        )
    finally:
        masters.end(f"{folder}/c")
        lab.down()
