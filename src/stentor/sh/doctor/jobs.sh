# Everything that may hang is a job: what it wrote and its exit code are files of its name in the scratch directory.
# Unlike the probes' jobs these have a session of their own each, an exit code and a time limit each. Those which have
# not been waited for are in `pending`, as NAME:PROCESS:UNTIL; those which were ended are in `hung`.
# uses: base process scratch

jobs='' pending='' hung='' ticker='' beats=0

# Sets `up`, seconds since some moment with fractions where the system offers them for nothing, and `now`, the
# same in hundredths.
clock() {
  if [ -r "${STENTOR_UPTIME:-/proc/uptime}" ]; then
    read -r up _ <"${STENTOR_UPTIME:-/proc/uptime}"
    now=${up%.*}${up#*.}
  else
    up=$(date +%s)
    now=${up}00
  fi
}

scratch_directory() {
  for base in "${XDG_RUNTIME_DIR:-/none}" /dev/shm "${TMPDIR:-/none}" /tmp /var/tmp "$HOME"; do
    [ -d "$base" ] && [ -w "$base" ] || continue
    scratch_folder "$base" || continue
    D=$made
    { say written >"$D/try"; } 2>/dev/null && [ -s "$D/try" ] && return 0
    rm -rf "$D"
  done
  return 1
}

# launch NAME WORD...: start it beside everything else; its end is a file with its exit code.
launch() {
  kind=$1
  shift
  jobs="$jobs $kind"
  clock
  say "$up" >"$D/$kind.begin"
  (
    cd "$HOME" 2>/dev/null || cd /
    ulimit -f 131072 2>/dev/null # a start-up file that prints for ever must not fill the memory
    # shellcheck disable=SC2086  # the words are empty or one program
    case $kind in
      cron)
        exec "$ENV_PROGRAM" -i "HOME=$HOME" "LOGNAME=${LOGNAME:-}" SHELL=/bin/sh PATH=/usr/bin:/bin \
          "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" $SETSID "$@"
        ;;
      service | do-rc*) exec $SETSID "$@" ;;
      do-home-write) "$@" ;;
      do-*) exec "$@" ;;
      *)
        eval 'exec "$ENV_PROGRAM" -i '"$environ"' \
          "STENTOR_OUT=$D/$kind.out" "STENTOR_REQUIRES=$requires" "STENTOR_LOOK=$LOOK" $SETSID "$@"'
        ;;
    esac
  ) </dev/null >"$D/$kind.stdout" 2>"$D/$kind.stderr" &
  pending="$pending $kind:$!:$((now + ${within:-$limit} * 100))"
}

# Wakes us twice a second out of whatever we wait for, since a sh has no wait with a limit.
start_ticker() {
  trap 'ticked=yes' ALRM
  (
    trap 'kill "$nap" 2>/dev/null; exit 0' TERM
    while :; do
      sleep 0.5 2>/dev/null &
      nap=$!
      wait "$nap" || sleep 1
      kill -ALRM $$ 2>/dev/null || exit 0
    done
  ) </dev/null >/dev/null 2>&1 &
  ticker=$!
}

# Until all that was launched has ended; what has not when its time is over is ended, and is in `hung`.
await() {
  while [ -n "$pending" ]; do
    # shellcheck disable=SC2086
    set -- $pending
    entry=$1
    shift
    job=${entry%%:*} entry=${entry#*:}
    ticked=''
    wait "${entry%:*}" 2>/dev/null
    code=$?
    # Only what ALRM broke off, whatever a shell adds to a signal's number: a job that was killed has ended, and of
    # one that has ended dash and busybox have no code for a second wait.
    if [ -n "$ticked" ] && [ $((code % 128)) = 14 ]; then
      pending="$* $job:$entry"
      beat
    else
      pending="$*"
      say "$code" >"$D/$job.code"
      clock
      [ "$code" != 137 ] || [ "$now" -lt "${entry#*:}" ] || hang "$job"
    fi
  done
}

hang() {
  case " $hung " in *" $1 "*) ;; *) hung="$hung $1" ;; esac
  : >"$D/$1.hung"
}

# Half a second has gone by.
beat() {
  clock
  beats=$((beats + 1))
  kept=''
  for entry in $pending; do
    job=${entry%%:*} entry=${entry#*:}
    late=$((now - ${entry#*:}))
    [ "$late" -lt 0 ] || end_process "${entry%:*}"
    # A process that waits for a dead disk cannot be ended; who waits for it can.
    if [ "$late" -lt 60 ]; then kept="$kept $job:$entry"; else hang "$job"; fi
  done
  pending=$kept
  case $early:$beats in yes:1 | yes:2 | yes:4 | yes:8) late_shell && trace_all ;; esac
}

# end_process PROCESS: and the group which it leads.
end_process() {
  signal_group KILL "$1"
  kill -9 "$1" 2>/dev/null
}

# Whether a shell is late, for another reason than that the node has no processor for it.
late_shell() {
  waiting=''
  for kind in ssh login interactive both; do
    [ ! -s "$D/$kind.out" ] || continue
    case $pending in
      *" $kind:"*)
        entry=${pending##*" $kind:"}
        waiting="$waiting ${entry%%:*}"
        ;;
      *) return 0 ;; # it has ended before it came up
    esac
  done
  [ -n "$waiting" ] || return 1
  # One awk, since a shell reads such a file byte by byte.
  starved=$(cat /proc/[0-9]*/stat 2>/dev/null | awk -v waiting="$waiting " '
    { process = $1; sub(/.*[)] /, "") } # state, parent, group, session
    !index(waiting, " " $4 " ") { next }
    $1 == "D" { print $4 }
    $1 == "R" {
      file = "/proc/" process "/schedstat"
      if ((getline line <file) > 0 && split(line, spent, " ") > 1 && spent[2] + 0 > spent[1] + 0) print $4
      close(file)
    }' | tr '\n' ' ')
  for process in $waiting; do
    case " $starved " in *" $process "*) ;; *) return 0 ;; esac
  done
  return 1
}

# Sessions of ours whose shells hang: nobody else ends them.
end_stuck() {
  case $session in login) return 0 ;; esac
  for process in $(processes_with "$session" cmdline); do
    [ "$process" = $$ ] || kill -9 "$process" 2>/dev/null
  done
}

leave() {
  [ -z "$ticker" ] || kill "$ticker" 2>/dev/null
  for entry in $pending; do
    entry=${entry#*:}
    end_process "${entry%:*}"
  done
  rm -rf "$D"
  exit 143
}
