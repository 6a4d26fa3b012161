#!/bin/sh
# yamlfix brings YAML files into one form: it writes `yes` and `no` as true and false, and moves comments. It does so
# line by line, also inside of a text (`content: |`) that is no YAML: a file which cloud-init or an Ansible task is to
# write. `do-ip6: no` of unbound.conf becomes `do-ip6: false`, which unbound refuses; `- off` becomes `- false`; blanks
# around a `#` change, whatever it means in that file; and the last text of the example loses the end of its last line.
# Its page says what it does with booleans and comments, and of texts nothing. It exits 0 and prints "Fixed". As a
# hook before each commit it so changes files of nodes that nobody edited. Keep such texts in files of their own.
#
# Installs yamlfix 1.19.1 and PyYAML 6.0.3 in a temporary folder. Fails if yamlfix behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder/python" \
  yamlfix==1.19.1 PyYAML==6.0.3
export PYTHONPATH="$folder/python" PYTHONNOUSERSITE=1
cat >data.yaml <<'END'
---
write_files:
  - path: /etc/unbound/unbound.conf
    content: |
      server:
        do-ip6: no
        interface: 10.0.0.53 # eth0

        #port: 53
  - path: /etc/words
    content: |
      - off
      one#two   #three
      three
END
cat >show.py <<'END'
"""Print the lines of the two texts, as YAML gives them."""
import yaml
for file in yaml.safe_load(open("data.yaml"))["write_files"]:
    print(*(f"  {line!r}" for line in file["content"].split("\n")), sep="\n")
END
{
  echo before
  python3 show.py
  code=0
  python3 -c 'from yamlfix.entrypoints.cli import cli; cli()' data.yaml >said 2>&1 || code=$?
  echo "yamlfix: exit code $code"
  python3 show.py
} >seen
cat >expected <<'END'
before
  'server:'
  '  do-ip6: no'
  '  interface: 10.0.0.53 # eth0'
  ''
  '  #port: 53'
  ''
  '- off'
  'one#two   #three'
  'three'
  ''
yamlfix: exit code 0
  'server:'
  '  do-ip6: false'
  '  interface: 10.0.0.53  # eth0'
  ''
  '  # port: 53'
  ''
  '- false'
  'one#two  # three'
  'three'
END
python3 -c 'from importlib.metadata import version; print("yamlfix", version("yamlfix"))'
cat seen
if cmp -s seen expected; then echo ok; else diff expected seen; echo changed; exit 1; fi
