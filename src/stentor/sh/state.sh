# Where everything that is kept on a node lies.

# state_directory [NAME]: set `state` to it, or to NAME in it. Never XDG_STATE_HOME: one kind of shell may
# set it and another may not, and every login must find the same place.
state_directory() { state=$HOME/.local/state/stentor${1:+/$1}; }
