#!/bin/sh
# Ansible takes a comma or a colon between host patterns, and a reader of its manual may mix them. But a comma
# anywhere in the pattern switches the colon off: `n1,n2:!n1` is the two patterns "n1" and "n2:!n1", the
# second of which is no host. What is excluded so is not just not excluded: n1 is the only node that is left,
# and n2 is missing. A warning about a pattern that matches nothing is printed, the play runs, and the exit
# code is 0. The same holds for `--limit` and for a list of groups (`web,db:!gateway` runs on all of web, the
# gateway included). Use commas alone.
#
# Installs ansible-core 2.19.14 in a temporary folder; runs nothing on a node. Fails if Ansible behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  ansible-core==2.19.14
cd "$folder"
printf '[web]\nn1\ngateway\n[db]\nn2\n' >hosts
ansible() { # ARGUMENTS
  PYTHONPATH="$folder/python" ANSIBLE_HOME="$folder" ANSIBLE_NOCOLOR=1 python3 -m ansible adhoc "$@"
}
ansible --version | sed -n 1p
result=ok
check() { # EXPECTED PATTERN-AND-OPTIONS
  expected=$1
  shift
  seen=$(ansible -i hosts --list-hosts "$@" 2>/dev/null | tail -n +2 | tr -d ' ' | paste -s -d ' ')
  printf '%-26s %s\n' "$*" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
check n2 'n1:n2:!n1'
check n2 'n1,n2,!n1'
check n1 'n1,n2:!n1'
check 'n1 gateway' 'web,db:!gateway'
check 'n1 gateway' all --limit 'web,db:!gateway'
echo "$result"
[ "$result" = ok ]
