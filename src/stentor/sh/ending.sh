# End a command that runs on this node: its session, its process group, and what has its mark wherever it went
# (`set -m`, setsid, `sudo -b`), with what these have started. Where there is no /proc the process group alone is known.
# uses: base process

# end_command FIRST SECOND GROUP TRIES: the mark comes in two halves, so that this program does not find itself; it
# may be empty, and GROUP 0 where it is not known. TERM, then KILL after so many tenths of a second. Says gone, term,
# kill, left:PROCESS/NAME,..., or foreign:PROCESS/NAME,...: what lives on belongs to another user.
end_command() {
  mark=$1$2 group=$3 tries=$4 known=''
  [ "$group" != 0 ] || group=none # processes of the system's have 0
  find_own
  find_ours
  if [ -z "$ours" ]; then
    say gone
    return
  fi
  tell_ours TERM
  if wait_for_ours "$tries"; then
    say term
    return
  fi
  tell_ours KILL
  if wait_for_ours 20; then
    say kill
    return
  fi
  for process in $ours; do
    if kill -0 "$process" 2>/dev/null; then
      say "left:$(named)"
      return
    fi
  done
  say "foreign:$(named)"
}

# named: the first of ours, each with the name of its program.
named() {
  # shellcheck disable=SC2086  # words are wanted
  set -- $ours
  for process in "$1" "${2-}" "${3-}"; do
    [ -z "$process" ] || printf '%s/%s,' "$process" "$(value "/proc/$process/comm" | tr -cd 'A-Za-z0-9_.+-')"
  done
}

# find_own: set `own` to the session of this program.
find_own() {
  own=$$
  [ -r /proc/self/stat ] || return 0
  read -r line </proc/$$/stat
  # shellcheck disable=SC2086  # words are wanted
  set -- ${line##*) }
  own=$4
}

# find_ours: set `ours` to those that live. Who was found once is known by number and begin, whoever its parent is then.
find_ours() {
  ours=''
  if [ ! -r /proc/self/stat ]; then
    [ "$group" = none ] || ! process_lives "-$group" || ours=-$group
    return
  fi
  for process in $(marked) /proc/[0-9]*/stat; do
    { read -r line <"$process"; } 2>/dev/null || continue
    # shellcheck disable=SC2086  # words are wanted
    set -- "$process" ${line##*) } # file, state, parent, group, session
    process=${process#/proc/}
    process=${process%%/*}
    case $2:$5 in [ZX]:* | *:"$own") continue ;; esac
    case " $ours " in *" $process "*) continue ;; esac
    case $1:$4:$5:" $ours $known " in
      *//stat:* | *:"$group":*:* | *:*:"$group":* | *" $3 "* | *" $process/${21} "*) ours="$ours $process" ;;
      *) continue ;;
    esac
    case " $known " in *" $process/${21} "*) ;; *) known="$known $process/${21}" ;; esac
  done
}

# marked: files of processes with the mark in the environment, or where `places` says; a second slash tells them from
# others.
marked() {
  [ ${#mark} -ge 20 ] || return 0
  # shellcheck disable=SC2086  # words are wanted
  for process in $(processes_with "$mark" ${places-environ}); do printf '/proc/%s//stat\n' "$process"; done
}

# tell_ours SIGNAL: also to those that are stopped. Who began first is told first: a shell whose command ended before
# itself would go on with the next one.
tell_ours() {
  # shellcheck disable=SC2086  # words are wanted
  oldest=$(printf '%s\n' $known | sort -t / -k 2,2n -k 1,1n) || oldest=$ours
  for process in ${oldest:-$ours}; do
    process=${process%/*}
    case " $ours " in *" $process "*) ;; *) continue ;; esac
    kill -s "$1" -- "$process" 2>/dev/null || kill "-$1" "$process" 2>/dev/null
    kill -s CONT -- "$process" 2>/dev/null
  done
}

# wait_for_ours TRIES: until none is left, neither of what has come to be meanwhile.
wait_for_ours() {
  turn=0
  while find_ours && [ -n "$ours" ]; do
    [ $turn -lt "$1" ] || return 1
    turn=$((turn + 1))
    nap 0.1
  done
}
