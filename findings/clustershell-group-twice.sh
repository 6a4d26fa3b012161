#!/bin/sh
# A group that is written twice in a YAML file of groups of ClusterShell is the second one only; the nodes of
# the first are no longer in it. `nodeset` and `clush` say nothing and exit 0: `clush -w @database` leaves
# those nodes out, and `clush -a -x @database` acts on them. One source of groups in two files of groups.d is
# an error ("name collision"); of one group twice the documentation says nothing. YAML forbids equal keys, and
# ruamel.yaml refuses such a file; PyYAML, by which ClusterShell reads, takes the last one, and Ansible, with
# the same parser, warns. Long files that several people add to have such groups. Check the file by yamllint
# (key-duplicates), or count the nodes: `nodeset -c @database`.
#
# Installs ClusterShell 1.10.1, PyYAML 6.0.3, ruamel.yaml 0.18.16 and ansible-core 2.19.14 in a temporary
# folder; runs on this machine only. Fails if one of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3 ruamel.yaml==0.18.16 ansible-core==2.19.14
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 HOME="$folder" ANSIBLE_HOME="$folder/home" ANSIBLE_NOCOLOR=1
export CLUSTERSHELL_CFGDIR="$folder/config"
mkdir -p "$CLUSTERSHELL_CFGDIR/groups.d"
# shellcheck disable=SC2016 # ClusterShell's own variable
printf '[Main]\ndefault: nodes\nautodir: $CFGDIR/groups.d\n' >"$CLUSTERSHELL_CFGDIR/groups.conf"
file=$CLUSTERSHELL_CFGDIR/groups.d/nodes.yaml
printf "nodes:\n  all: 'n[1-6]'\n  database: 'n[1-2]'\n  web: 'n[3-4]'\n  database: 'n[5-6]'\n" >"$file"
printf 'all:\n  hosts: {n1: {}}\n  hosts: {n2: {}}\n' >"$folder/hosts.yaml"
nodeset() { python3 -m ClusterShell.CLI.Nodeset "$@"; }
clush() { python3 -m ClusterShell.CLI.Clush -R exec -L "$@"; }
ruamel() { python3 -c 'import sys; from ruamel.yaml import YAML; YAML().load(open(sys.argv[1]))' "$1"; }
inventory() { python3 -m ansible.cli.inventory -i "$1" --graph; }

nodeset --version
result=ok
check() { # NAME EXPECTED COMMAND...
  name=$1 expected=$2
  shift 2
  code=0
  seen=$("$@" 2>&1) || code=$?
  seen=$(echo "$seen" | grep -oE 'n[][0-9-]+(: yes)?$|DuplicateKeyError|WARNING' | sort -u | paste -s -d ' ')
  printf '%-26s exit code %s: %s\n' "$name" "$code" "$seen"
  [ "$code $seen" = "$expected" ] || result=changed
}
check 'nodeset -f @database' '0 n[5-6]' nodeset -f @database
check 'clush -a -x @database' '0 n1: yes n2: yes n3: yes n4: yes' clush -a -x @database echo yes
check 'ruamel.yaml' '1 DuplicateKeyError' ruamel "$file"
check 'ansible-inventory' '0 WARNING n2' inventory "$folder/hosts.yaml"
printf "nodes:\n  more: n9\n" >"$CLUSTERSHELL_CFGDIR/groups.d/more.yaml"
code=0
seen=$(nodeset -f @web 2>&1 | grep -o 'name collision') || code=$?
echo "twice in two files:        $seen"
[ "$seen" = 'name collision' ] || result=changed
echo "$result"
[ "$result" = ok ]
