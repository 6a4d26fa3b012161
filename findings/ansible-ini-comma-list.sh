#!/bin/sh
# In an INI inventory Ansible reads each value of a host as a Python expression and keeps the text only if
# that fails. `gpus=0,1` on the line of a host is a tuple to Python, so the variable is a list of two numbers.
# `gpus=0` is a number, `gpus="0,1"` is the list again, since these quotes belong to the line and not to the
# value, and `gpus=gpu0,gpu1` stays a text, as no literal looks so. A template which puts the value into
# CUDA_VISIBLE_DEVICES writes `[0, 1]` on one node and `0` on the next. In the same way `1_000` is 1000 and a
# commit `12345e7` is 123450000000.0. Keep such values in host_vars (YAML, quoted), or write the quotes twice:
# `gpus="'0,1'"`.
#
# Installs ansible-core 2.19.14 in a temporary folder. Fails if Ansible behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
cd "$folder"
cat >hosts.ini <<'EOF'
n1 v=0
n2 v=0,1
n3 v="0,1"
n4 v="'0,1'"
n5 v=gpu0,gpu1
n6 v=1_000
n7 v=12345e7
EOF
PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" python3 -m ansible inventory --version | sed -n 1p
PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" python3 -m ansible inventory -i hosts.ini --list >list.json
python3 -c 'import json
hosts = json.load(open("list.json"))["_meta"]["hostvars"]
for line in open("hosts.ini"):
    print(line.strip().ljust(14), "is", hosts[line.split()[0]]["v"].__repr__())' | tee seen
cat >expected <<'EOF'
n1 v=0         is 0
n2 v=0,1       is [0, 1]
n3 v="0,1"     is [0, 1]
n4 v="'0,1'"   is '0,1'
n5 v=gpu0,gpu1 is 'gpu0,gpu1'
n6 v=1_000     is 1000
n7 v=12345e7   is 123450000000.0
EOF
diff expected seen
echo ok
