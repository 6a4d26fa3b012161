#!/bin/sh
# ruamel.yaml is the library for editing a person's YAML file. It reads and writes YAML 1.2, where `no` and
# `52:54:00:12:34:56` are texts and need no quotes, and unless told otherwise it leaves out all quotes that 1.2
# does not need, also of values that nobody changed. Ansible, and everything else that reads by PyYAML, follows
# YAML 1.1, where the two are false and 41135085296. So an inventory in which a person has quoted such values, as
# the manual of Ansible advises, is loaded and saved once, with not one value changed, and is another inventory:
# a text of "no" is a boolean, a hardware address and a time of day are numbers. Set `preserve_quotes = True`,
# which keeps the quotes that are there, and for values that you set write `DoubleQuotedScalarString`.
#
# Installs ruamel.yaml 0.19.1 and ansible-core 2.19.14 in a temporary folder. Fails if one of them behaves
# differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/python -m pip install -q --disable-pip-version-check ruamel.yaml==0.19.1 ansible-core==2.19.14
: >none.cfg
export HOME="$folder" ANSIBLE_NOCOLOR=1 ANSIBLE_CONFIG="$folder/none.cfg" PATH="$folder/venv/bin:$PATH"
cat >before.yml <<'YAML'
all:
  hosts:
    n1: {mac: "52:54:00:12:34:56", backup: "no", window: "1:30", rack: "r1"}
YAML
saved() { # FILE SETTING
  python -c '
import sys
from ruamel.yaml import YAML
yaml = YAML()
yaml.preserve_quotes = sys.argv[2] == "True"
document = yaml.load(open("before.yml"))
yaml.dump(document, open(sys.argv[1], "w"))' "$1" "$2"
}
ansible --version | sed -n 1p
python -c 'import ruamel.yaml; print("ruamel.yaml", ruamel.yaml.__version__)'
saved after.yml False
saved kept.yml True
result=ok
check() { # FILE EXPECTED
  seen=$(ansible-inventory -i "$1" --host n1 | tr -d '\n ')
  printf '%-10s %s\n%-10s read by Ansible: %s\n' "$1" "$(sed -n 's/^ *n1: //p' "$1")" '' "$seen"
  [ "$seen" = "$2" ] || result=changed
}
text='{"backup":"no","mac":"52:54:00:12:34:56","rack":"r1","window":"1:30"}'
check before.yml "$text"
check after.yml '{"backup":false,"mac":41135085296,"rack":"r1","window":90}'
check kept.yml "$text"
echo "$result"
[ "$result" = ok ]
