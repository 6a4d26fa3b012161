#!/bin/sh
# One pane of a fleet session: log in, say why it ended, wait, log in again.
#
#   pane.sh [-m 'SSH WORDS'] NODE ssh OPTIONS... ALIAS [COMMAND]
#
# -m tries mosh first, over these ssh words. The pane's user option @state says how it stands; the
# border shows it. A shell that the user ended (any exit code but 255, after two seconds) closes the
# pane; 255 is ssh's own word for "the connection failed". POSIX sh: dash, bash and busybox run it.
# Everything is in functions, so that an upgrade of this file does not disturb panes that run.

state() {
  tmux set-option -p -t "$TMUX_PANE" @state "$1" 2>/dev/null
}

say() {
  printf '\033[33m-- %s\033[0m\n' "$1"
}

# A full-screen program that was cut off leaves the terminal in its own modes.
mend_terminal() {
  printf '\033[?1049l\033[?25h\033[?1000l\033[?1002l\033[?1003l\033[?1006l\033[?2004l\033[?1l\033>\033[0m'
  stty sane 2>/dev/null
}

# Synchronised input ends when a pane drops: what is typed next would not reach every node.
end_sync() {
  tmux if-shell -F -t "$TMUX_PANE" '#{&&:#{pane_synchronized},#{@stentor_off}}' \
    "set-option -p -u -t $TMUX_PANE synchronize-panes ; run-shell -C '#{@stentor_off}' ;\
    display-message -d 5000 'sync ended: $NODE dropped'" 2>/dev/null
}

# What the user's own configuration leaves unsaid: notice a dead link, give up on a silent node, and
# (if LocalCommand is free) hear from ssh itself that the login succeeded.
extra_options() {
  EXTRA='' TOLD=''
  program=$1
  shift
  config=$("$program" -G "$@" 2>/dev/null </dev/null) || config=''
  case $config in *'serveraliveinterval 0'*) EXTRA='-o ServerAliveInterval=5 -o ServerAliveCountMax=3' ;; esac
  case $config in *'connecttimeout none'*) EXTRA="$EXTRA -o ConnectTimeout=10" ;; esac
  # A master of the user's own may be another machine's that has this address on another way.
  case $config in
    *"${NEWLINE}proxyjump "* | *"${NEWLINE}proxycommand "*)
      path=${config##*"${NEWLINE}controlpath "}
      path=${path%%"$NEWLINE"*}
      case ${path##*/} in *"$NODE"*) ;; *) EXTRA="$EXTRA -o ControlPath=none" ;; esac
      ;;
  esac
  case $config in
    *"${NEWLINE}localcommand none"*) TOLD=yes ;;
    *"${NEWLINE}localcommand "*) ;; # the user's own stays; @state is a guess then
    *) TOLD=yes ;;
  esac
}

connect() {
  program=$1
  shift
  # shellcheck disable=SC2086  # EXTRA holds words of ours
  if [ "$TOLD" ]; then
    set -- $EXTRA -o PermitLocalCommand=yes \
      -o "LocalCommand=tmux set-option -p -t %$TMUX_PANE @state up" "$@"
    "$program" "$@"
  else
    set -- $EXTRA "$@"
    { sleep 5 && state up; } &
    teller=$!
    "$program" "$@"
    set -- "$?"
    kill "$teller" 2>/dev/null
    return "$1"
  fi
}

# Wait so many seconds, or until Enter.
pause() {
  left=$1
  if ! stty -icanon -echo min 0 time 0 2>/dev/null; then
    sleep "$left"
    return
  fi
  while [ "$left" -gt 0 ]; do
    step=$left
    [ "$step" -gt 20 ] && step=20
    stty min 0 time $((step * 10))
    key=$(dd bs=1 count=1 2>/dev/null && printf x)
    case $key in
      x) left=$((left - step)) ;;    # no key in this time
      "${NEWLINE}x") break ;;        # the x keeps the shell from stripping the newline
    esac
  done
  stty sane 2>/dev/null
}

by_mosh() {
  state mosh
  for ALIAS; do :; done
  mosh --ssh="$MOSH" "$ALIAS"
  code=$?
  mend_terminal
  [ "$code" -eq 0 ] && exit 0
  say "mosh to $NODE ended with $code; going on with ssh"
}

main() {
  MOSH=''
  if [ "$1" = -m ]; then
    MOSH=$2
    shift 2
  fi
  NODE=$1
  shift
  NEWLINE='
'
  tries=0 wait=1
  [ "$MOSH" ] && by_mosh "$@"
  extra_options "$@"
  while :; do
    tries=$((tries + 1))
    if [ "$tries" -gt 1 ]; then state "connecting, try $tries"; else state connecting; fi
    began=$(date +%s)
    connect "$@"
    code=$?
    lasted=$(($(date +%s) - began))
    end_sync
    if [ "$code" -ne 255 ] && [ "$lasted" -ge 2 ]; then exit "$code"; fi
    mend_terminal
    if [ "$lasted" -ge 30 ]; then tries=1 wait=1; fi
    if [ "$code" -eq 255 ]; then
      why="no connection to $NODE (see ssh's message above; for a host key:"
      why="$why do not edit known_hosts, run 'stentor trust $NODE')"
      [ "$lasted" -ge 30 ] && why="the connection to $NODE is gone"
    else
      why="the login shell of $NODE ended with $code at once"
    fi
    say "$why; next try in $wait s. Enter: now. Ctrl-C: close this pane."
    state "down, next try in $wait s"
    pause "$wait"
    wait=$((wait * 2))
    [ "$wait" -gt 60 ] && wait=60
  done
}

main "$@"
exit
