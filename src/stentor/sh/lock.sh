# The fleet lock: a directory, since making one is atomic in every POSIX shell, with a line that says whose it is.
# Given: lock_mine (our token), lock_limit (seconds), lock_words (since when, who, what).
# Where lock_held or lock_take says that somebody else has it, "$lock_token $lock_said" names that operation.
# uses: base boot state

state_directory
lock_in=$state lock=$state/fleet-lock

lock_read() {
  lock_token='' lock_until='' lock_booted='' lock_said=''
  { read -r lock_token lock_until lock_booted lock_said <"$lock/owner"; } 2>/dev/null
}

lock_stale() { [ "$lock_until" -lt "$(date +%s)" ] || [ "$lock_booted" != "$(boot_id)" ]; }

# lock_held: whether somebody else has it. No process is started where there is no lock.
lock_held() {
  [ -d "$lock" ] || return 1
  lock_read
  [ -n "$lock_token" ] && [ "$lock_token" != "$lock_mine" ] && ! lock_stale
}

# lock_take: fails if somebody else has it; succeeds also where no lock can be made.
lock_take() {
  [ -d "$lock_in" ] || mkdir -p -- "$lock_in" 2>/dev/null || return 0
  lock_tries=0
  until mkdir -- "$lock" 2>/dev/null; do
    if [ ! -d "$lock" ]; then
      # Given back just now, or it cannot be made here: a full disk, a read-only home.
      lock_tries=$((lock_tries + 1))
      [ $lock_tries -lt 3 ] || return 0
      continue
    fi
    lock_read
    [ "$lock_token" = "$lock_mine" ] && break
    lock_tries=$((lock_tries + 1))
    if [ -z "$lock_token" ] && [ $lock_tries -lt 5 ]; then
      nap 0.2
      continue
    fi
    if [ $lock_tries -lt 9 ] && { [ -z "$lock_token" ] || lock_stale; }; then
      mv -- "$lock" "$lock.stale.$$" 2>/dev/null && rm -rf -- "$lock.stale.$$"
      continue
    fi
    return 1
  done
  read_boot_id
  { say "$lock_mine $(($(date +%s) + lock_limit)) $booted $lock_words" >"$lock/owner"; } 2>/dev/null
  return 0
}

# lock_give [FILE...]: give it back, if it still is ours; the files are removed by the same program.
lock_give() {
  lock_read
  [ "$lock_token" != "$lock_mine" ] || set -- "$lock" "$@"
  [ $# -eq 0 ] || rm -rf -- "$@"
}
