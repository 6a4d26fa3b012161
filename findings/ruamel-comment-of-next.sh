#!/bin/sh
# ruamel.yaml is the library for editing a YAML file of a person, since it keeps the comments. Each comment
# belongs to the entry *before* it, also one that stands alone on its line above the next entry, where people
# write what the next entry is for. So `del nodes["n1"]` takes away the comment above n2 ("do not reboot,
# ..."), with the blank lines, and leaves the one above n1 ("decommissioned"): it stands in front of n2 from
# then on. It is the same for lists. No warning is printed, the file is valid, and the comment of a node that
# is gone now speaks of one that is in use. A tool that removes nodes from an inventory has to move the
# comments (`.ca.items`) itself, or to cut the lines out of the text by the positions that the parser gives
# (`.lc`).
#
# Installs ruamel.yaml 0.18.16 in a temporary folder. Fails if it behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ruamel.yaml==0.18.16
cat >"$folder/nodes.yaml" <<'EOF'
nodes:
  # in the office
  n0:
    address: 10.0.0.1
  # decommissioned
  n1:
    address: 10.0.0.2

  # do not reboot, it has the backups
  n2:
    address: 10.0.0.3
EOF
cat >"$folder/remove.py" <<'EOF'
"""Remove n1 and print the file."""
import sys
from ruamel.yaml import YAML
yaml = YAML()
with open(sys.argv[1]) as file:
    data = yaml.load(file)
del data["nodes"]["n1"]
yaml.dump(data, sys.stdout)
EOF
expected='nodes:
  # in the office
  n0:
    address: 10.0.0.1
  # decommissioned
  n2:
    address: 10.0.0.3'
echo 'ruamel.yaml 0.18.16, n1 removed:'
seen=$(PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 "$folder/remove.py" "$folder/nodes.yaml")
echo "$seen"
result=ok
[ "$seen" = "$expected" ] || result=changed
echo "$result"
[ "$result" = ok ]
