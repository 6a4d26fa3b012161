# Run a command, and end it when the session which asked for it is gone: what runs by sudo belongs to another user, and
# a login may not end it. Run by sudo with the session's first process as $0 and the command as $1.
# uses: base process

watched() { # PROCESS COMMAND
  (
    trap '' HUP INT TERM
    while process_lives "$1"; do nap 0.5; done
    signal_group TERM "$1"
    sleep 1
    signal_group KILL "$1"
  ) </dev/null >/dev/null 2>&1 &
  sh -c "$2"
  code=$?
  kill -KILL $! 2>/dev/null
  exit $code
}
