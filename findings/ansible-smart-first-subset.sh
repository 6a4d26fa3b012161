#!/bin/sh
# With `gathering = smart` Ansible asks each host for its facts once, and remembers that it asked, not what for.
# If the first play of a run wants a part only (`gather_subset: [min]`, to be quick), a later play gets no more,
# even one with `gather_facts: true` and `gather_subset: [all]`. With a cache of facts this lasts until the entry
# expires: a playbook that asked for little yesterday takes memory and disks away from another one today. Where
# templates have a `default()` nothing fails. Without smart gathering each play gets its own. Call the `setup`
# module as a task where a play needs more: a task is not skipped.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs on this machine only. Fails if Ansible behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ansible-core==2.19.14
cd "$folder"
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 ANSIBLE_HOME="$folder" LC_ALL=C.UTF-8
export ANSIBLE_CACHE_PLUGIN_CONNECTION="$folder/cache"
printf 'n1 ansible_connection=local ansible_python_interpreter=%s\n' "$(command -v python3)" >inventory
shown='debug: {msg: "memory is {{ ansible_facts.memtotal_mb is defined }}"}'
printf -- '- hosts: n1\n  gather_subset: [min]\n  tasks: [{%s}]\n' "$shown" >small.yml
printf -- '- hosts: n1\n  gather_facts: true\n  gather_subset: [all]\n  tasks: [{%s}]\n' "$shown" >large.yml
printf -- '- hosts: n1\n  tasks: [{setup: }, {%s}]\n' "$shown" >task.yml

python3 -m ansible.cli.playbook --version | sed -n 1p
result=ok
check() { # EXPECTED GATHERING CACHE PLAYBOOKS...
  expected=$1 gathering=$2 cache=$3
  shift 3
  export ANSIBLE_GATHERING="$gathering" ANSIBLE_CACHE_PLUGIN="$cache"
  seen=$(python3 -m ansible.cli.playbook -i inventory "$@" \
    | sed -n 's/.*memory is \([A-Za-z]*\).*/\1/p' | paste -s -d ' ')
  printf '%-8s %-8s %-22s memory known: %s\n' "$gathering" "$cache" "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check 'False True' implicit memory small.yml large.yml
check 'False False' smart memory small.yml large.yml
check 'False True' smart memory small.yml task.yml
check True smart memory large.yml
check False smart jsonfile small.yml
check False smart jsonfile large.yml
echo "$result"
[ "$result" = ok ]
