#!/bin/sh
# Ansible's inventory plugin `constructed` makes groups of hosts' variables. If the variable that `keyed_groups`
# names is a number (`rack=7` in an INI inventory is one), the plugin ends at that host: an "Invalid group name"
# is printed among warnings, and ansible-inventory and ansible-playbook exit 0. What was made before stays. The
# group `careful` of the example then has n1 and n2 and not n4, though nothing in its own rule concerns racks,
# and `all:!careful` runs on n4. Where every rack is a text (r1, r2) all works, until one is a number; of
# `keyed_groups` the manual says that groups are made of "the values of a variable". With `strict: true` it is
# no different. Write `key: rack | string`, and set ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED=1.
#
# Installs ansible-core 2.19.14 in a temporary folder; nothing connects. Fails if Ansible behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -q --disable-pip-version-check ansible-core==2.19.14
export HOME="$folder" ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$folder/none.cfg" PATH="$folder/venv/bin:$PATH"
unset ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED
mkdir inventory && : >none.cfg
rules() { # KEY
  cat >inventory/20-groups.yml <<YAML
plugin: ansible.builtin.constructed
groups: {careful: database is defined}
keyed_groups: [{key: $1, prefix: rack}]
YAML
}
cat >inventory/10-hosts.ini <<'INI'
n1 rack=r1 database=a
n2 rack=r2 database=b
n3 rack=7
n4 rack=r4 database=c
INI
hosts() { # PATTERN
  ansible "$1" -i inventory --list-hosts 2>warnings | sed -n 's/^ *\(n[0-9]\)$/\1/p' | sort | paste -s -d ' '
}

ansible --version | sed -n 1p
rules rack
code=0
ansible-inventory -i inventory --graph >graph 2>warnings || code=$?
grep -m 1 'Invalid group name' warnings | cut -c -90
echo "exit code: $code"
number="$(hosts careful) | $(hosts 'all:!careful')"
echo "key: rack            careful | all:!careful = $number"
rules 'rack | string'
text="$(hosts careful) | $(hosts 'all:!careful')"
echo "key: rack | string   careful | all:!careful = $text"
if [ "$code $number/$text" = '0 n1 n2 | n3 n4/n1 n2 n4 | n3' ]; then echo ok; else
  echo changed
  exit 1
fi
