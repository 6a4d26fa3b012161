#!/bin/sh
# `clush -b`, which shows equal output once, throws away what nodes printed before the command timeout (-u)
# ended them. Their names are listed ("command timeout"), their lines are nowhere: those that would say where
# the command hung. Without -b and with -bL the same lines are shown. Cause: the handler of -b (CLI/Clush.py,
# GatherOutputHandler) walks over the return codes and prints the output of the nodes of each, and a node that
# timed out has no return code. The library has kept the output: `worker.iter_buffers()` without `match_keys`
# gives it. So with a timeout use -L beside -b, or read the buffers yourself. (And the exit code is 0 unless
# -S is given.)
#
# Installs ClusterShell 1.10.1 in a temporary folder; commands run on this machine only (`clush -R exec`).
# Fails if clush behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
clush() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Clush "$@"; }

clush --version
result=ok
check() { # OPTIONS EXPECTED (lines joined by " | ")
  # shellcheck disable=SC2086 # options are words
  seen=$(clush $1 -R exec -u 3 -w 'n[1-2]' 'echo begun; [ %n = 0 ] || exec sleep 9' 2>/dev/null \
    | grep -v -e '^---' | sort | paste -s -d '|' | sed 's/|/ | /g')
  printf 'clush %-4s %s\n' "$1" "$seen"
  [ "$seen" = "$2" ] || result=changed
}
check '' 'n1: begun | n2: begun'
check -bL 'n[1-2]: begun'
check -b 'begun | n1'
echo "$result"
[ "$result" = ok ]
