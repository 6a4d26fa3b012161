#!/bin/sh
# `tmux new-session -A -d -s NAME` reads as "make the session if it is not there, and stay outside", which is
# what a timer, a unit or a rollout wants. The first time it is that. Where the session exists, -A turns the
# command into attach-session, as the manual says, and -d does not keep it outside: without a terminal it ends
# with 1 and "open terminal failed: not a terminal". So a job that was tried once works, and each later run
# fails until the session is gone. Ask first, with an equals sign, as without it a longer name is found as well:
# `tmux has-session -t =NAME || tmux new-session -d -s NAME`.
#
# Installs tmux 3.3a-3 of Debian 12 and two libraries of it in a temporary folder (needs apt-get and dpkg-deb).
# Fails if tmux behaves differently.
set -eu
folder=$(mktemp -d)
trap '"$folder/usr/bin/tmux" -S "$folder/socket" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download tmux=3.3a-3 \
  libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | head -n 1)")
export LD_LIBRARY_PATH
tmux() { env -u TMUX "$folder/usr/bin/tmux" -S "$folder/socket" -f /dev/null "$@" </dev/null; }

tmux -V
result=ok
check() { # EXPECTED ARGUMENTS...
  expected=$1
  shift
  code=0
  said=$(tmux "$@" 2>&1) || code=$?
  printf 'tmux %-42s %s %s\n' "$*" "$code" "$said"
  [ "$code $said" = "$expected" ] || result=changed
}
check '0 ' new-session -A -d -s jobs 'sleep 60'
check '1 open terminal failed: not a terminal' new-session -A -d -s jobs 'sleep 60'
check '1 open terminal failed: not a terminal' new-session -A -D -d -s jobs 'sleep 60'
check '1 duplicate session: jobs' new-session -d -s jobs 'sleep 60'
check '0 ' has-session -t =jobs
check '0 jobs' list-sessions -F '#{session_name}'
echo "$result"
[ "$result" = ok ]
