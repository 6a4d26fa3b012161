#!/bin/sh
# In tmux.conf quotes protect a semicolon: `set -g @word 'x;'` stores "x;". In the command that `bind` binds
# they do not, if the semicolon is the last character of a word: `bind F5 set -g @word 'x;'` binds `set-option
# -g @word x`, as the words are looked at a second time without their quotes, and a `;` at the end of one is
# taken for the end of a command. If further words follow, they are a command of their own. A semicolon inside
# of a word stays. Keys that type a line with a semicolon at its end into a pane (`send-keys 'uptime;'`) so
# send another line than was written. Write `\;` within the quotes, or bind a command in braces.
#
# Installs tmux 3.3a-3 of Debian 12 and two libraries of it in a temporary folder (needs apt-get and
# dpkg-deb). Fails if tmux behaves differently.
set -eu
folder=$(mktemp -d)
trap '"$folder/usr/bin/tmux" -S "$folder/socket" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download tmux=3.3a-3 \
  libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | sed -n 1p)")
export LD_LIBRARY_PATH
tmux() { env -u TMUX "$folder/usr/bin/tmux" -S "$folder/socket" -f /dev/null "$@"; }

tmux -V
tmux new-session -d -s s 'sleep 60'
cat >conf <<'EOF'
set -g @word 'x;'
bind -n F1 set -g @word 'x;'
bind -n F2 set -g @word 'x;y'
bind -n F3 set -g @word 'x\;'
bind -n F4 { set -g @word 'x;' }
EOF
tmux source-file conf
result=ok
check() { # WHAT SEEN EXPECTED
  printf '%-34s %s\n' "$1" "$2"
  [ "$2" = "$3" ] || result=changed
}
bound() { tmux list-keys -T root | sed -n "s/^bind-key  *-T root $1  *set-option -g @word //p"; }
check "set -g @word 'x;'" "$(tmux show-options -gv @word)" 'x;'
check "bind -n F1 set -g @word 'x;'" "$(bound F1)" x
check "bind -n F2 set -g @word 'x;y'" "$(bound F2)" '"x;y"'
check "bind -n F3 set -g @word 'x\\;'" "$(bound F3)" '"x;"'
check "bind -n F4 { set -g @word 'x;' }" "$(bound F4)" '"x;"'
echo "$result"
[ "$result" = ok ]
