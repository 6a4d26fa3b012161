#!/bin/sh
# `!unsafe` keeps Ansible from reading a variable as a template: a text with braces in it stays as it is. Such
# marks are lost when an inventory is exported as YAML (`ansible-inventory --list --export --yaml`): the text
# is written without one, no warning is printed, and whoever reads the export gets the template's result in
# place of the text. (The JSON form keeps the mark, as `__ansible_unsafe`.) So an export is not the same
# inventory: a fact, a regular expression or a log format changes with it. Export JSON and write the marks
# yourself, or look for braces in what was exported.
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
value() { # INVENTORY: what a task sees
  run adhoc -i "$1" n1 -c local -m debug -a var=motd | sed -n 's/^ *"motd": //p'
}
printf 'all:\n  hosts:\n    n1:\n      motd: !unsafe "{{ 40 + 2 }}"\n' >inventory.yaml
run inventory --version | sed -n 1p
run inventory -i inventory.yaml --list --export --yaml >exported.yaml 2>said
before=$(value inventory.yaml) after=$(value exported.yaml)
echo "exported: $(grep motd exported.yaml | tr -s ' '); said: $(wc -c <said) characters"
echo "a task sees: $before before, $after after"
[ "$before $after" = '"{{ 40 + 2 }}" 42' ]
[ ! -s said ]
echo ok
