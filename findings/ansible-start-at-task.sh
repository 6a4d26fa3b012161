#!/bin/sh
# `ansible-playbook --start-at-task NAME` goes on with a play at a task. If no task has that name, nothing at
# all runs, and the exit code is 0. An [ERROR] line is printed on standard error, but the recap is empty, and
# JSON or callbacks see a play without a failure. The name has to fit in full, and tasks that come by
# include_tasks do not count, so a play that was "finished" so after a failure may not have been begun.
# `--tags` with a tag that no task has ends in the same way, without even that line. Whoever calls
# ansible-playbook to finish the rest should compare with `--list-tasks` first, or count the hosts in the
# recap.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs on this machine only. Fails if Ansible behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ansible-core==2.19.14
export PYTHONPATH="$folder" PYTHONNOUSERSITE=1 ANSIBLE_HOME="$folder/home" ANSIBLE_NOCOLOR=1 HOME="$folder"
cd "$folder"
cat >play.yml <<'EOF'
- hosts: n1
  connection: local
  gather_facts: false
  tasks:
    - name: Stop the service
      ansible.builtin.debug: {msg: stopped}
    - name: Start the service
      ansible.builtin.debug: {msg: started}
EOF
ansible_playbook() { python3 -m ansible.cli.playbook -i n1, play.yml "$@"; }
ansible_playbook --version | sed -n 1p
result=ok
check() { # EXPECTED OPTION...
  expected=$1
  shift
  code=0
  ansible_playbook "$@" >out 2>err || code=$?
  seen="exit code $code, hosts in the recap: $(grep -c 'ok=' out || :), errors: $(grep -c '^.ERROR' err || :)"
  printf '%-38s %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check 'exit code 0, hosts in the recap: 1, errors: 0' --start-at-task 'Start the service'
check 'exit code 0, hosts in the recap: 0, errors: 1' --start-at-task 'Start service'
check 'exit code 0, hosts in the recap: 0, errors: 0' --tags nosuch
echo "$result"
[ "$result" = ok ]
