#!/bin/sh
# A rolling change (`serial`) is meant to stop at its first batch if something goes wrong there. With
# `max_fail_percentage: 0` or `any_errors_fatal: true` it does for a task that fails, and does not for a host
# that cannot be reached: that one is left out, the other hosts of its batch go on, and the next batch begins.
# So a change after which hosts are no longer reached (of sshd, a firewall, a network) is carried on to the
# next hosts, as long as one host in each batch is left; only a batch of which every host is gone ends the
# play. To stop, put a task behind the change that asks each host of the batch from here (`wait_for` with
# `delegate_to: localhost`): it fails, and counts.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs on this machine only, where port 9 of 127.0.0.1 is
# taken to be closed. Fails if Ansible behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
cd "$folder"
cat >inventory.ini <<'END'
[all:vars]
ansible_connection=local
ansible_python_interpreter="{{ ansible_playbook_python }}"
[all]
n1
n2
n3
n4
END
sed 's/^n2$/n2 ansible_connection=ssh ansible_host=127.0.0.1 ansible_port=9/' inventory.ini >unreachable.ini
run() { # ARGUMENTS
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 python3 -m ansible playbook "$@"
}
run --version | sed -n 1p
result=ok
check() { # KEYWORD INVENTORY COMMAND EXPECTED
  cat >play.yml <<END
- hosts: all
  gather_facts: false
  serial: 2
  $1
  tasks:
    - ansible.builtin.command: $3
END
  run -i "$2" play.yml >said 2>&1 || :
  seen=$(sed -n 's/^changed: \[\(.*\)\]$/\1/p' said | sort | tr '\n' ' ')
  printf '%-26s %-38s changed: %s\n' "$1" "$3 on $2" "$seen"
  [ "$seen" = "$4" ] || result=changed
}
for keyword in 'max_fail_percentage: 0' 'any_errors_fatal: true'; do
  check "$keyword" inventory.ini 'test {{ inventory_hostname }} != n2' 'n1 '
  check "$keyword" unreachable.ini 'echo changed' 'n1 n3 n4 '
done
echo "$result"
[ "$result" = ok ]
