#!/bin/sh
# A host name with a dot cannot be the name of a tmux session, and tmux does not say so: `tmux new-session -d
# -s n1.example.org` exits 0, prints nothing, and makes a session n1_example_org. With the name that was given,
# the session is then not found: in a target a dot separates the window from the pane, so `has-session -t
# n1.example.org` ends with 1 and "can't find pane: example.org", also with `=` in front. The usual "if
# has-session, attach, else new-session" so works once: the second time it makes a new session, which fails
# with "duplicate session: n1_example_org". A window keeps its dots, `list-windows` shows them, and no target
# finds it by its name. Replace dots (and colons) in names yourself before any command, or use the ids (`$1`,
# `@1`) that `new-session -P -F '#{session_id}'` prints.
#
# Installs tmux 3.3a-3 of Debian 12 and two libraries of it in a temporary folder (needs apt-get and dpkg-deb).
# Fails if tmux behaves differently.
set -eu
folder=$(mktemp -d)
trap '"$folder/usr/bin/tmux" -S "$folder/socket" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq download tmux=3.3a-3 libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | head -n 1)")
export LD_LIBRARY_PATH
tmux() { env -u TMUX "$folder/usr/bin/tmux" -S "$folder/socket" -f /dev/null "$@"; }

tmux -V
result=ok
check() { # EXPECTED ARGUMENTS...
  expected=$1
  shift
  code=0
  said=$(tmux "$@" 2>&1) || code=$?
  printf 'tmux %-64s %s %s\n' "$*" "$code" "$said"
  [ "$code $said" = "$expected" ] || result=changed
}
check '0 ' new-session -d -s n1.example.org -n n2.example.org 'sleep 60'
check '0 n1_example_org' list-sessions -F '#{session_name}'
check "1 can't find pane: example.org" has-session -t n1.example.org
check "1 can't find pane: example.org" has-session -t '=n1.example.org'
check '1 duplicate session: n1_example_org' new-session -d -s n1.example.org 'sleep 60'
check '0 n2.example.org' list-windows -t n1_example_org -F '#{window_name}'
check "1 can't find window: n2" select-window -t '=n1_example_org:=n2.example.org'
echo "$result"
[ "$result" = ok ]
