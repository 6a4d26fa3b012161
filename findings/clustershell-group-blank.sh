#!/bin/sh
# A node set with a blank after its comma is fine on ClusterShell's command line ("n1, n2") and an error in a
# group of groups.d/*.yaml, where white space separates sets as a comma does, so that a set is missing between
# the two. What is worse, the error is not the group's alone. Every question which looks at all groups fails
# with it, for nodes and groups that are written right: `@*`, `clush -a`, `nodeset -l NODE`, `nodeset -r`. And
# the message names neither file nor group. One person's edit so ends everybody's `clush -a`. Write groups as
# YAML lists, and run `nodeset -LL` after each edit.
#
# Installs ClusterShell 1.10.1 in a temporary folder. Fails if ClusterShell behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
export CLUSTERSHELL_CFGDIR="$folder/config"
mkdir -p "$CLUSTERSHELL_CFGDIR/groups.d"
nodeset() {
  PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Nodeset "$@" 2>&1 \
    | sed 's/^Nodeset.py: //'
}

nodeset --version
# shellcheck disable=SC2016 # ClusterShell's own variable
printf '[Main]\ndefault: nodes\nautodir: $CFGDIR/groups.d\n' >"$CLUSTERSHELL_CFGDIR/groups.conf"
result=ok
check() { # ARGUMENTS... EXPECTED
  for expected in "$@"; do :; done
  seen=$(nodeset "$1" "$2")
  printf 'nodeset %-3s %-8s %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$expected" ] || result=changed
}
echo '  web: n1,n2'
printf 'nodes:\n  web: n1,n2\n  db: [n4, n5]\n' >"$CLUSTERSHELL_CFGDIR/groups.d/nodes.yaml"
check -f 'n1, n2' 'n[1-2]'
check -f '@*' 'n[1-2,4-5]'
check -l n4 @db
echo '  web: n1, n2'
printf 'nodes:\n  web: n1, n2\n  db: [n4, n5]\n' >"$CLUSTERSHELL_CFGDIR/groups.d/nodes.yaml"
check -f @db 'n[4-5]'
fault="Parse error: missing nodeset operand with ',' operator: \"n2\""
check -f '@*' "$fault"
check -l n4 "$fault"
check -r n4 "$fault"
echo "$result"
[ "$result" = ok ]
