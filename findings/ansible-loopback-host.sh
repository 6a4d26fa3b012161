#!/bin/sh
# Ansible makes a host "localhost" by itself: the machine on which it runs, without ssh. A host in the inventory
# that is called 127.0.0.1 takes its place, though nobody named it localhost: a guest behind a forwarded port
# (`127.0.0.1 ansible_port=2222`, as Vagrant's inventories have it) or the end of a tunnel. From then on
# `delegate_to: localhost`, `local_action` and plays with `hosts: localhost` log in to that guest: checks,
# files and secrets that were to stay on this machine go there. Neither a warning nor a different name in the
# output says so, and a host of another name with `ansible_host=127.0.0.1` changes nothing. Give such a host a
# name, and its address as `ansible_host`.
#
# Installs ansible-core 2.19.14 in a temporary folder; its ssh is a script that writes down the port it is
# given and connects to nothing. Fails if Ansible behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
cd "$folder"
run() { # COMMAND ARGUMENTS
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 ANSIBLE_PYTHON_INTERPRETER=auto_silent \
    ANSIBLE_SSH_EXECUTABLE="$folder/ssh" python3 -m ansible "$@"
}
# shellcheck disable=SC2016 # as the script has it
printf '#!/bin/sh\necho "$*" | grep -o "Port=[0-9]*" >>%s/called\nexit 255\n' "$folder" >ssh
chmod +x ssh
printf 'web ansible_connection=local\n127.0.0.1 ansible_port=2222\n' >address
printf 'web ansible_connection=local\nguest ansible_host=127.0.0.1 ansible_port=2222\n' >named
cat >delegated.yml <<'EOF'
- hosts: web
  gather_facts: false
  tasks: [{ansible.builtin.raw: echo here, delegate_to: localhost}]
EOF
cat >play.yml <<'EOF'
- hosts: localhost
  gather_facts: false
  tasks: [{ansible.builtin.raw: echo here}]
EOF
run playbook --version | sed -n 1p
result=ok
check() { # INVENTORY PLAYBOOK EXPECTED
  : >called
  run playbook -i "$1" "$2" >out 2>&1 || :
  seen=$(sort -u called)
  printf '%-8s %-14s logs in by ssh: %s\n' "$1" "$2" "${seen:-no}"
  [ "${seen:-no}" = "$3" ] || result=changed
}
check named delegated.yml no
check address delegated.yml Port=2222
check named play.yml no
check address play.yml Port=2222
if grep -q WARNING out; then result=changed; fi
echo "$result"
[ "$result" = ok ]
