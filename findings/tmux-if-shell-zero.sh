#!/bin/sh
# tmux has two ideas of what is false. In a format, `#{?VALUE,yes,no}` is false for an empty value and for
# exactly "0". `if-shell -F VALUE` is false for every value that *begins* with 0, so "0a1b" and "007" take the
# else branch there and count as true in `#{?...}`. A program that keeps random hexadecimal words in user
# options and asks `if-shell -F '#{@word}'` goes wrong in one case of sixteen; a letter in front helps.
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
tmux new-session -d -s s 'sleep 60'
result=ok
check() { # VALUE EXPECTED-IN-FORMAT EXPECTED-IN-IF-SHELL
  tmux set-option -t s @word "$1"
  format=$(tmux display-message -t s: -p '#{?#{@word},true,false}')
  branch=$(tmux if-shell -F -t s: '#{@word}' 'set-buffer true' 'set-buffer false' \; show-buffer)
  printf '%-6s format: %-5s  if-shell -F: %s\n' "$1" "$format" "$branch"
  [ "$format $branch" = "$2 $3" ] || result=changed
}
check 1 true true
check 0 false false
check a1b0 true true
check 0a1b true false
check 007 true false
echo "$result"
[ "$result" = ok ]
