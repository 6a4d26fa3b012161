#!/bin/sh
# Some names that an inventory may give to a host's variables are Ansible's own, and it treats them in two
# ways. `tags`, `environment`, `name` and `port` bring a warning, and the variable stays. `groups`,
# `group_names`, `hostvars`, `inventory_hostname` and `playbook_dir` bring none, and the variable is gone:
# `ansible-inventory --host` does not list it, and a play sees Ansible's own value instead. So just the names
# whose value is lost are the ones that nobody is warned of. An exporter which writes a node's facts (its
# user's groups, say) as host variables loses those. Put a prefix in front of every name, or all facts into
# one dictionary.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs on this machine only. Fails if Ansible behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
cd "$folder"
run() { # COMMAND ARGUMENTS
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 python3 -m ansible "$@"
}
names='environment name port tags group_names groups hostvars inventory_hostname playbook_dir'
printf 'all:\n  hosts:\n    n1:\n' >inventory.yaml
for name in $names; do echo "      $name: mine"; done >>inventory.yaml
run inventory --version | sed -n 1p
run inventory -i inventory.yaml --host n1 >listed 2>said
result=ok
for name in $names; do
  warned=no listed=no expected='yes yes'
  grep -q "reserved name '$name'" said && warned=yes
  grep -q "\"$name\": \"mine\"" listed && listed=yes
  printf '%-20s warning: %-4s kept: %s\n' "$name" "$warned" "$listed"
  case $name in
  group* | host* | inventory* | playbook*) expected='no no' ;;
  esac
  [ "$warned $listed" = "$expected" ] || result=changed
done
run adhoc -i inventory.yaml n1 -c local -m debug -a var=inventory_hostname >seen 2>/dev/null
seen=$(sed -n 's/^ *"inv.*: //p' seen)
echo "a play sees of inventory_hostname: $seen"
[ "$seen" = '"n1"' ] || result=changed
echo "$result"
[ "$result" = ok ]
