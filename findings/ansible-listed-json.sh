#!/bin/sh
# What `ansible-inventory --list` prints is JSON, and Ansible reads JSON inventories; but it takes that output
# of a program only. Saved in a file (to look at, to commit, to save the calls of a cloud's plugin) it is no
# inventory: the YAML reader gives up at the first group, whose children are a list, and then the INI reader
# takes the first line for a host. So the fleet is one host that is called `{`: `ansible all --list-hosts`
# shows it and ends with 0, and a limit to a group (`web`) runs on no host and ends with 0 as well. With
# `--yaml` the same list is an inventory. Save that, or have a program print the JSON.
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
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 python3 -m ansible "$@" 2>>said
}
printf 'web:\n  hosts: {w1: , w2: }\n' >hosts.yml
run inventory -i hosts.yml --list >saved.json
run inventory -i hosts.yml --list --yaml >saved.yml
printf '#!/bin/sh\ncat %s/saved.json\n' "$folder" >program
chmod +x program
run inventory --version | sed -n 1p
result=ok
check() { # INVENTORY PATTERN EXPECTED
  code=0
  run adhoc -i "$1" "$2" --list-hosts >listed || code=$?
  seen=$(tr -s '\n ' ' ' <listed | sed 's/^ //; s/ $//')
  printf '%-11s %-4s %-20s exit %s\n' "$1" "$2" "$seen" "$code"
  [ "$seen, $code" = "$3" ] || result=changed
}
check ./program all 'hosts (2): w1 w2, 0'
check saved.yml all 'hosts (2): w1 w2, 0'
check saved.json all 'hosts (1): {, 0'
check saved.json web 'hosts (0):, 0'
echo "$result"
[ "$result" = ok ]
