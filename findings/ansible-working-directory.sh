#!/bin/sh
# `ansible` and `ansible-inventory` take the working directory for the folder of the playbooks, and read
# `group_vars` and `host_vars` there, though no playbook is run. So the same inventory, named by the same
# path, gives its hosts another login name and port from another directory, and nothing says so. A tool that
# calls `ansible-inventory --list` from where it stands (an editor, a job, a program that imports the fleet)
# logs in as somebody else than the plays of that project, or finds a `group_vars` of another project.
# Pass `--playbook-dir` with the project's folder.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs on this machine only. Fails if Ansible behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
mkdir -p "$folder/project/inventories" "$folder/project/group_vars" "$folder/elsewhere"
printf 'w1\n' >"$folder/project/inventories/hosts"
printf 'ansible_user: deploy\n' >"$folder/project/group_vars/all.yml"
run() { # COMMAND ARGUMENTS
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 python3 -m ansible "$@" 2>>"$folder/said"
}
run inventory --version | sed -n 1p
result=ok
check() { # DIRECTORY EXPECTED OPTIONS
  where=$1 expected=$2
  shift 2
  seen=$(cd "$folder/$where" && run inventory -i "$folder/project/inventories/hosts" --host w1 "$@" |
    sed -n 's/.*"ansible_user": "\(.*\)".*/\1/p')
  printf 'in %-20s login name of w1: %s\n' "$where${1:+ $1}" "${seen:-none}"
  [ "${seen:-none}" = "$expected" ] || result=changed
}
check project deploy
check elsewhere none
check project/inventories none
check elsewhere deploy --playbook-dir "$folder/project"
grep -v '^$' "$folder/said" && result=changed
echo "$result"
[ "$result" = ok ]
