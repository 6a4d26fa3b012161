#!/bin/sh
# `tmux kill-session -t node1` ends the session node10 if there is no node1: where no session has exactly the
# name of a target, tmux takes the one that begins with it, and says nothing. So with a session for each
# numbered node, `has-session -t node1` says yes before node1 was opened, `send-keys -t node1:` types into
# another node's shell, and a script that ends node1's session twice ends another one the second time. With
# two that begin so (node10, node11) it is an error, so it shows on small fleets and not in a test on a large
# one. The same holds for windows. `=` in front asks for the name itself: `-t '=node1'`, `-t '=s:=node1'`.
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
  printf 'tmux %-48s %s %s\n' "$*" "$code" "$(echo "$said" | tr '\n' ' ')"
  [ "$code $said" = "$expected" ] || result=changed
}
check '0 ' new-session -d -s control -n gate 'sleep 60'
check '0 ' new-session -d -s node10 'sleep 60'
check '0 ' has-session -t node1
check "1 can't find session: node1" has-session -t =node1
check '0 node10' display-message -p -t node1: '#{session_name}'
check '0 gate' display-message -p -t control:ga '#{window_name}'
check '0 ' kill-session -t node1
check '0 control' list-sessions -F '#{session_name}'
check '0 ' new-session -d -s node10 'sleep 60'
check '0 ' new-session -d -s node11 'sleep 60'
check "1 can't find session: node1" kill-session -t node1
echo "$result"
[ "$result" = ok ]
