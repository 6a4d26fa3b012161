#!/bin/sh
# A layout as `#{window_layout}` gives it names each pane by its number: "...{50x24,0,0,0,49x24,51,0,1}" has
# pane %0 on the left and %1 on the right. `select-layout` takes such a text and ignores the numbers: it fills
# the places with the panes in their present order. So a layout that was saved does not bring the panes back
# to their places after `swap-pane` or `rotate-window`: tmux prints nothing, exits 0, and n2 is where n1 was.
# Only the sizes are restored. A program that keeps nodes by place has to keep the ids of the panes beside the
# layout and swap until they fit, and should write to a pane by its id only.
#
# Installs tmux 3.3a-3 of Debian 12 and two libraries of it in a temporary folder (needs apt-get and
# dpkg-deb). Fails if tmux behaves differently.
set -eu
folder=$(mktemp -d)
trap '"$folder/usr/bin/tmux" -S "$folder/socket" kill-server 2>/dev/null || :; rm -rf "$folder"' EXIT
cd "$folder"
apt-get -qq -o APT::Sandbox::User=root download \
  tmux=3.3a-3 libevent-core-2.1-7=2.1.12-stable-8 libutempter0=1.2.1-3
for package in ./*.deb; do dpkg-deb -x "$package" "$folder"; done
LD_LIBRARY_PATH=$(dirname "$(find "$folder" -name 'libevent_core*.so*' | head -n 1)")
export LD_LIBRARY_PATH
tmux() { env -u TMUX "$folder/usr/bin/tmux" -S "$folder/socket" -f /dev/null "$@"; }

tmux -V
tmux new-session -d -s nodes -x 100 -y 24 'sleep 60'
tmux split-window -h -t nodes 'sleep 60'
tmux resize-pane -t %0 -x 30
layout=$(tmux display-message -p -t nodes '#{window_layout}')
result=ok
check() { # EXPECTED WHAT
  seen=$(tmux list-panes -t nodes -F '#{pane_id} at column #{pane_left}, #{pane_width} wide' | sort | paste -s -d ';')
  printf '%-24s %s\n' "$2" "$seen"
  [ "$seen" = "$1" ] || result=changed
}
echo "the layout: ${layout#*,}"
[ "${layout#*,}" = '100x24,0,0{30x24,0,0,0,69x24,31,0,1}' ] || result=changed
check '%0 at column 0, 30 wide;%1 at column 31, 69 wide' 'saved'
tmux swap-pane -s %0 -t %1
tmux select-layout -t nodes even-horizontal
check '%0 at column 50, 50 wide;%1 at column 0, 49 wide' 'swapped and resized'
tmux select-layout -t nodes "$layout"
check '%0 at column 31, 69 wide;%1 at column 0, 30 wide' 'select-layout'
echo "$result"
[ "$result" = ok ]
