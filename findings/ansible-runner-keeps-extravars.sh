#!/bin/sh
# ansible-runner runs a playbook from Python. What is passed to `run()` is written into private_data_dir and
# stays, and what is not passed is read from there. So extravars that were meant for one run (`extravars=
# {"reboot": "yes"}`) hold for each later run with that folder, in another process and next week; an empty
# dictionary does not clear them. With inventories it is stranger: a text is written to inventory/hosts and a
# dictionary to inventory/hosts.json, a run that passes one of them uses it alone, and a run that passes none
# goes to the nodes of both, for which nobody ever asked together. Give each run a folder of its own.
#
# Installs ansible-runner 2.4.3 and ansible-core 2.19.14 in a temporary folder; runs on this machine only. Fails
# if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ansible-runner==2.4.3 ansible-core==2.19.14
cd "$folder"
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 ANSIBLE_HOME="$folder" LC_ALL=C.UTF-8 PATH="$folder/bin:$PATH"
cat >check.py <<'PY'
import os
import sys

import ansible_runner

os.mkdir("data")

PLAY = {"hosts": "all", "gather_facts": False, "tasks": [{"debug": {"msg": "{{ reboot | default('no') }}"}}]}
fine = True


def check(hosts, reboot, **given):
    global fine
    done = ansible_runner.run(private_data_dir=os.path.abspath("data"), playbook=[PLAY], quiet=True, **given)
    seen = {e["event_data"]["res"]["msg"] for e in done.events if e["event"] == "runner_on_ok"}
    print(f"run({given}): on {sorted(done.stats['ok'])}, reboot: {seen}")
    fine &= sorted(done.stats["ok"]) == hosts and {str(one) for one in seen} == {reboot}


check(["n1"], "no", inventory={"all": {"hosts": {"n1": None}}})
check(["n2"], "yes", inventory="n2\n", extravars={"reboot": "yes"})
check(["n1"], "yes", inventory={"all": {"hosts": {"n1": None}}})
check(["n1"], "yes", inventory={"all": {"hosts": {"n1": None}}}, extravars={})
check(["n1", "n2"], "yes")
print("ok" if fine else "changed")
sys.exit(not fine)
PY
python3 check.py
