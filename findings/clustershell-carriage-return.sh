#!/bin/sh
# ClusterShell drops output that ends in a carriage return. It splits what a command prints at every "\r" as
# well as at "\n", hands on the lines that end in "\n" and keeps one of the other pieces for later: the last.
# All earlier pieces are gone, and the kept one comes after lines that were printed later. A program that
# draws its progress with "\r" (an archive tool, a download) loses text under clush, and what is left changes
# its order. No line is marked as cut. Cause: `_readlines` of Worker/EngineClient.py, `buf.splitlines(True)`
# with one buffer for unfinished pieces. Where each byte counts, let the node replace it (`| tr '\r' '\n'`) or
# encode the output (`| base64`).
#
# Installs ClusterShell 1.10.1 in a temporary folder; commands run on this machine only (`clush -R exec`).
# Fails if ClusterShell behaves differently.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m pip install -q --disable-pip-version-check --root-user-action ignore --target "$folder" \
  ClusterShell==1.10.1 PyYAML==6.0.3
clush() { PYTHONPATH="$folder" PYTHONNOUSERSITE=1 python3 -m ClusterShell.CLI.Clush -R exec -w n1 "$@"; }

clush --version
result=ok
check() { # WHAT PRINTF-FORMAT EXPECTED (with \r as <CR>, lines joined by " | ")
  seen=$(clush "printf '$2'" | sed 's/^n1: //; s/\r/<CR>/g' | paste -s -d '|' | sed 's/|/ | /g')
  printf '%-34s printed: %-32s arrived: %s\n' "$1" "$2" "$seen"
  [ "$seen" = "$3" ] || result=changed
}
check 'lines' 'one\ntwo\n' 'one | two'
check 'lines of Windows' 'one\r\ntwo\r\n' 'one | two'
check 'progress, then a line' 'one\rtwo\rthree\rdone\n' 'done | three<CR>'
check 'a piece before two lines' 'one\rtwo\nthree\n' 'two | three | one<CR>'
check 'pieces between lines' 'first\none\rtwo\rlast\n' 'first | last | two<CR>'
echo "$result"
[ "$result" = ok ]
