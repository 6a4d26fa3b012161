"""``python -m bench.services``: 15 services on five full nodes, beside Ansible.

A command of its own, and none of the sections: full nodes are booted Debians, which need root and are made of
packages once, and the sections run where there is no network.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from bench import masters
from bench.measure import Program, alternate, once, say
from bench.sections import BIN, ratio
from bench.table import Row, markdown
from stentor import lab as labs
from stentor.lab.backends.full import Full

PORTS = (8001, 8002, 8003)
STATUS_AIM, STATUS_MS, PLAN_AIM = 0.3, 1500, 0.2
UNIT = """\
[Service]
ExecStart=/usr/bin/python3 -m http.server {port} --bind 127.0.0.1 --directory /etc/bench
[Install]
WantedBy=multi-user.target
"""
GATHER = """\
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - ansible.builtin.service_facts:
    - {ansible.builtin.command: ss -Hltnp, changed_when: false}
    - ansible.builtin.stat: {path: "/etc/bench/{{ item }}"}
      loop: [8001, 8002, 8003]
    - ansible.builtin.stat: {path: "/etc/systemd/system/web{{ item }}.service"}
      loop: [8001, 8002, 8003]
"""
SAME = """\
- hosts: all
  gather_facts: false
  become: true
  tasks:
    - ansible.builtin.copy: {src: "FOLDER/page{{ item }}", dest: "/etc/bench/{{ item }}", mode: "0644"}
      loop: [8001, 8002, 8003]
    - ansible.builtin.copy: {src: "FOLDER/web{{ item }}", dest: "/etc/systemd/system/web{{ item }}.service", \
mode: "0644"}
      loop: [8001, 8002, 8003]
    - ansible.builtin.systemd_service: {name: "web{{ item }}", state: started, enabled: true}
      loop: [8001, 8002, 8003]
"""


def write(lab: labs.Lab) -> None:
    """Three services a node: a unit of the fleet's, with a file and a port."""
    services = {}
    for port in PORTS:
        (lab.fleet_dir / f"web{port}").write_text(UNIT.format(port=port))
        (lab.fleet_dir / f"page{port}").write_text(f"text of {port}\n")
        for alias in lab.nodes:
            services[f"web{port}-{alias}"] = {
                "node": alias, "type": "systemd", "unit": f"web{port}", "unit_file": f"web{port}",
                "files": {f"/etc/bench/{port}": f"page{port}"}, "port": port, "settle": "1s",
            }  # fmt: skip
    (lab.fleet_dir / "services.yaml").write_text(json.dumps({"services": services}))


def logins(lab: labs.Lab) -> int:
    """How often somebody has logged in to the nodes, by the word of their sshds."""
    assert isinstance(lab.backend, Full)
    words = ("sh", "-c", "journalctl -q -u ssh -o cat | grep -c ^Accepted")
    return sum(int(lab.backend.enter(alias, *words).stdout or 0) for alias in lab.nodes)


def measured(lab: labs.Lab, folder: str, rounds: int) -> Iterator[Row]:
    """Status and plan, cold and warm, in turns with Ansible."""
    write(lab)
    fleet = [f"{BIN}/stentor", "--fleet", str(lab.fleet_dir)]
    subprocess.run(
        [*fleet, "services", "deploy", "@all", "--yes", "--short"], check=True, capture_output=True
    )
    subprocess.run(
        [*fleet, "export", "ansible", "-w", f"{folder}/hosts.yml"], check=True, capture_output=True
    )
    status, plan = [*fleet, "services", "status"], [*fleet, "services", "plan"]
    said = subprocess.run([*status, "--json"], check=True, capture_output=True, text=True).stdout
    found = [row for row in map(json.loads, said.splitlines()) if row["type"] == "service"]
    assert len(found) == len(PORTS) * len(lab.nodes)
    assert all(row["good"] for row in found), "what is measured is healthy"
    said = subprocess.run(plan, check=True, capture_output=True, text=True).stdout
    assert said.count("up to date") == len(lab.nodes), "and there is nothing to do"

    def ansible(name: str, text: str, *words: str) -> Program:
        path = f"{folder}/{name}.yml"
        with open(path, "w") as file:
            file.write(text.replace("FOLDER", str(lab.fleet_dir)))
        argv = [f"{BIN}/ansible-playbook", "-i", f"{folder}/hosts.yml", "--forks", "20", *words, path]
        variables = {
            "ANSIBLE_SSH_ARGS": "-o ControlMaster=auto -o ControlPersist=600",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": f"{folder}/c",
        }
        return Program(f"ansible-playbook {name}", argv, variables)

    def cold(program: Program, place: str) -> Program:
        return program._replace(before=lambda: masters.end(place))

    ours, own, theirs = Program("services status", status), os.environ["XDG_RUNTIME_DIR"], f"{folder}/c"
    masters.end(own)
    before = logins(lab)
    once(ours, folder)
    yield Row("services status, cold: logins a node", (logins(lab) - before) / len(lab.nodes), 1, "")
    say("services status and a playbook that gathers the same take turns, cold")
    gather = ansible("gather", GATHER)
    a, b = alternate([cold(ours, own), cold(gather, theirs)], rounds, folder)
    yield Row(
        "services status, cold: wall time", a.wall * 1000, STATUS_MS, "ms", f"{a.cpu:.2f} s of CPU here"
    )
    yield ratio("services status, cold: wall time / ansible-playbook", a.wall, b.wall, STATUS_AIM)
    yield ratio("services status, cold: CPU / ansible-playbook", a.cpu, b.cpu, None)
    (a,) = alternate([ours], rounds, folder)
    yield Row("services status, warm: wall time", a.wall * 1000, None, "ms", f"{a.cpu:.2f} s of CPU here")
    say("services plan and ansible-playbook --check take turns, warm")
    a, b = alternate([Program("services plan", plan), ansible("same", SAME, "--check")], rounds, folder)
    yield ratio(
        "services plan, nothing to do: wall time / ansible-playbook --check", a.wall, b.wall, PLAN_AIM
    )


def main() -> int:
    """Measure, and print the rows."""
    parser = argparse.ArgumentParser(prog="python -m bench.services", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="turns of each comparison (default: 5)")
    rounds = parser.parse_args().rounds
    folder = tempfile.mkdtemp(prefix="sb-", dir="/tmp")
    for name in ("run", "c", "home"):
        os.mkdir(f"{folder}/{name}", 0o700)
    say("five full nodes: starting")
    lab = labs.up(
        f"{folder}/lab", backend="full", all_up=True
    )  # with the user's cache, where their Debian is
    os.environ.update(
        HOME=f"{folder}/home", XDG_RUNTIME_DIR=f"{folder}/run", XDG_STATE_HOME=f"{folder}/home", NO_COLOR="1"
    )
    try:
        sys.stdout.write(markdown(list(measured(lab, folder, rounds))))
    finally:
        for part in ("run", "c"):
            masters.end(f"{folder}/{part}")
        lab.down()
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
