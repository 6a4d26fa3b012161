#!/bin/sh
# YAML 1.1 reads groups of digits between colons as a number to the base of 60. A hardware address is such a
# number if no group has a letter, no group but the first is over 59, and the first does not begin with 0. Of
# the addresses that QEMU and libvirt give to virtual machines (52:54:00:...) that is one in 78: PyYAML makes
# a number of it, and so does Ansible, which reads by PyYAML. All others are texts. ruamel.yaml follows YAML
# 1.2 and gives a text each time. An inventory so works until one node has the address 41135085296, and its
# leading zeros are lost. Quote every address, and refuse a number where an address is expected.
#
# Installs PyYAML 6.0.3, ruamel.yaml 0.18.16 and ansible-core 2.19.14 in a temporary folder. Fails if one of
# them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  PyYAML==6.0.3 ruamel.yaml==0.18.16 ansible-core==2.19.14
cd "$folder"
cat >inventory.yaml <<'EOF'
all:
  hosts:
    n1:
      mac: 52:54:00:12:34:56
    n2:
      mac: 52:54:00:12:34:5a
EOF
cat >look.py <<'EOF'
"""Print what each reader makes of the two addresses, as Python writes it."""
import json, subprocess, sys
from importlib.metadata import version
import yaml
from ruamel.yaml import YAML
text = open("inventory.yaml").read()
command = [sys.executable, "-m", "ansible", "inventory", "-i", "inventory.yaml", "--list"]
asked = subprocess.run(command, capture_output=True, text=True, check=True).stdout
readers = {
    "PyYAML": yaml.safe_load(text)["all"]["hosts"],
    "ruamel.yaml": YAML(typ="safe").load(text)["all"]["hosts"],
    "ansible-core": json.loads(asked)["_meta"]["hostvars"],
}
for name, hosts in readers.items():
    print(f"{name} {version(name)}: {hosts['n1']['mac']!r} {hosts['n2']['mac']!r}")
EOF
PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" python3 look.py | tee seen
cat >expected <<'EOF'
PyYAML 6.0.3: 41135085296 '52:54:00:12:34:5a'
ruamel.yaml 0.18.16: '52:54:00:12:34:56' '52:54:00:12:34:5a'
ansible-core 2.19.14: 41135085296 '52:54:00:12:34:5a'
EOF
diff expected seen
echo ok
