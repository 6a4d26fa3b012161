#!/bin/sh
# A host is in two groups, and both set the same variable. In Ansible the group that is later in the alphabet
# wins. Nornir asks a host's groups one after the other, and the first that knows the variable wins.
# nornir-ansible reads an inventory of Ansible for Nornir and hands the groups over in the order of the
# alphabet, whatever the file's, so each such variable has just the opposite value there: the user, the port or
# the gateway of "nodes" in place of that of "zone". Nothing is said, and where both exist the login succeeds.
# Where one group is a child of the other the two agree, and for what the host itself sets. Use either of these.
#
# Installs ansible-core 2.19.14, Nornir 3.6.0 and nornir-ansible 2023.12.28 in a temporary folder. Fails if one
# of them behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ansible-core==2.19.14 nornir==3.6.0 nornir-ansible==2023.12.28
cd "$folder"
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 ANSIBLE_HOME="$folder" LC_ALL=C.UTF-8
cat >by_nornir.py <<'PY'
from nornir_ansible.plugins.inventory.ansible import AnsibleInventory

print(AnsibleInventory(hostsfile="inventory.yml").load().hosts["n1"]["gateway"])
PY

result=ok
check() { # ANSIBLE NORNIR INVENTORY
  printf 'all:\n  children:\n%s\n' "$3" >inventory.yml
  ansible=$(python3 -m ansible.cli.inventory -i inventory.yml --host n1 2>/dev/null \
    | sed -n 's/.*"gateway": "\(.*\)".*/\1/p')
  nornir=$(python3 by_nornir.py 2>/dev/null)
  printf '%s\n  Ansible: %s, nornir-ansible: %s\n' "$3" "$ansible" "$nornir"
  [ "$ansible $nornir" = "$1 $2" ] || result=changed
}
check of-zone of-nodes '    nodes: {hosts: {n1: {}}, vars: {gateway: of-nodes}}
    zone: {hosts: {n1: {}}, vars: {gateway: of-zone}}'
check of-zone of-nodes '    zone: {hosts: {n1: {}}, vars: {gateway: of-zone}}
    nodes: {hosts: {n1: {}}, vars: {gateway: of-nodes}}'
check of-zone of-zone '    nodes: {children: {zone: {}}, vars: {gateway: of-nodes}}
    zone: {hosts: {n1: {}}, vars: {gateway: of-zone}}'
check of-host of-host '    nodes: {hosts: {n1: {gateway: of-host}}, vars: {gateway: of-nodes}}
    zone: {hosts: {n1: {}}, vars: {gateway: of-zone}}'
echo "$result"
[ "$result" = ok ]
