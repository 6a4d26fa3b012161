#!/bin/sh
# A line of tmux.conf that this version does not know has two effects, by what is unknown. An unknown option
# (`set -g nosuch on`) costs that line: all others hold. An unknown command (of a newer tmux, a slip) costs the
# whole file, the lines in front of it too: prefix, keys, hooks, nothing of it is there. In both cases `tmux -f
# FILE new-session -d` exits 0 and prints nothing; the message waits in the first window for whoever attaches.
# `source-file -n`, which parses and does not execute, finds the command and not the option. So one tmux.conf
# for machines with several versions is whole on one of them and nothing on another. Put such a line between
# `%if "#{==:#{version},...}"` and `%endif`, or in a file of its own that `source-file -q` loads.
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
tmux() { env -u TMUX "$folder/usr/bin/tmux" -S "$folder/socket" "$@"; }

tmux -V
result=ok
check() { # EXPECTED LINE
  printf 'set -g @before 1\n%b\nset -g @behind 1\n' "$2" >conf
  printf 'set -g @newer 1\nnewer-command x\n' >newer.conf
  tmux -f conf new-session -d 'sleep 60' >said 2>&1
  code=$?
  there=$(tmux show-options -g | sed -n 's/^@\([a-z]*\) .*/\1/p' | paste -s -d ' ')
  check=0
  tmux source-file -n conf >/dev/null 2>&1 || check=$?
  tmux kill-server
  seen="exit code $code, printed $(wc -l <said), set: ${there:-nothing}; source-file -n: $check"
  printf '%-56s %s\n' "$(echo "$2" | tr '\n' ' ')" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
all='exit code 0, printed 0, set: before behind; source-file -n: 0'
nothing='exit code 0, printed 0, set: nothing; source-file -n: 1'
check "$all" 'set -g status off'
check "$all" 'set -g nosuch on'
check "$nothing" 'newer-command x'
check "$all" '%if #{==:#{version},9.9}\nnewer-command x\n%endif'
check "$all" 'source-file -q newer.conf'
echo "$result"
[ "$result" = ok ]
