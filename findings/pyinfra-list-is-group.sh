#!/bin/sh
# An inventory of pyinfra is a Python file, and every list of texts in it is a group of hosts, whatever
# its name. `PACKAGES = ["nginx", "curl"]`, a constant beside `web = ["n1"]`, makes the hosts "nginx" and "curl".
# pyinfra logs in to them with all others. Mostly that fails and shows; where a search domain or a wildcard
# record answers for such a name it is somebody's machine. A list of numbers brings a line ("Ignoring host
# group"), a list of texts none. Begin such a name with an underscore, which pyinfra passes over, or keep the
# list in group_data/, and read `pyinfra INVENTORY debug-inventory` before a run.
#
# Installs pyinfra 3.10.0 in a temporary folder; connects to nothing. Fails if pyinfra behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  pyinfra==3.10.0
cd "$folder"
pyinfra() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m pyinfra "$@"; }

pyinfra --version
result=ok
check() { # EXPECTED LINE
  printf 'web = ["n1"]\n%s\n' "$2" >inventory.py
  pyinfra inventory.py debug-inventory >said 2>&1 </dev/null
  # Without the colours, each host's name stands in brackets.
  hosts=$(sed 's/\x1b\[[0-9;]*m//g' said | sed -n 's/^ *\[\([^]]*\)\].*/\1/p' | sort -u | paste -s -d ' ')
  printf '%-34s hosts: %s\n' "$2" "$hosts"
  [ "$hosts" = "$1" ] || result=changed
}
check n1 ''
check 'curl n1 nginx' 'PACKAGES = ["nginx", "curl"]'
check n1 '_packages = ["nginx", "curl"]'
check n1 'PORTS = [80, 443]'
echo "$result"
[ "$result" = ok ]
