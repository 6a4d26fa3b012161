# The decision: confirm, keep, undo; what remains to be done after either.
#   confirm: pending/armed becomes pending/confirmed   } one rename(2): of the two,
#   undo:    pending/armed becomes pending/rolling     } only one can win
# uses: base boot portable dotfiles/answer dotfiles/node dotfiles/restore dotfiles/deadline

confirm() {
  [ -d "$P" ] || { say "state $(last_state)"; finish 4; }
  { read_value "$P/op" && [ "$_v" = "$op" ] && read_value "$P/token" && [ "$_v" = "$token" ]; } ||
    refuse "stranger another change is pending: $(value "$P/op")"
  [ -f "$P/applied" ] || refuse "unapplied $op is not applied yet"
  mv "$P/armed" "$P/confirmed" 2>/dev/null || :
  step confirmed
  # The rename was the decision. Read back what it is: late is late.
  if [ -f "$P/confirmed" ] || [ "$(history_state)" = confirmed ]; then
    say "state confirmed"
    tidy_up
    finish 0
  fi
  say "state reverted"
  finish 4
}

tidy_up() { # what follows the decision, unless somebody is at it: then the next contact does it
  { command exec 9>"$S/lock" && lock_number 9; } 2>/dev/null && [ -f "$P/confirmed" ] || return 0
  conclude
}

keep() { # a person has looked, and says that it is well
  [ -d "$P" ] || { say "state none"; finish 4; }
  op=$(value "$P/op")
  [ -f "$P/applied" ] || refuse "unapplied $op is not applied yet"
  mv "$P/armed" "$P/confirmed" 2>/dev/null || :
  if [ -f "$P/confirmed" ]; then
    conclude
    say "state confirmed"
    finish 0
  fi
  say "state reverted"
  finish 4
}

history_state() { value "$S/history/$op/state"; }
last_state() { if [ -n "$op" ] && [ -d "$S/history/$op" ]; then history_state; else echo none; fi; }

undo() { # REASON: decide by the rename, then revert everything
  [ -d "$P" ] || return 0
  op=$(value "$P/op")
  ! older revert "why=$1" || return 0
  [ -f "$P/why" ] || [ ! -f "$P/armed" ] || put "$P/why" "$1"
  mv "$P/armed" "$P/rolling" 2>/dev/null || [ -f "$P/rolling" ] || {
    [ ! -f "$P/armed" ] ||
      say "failed undo the home cannot be written; it is tried again at the next contact and at boot"
    return 0
  }
  step rolling
  command exec 8>"$S/undo.lock" && lock_number 8 wait || return 1
  [ -f "$P/rolling" ] && [ "$(value "$P/op")" = "$op" ] || return 0
  stop_apply
  step undo-stopped
  { restore "$P/home" && restore "$P/clone" && refresh_index; } 8>&- || {
    say "failed undo the revert is not complete; it is tried again at the next contact and at boot"
    return 1
  }
  _rev=$(value "$P/rev")
  if [ ! -f "$P/withdrawn" ]; then
    grep -q "^$_rev $op " "$S/reverted" 2>/dev/null || say "$_rev $op $(value "$P/why")" >>"$S/reverted"
  fi
  mv "$P/rolling" "$P/undone"
  step undone
  [ -f "$P/withdrawn" ] || say "reverted $op $(value "$P/why")"
  conclude
}

say_state() {
  say "state $(last_state)"
  tell_left "$S/history/${op:-none}"
}

tell_left() { # CHANGE: what could not be put back; the rest was
  for _part in home clone; do
    [ ! -s "$1/$_part/left" ] || sed 's|^\.|left |' "$1/$_part/left"
  done
  # A script may have made it another, and maybe nobody can log in any more.
  [ "$(value "$1/state")" = reverted ] || return 0
  read_value "$1/login-shell"
  _was=$_v
  account_shell
  [ -z "$_was" ] || [ "$_v" = "$_was" ] || say "login-shell $_was $_v"
}

refresh_index() { # git looks at clocks first, and those of files which were put back are others
  git -C "$(value "$P/source")" -c core.fsmonitor=false update-index -q --refresh >/dev/null 2>&1 || :
}

# What remains to be done after the decision. Every part may be done twice.
conclude() {
  read_value "$P/op"
  op=$_v
  ! older settle || return 0
  if [ -f "$P/confirmed" ]; then
    for _file in "$P"/*/reserve; do [ ! -f "$_file" ] || true >"$_file"; done # room for what is noted now
    slim "$P/clone"
    slim "$P/home"
    read_value "$P/rev"
    _rev=$_v
    [ -d "$P/last" ] || mkdir "$P/last"
    say "$_rev $op" >"$P/last/applied" && say confirmed >"$P/last/last-state" || return 1
    set -- "$P/last/applied" "$P/last/last-state"
    for _file in "$P/facts.json" "$P/entries"; do [ ! -f "$_file" ] || set -- "$_file" "$@"; done
    mv -f "$@" "$S/"
    forgive "$_rev"
    say confirmed >"$P/state"
  elif [ -f "$P/undone" ]; then
    say reverted >"$P/state"
    [ -f "$P/withdrawn" ] || put "$S/last-state" reverted
  else
    return 0
  fi
  step concluding
  disarm "$P"
  drop_old_stand_ins
  # The last few snapshots stay, for rollback.
  # shellcheck disable=SC2012,SC2046 # names are ours: no blanks in them
  set -- $(ls -t "$S/history")
  _kept=0
  for _old in "$@"; do
    shift
    [ $_kept -lt 7 ] || set -- "$@" "$S/history/$_old"
    _kept=$((_kept + 1))
  done
  rm -rf "$P/work" "$P/group" "$P/tmp" "$P/last" "$P"/*/reserve "$P"/*/list "$P"/*/files "$P"/*/after.* \
    "$P"/*/before.* "$S/history/$op" "$@"
  if [ -f "$P/withdrawn" ]; then
    mv "$P" "$S/history/.withdrawn" && rm -rf "$S/history/.withdrawn"
  else
    mv "$P" "$S/history/$op"
  fi
  step concluded
}

# older VERB OPTION...: what a stentor of before has begun is ended by the program which that one has left.
older() {
  read_value "$P/format"
  [ "$_v" != 2 ] || return 1
  _verb=$1
  shift
  sh "$P/program" "$_verb" "op=$(value "$P/op")" "$@" >/dev/null 2>&1 9>&- 8>&-
  return 0
}

forgive() { # a revision that holds now is no longer one to keep away from
  [ -s "$S/reverted" ] || return 0
  grep -v "^$1 " "$S/reverted" >"$S/reverted.part" || :
  mv "$S/reverted.part" "$S/reverted"
}

# End what others left: called under the lock, before anything else. A change that is pending and
# still has time is nobody else's business.
settle() {
  [ ! -d "$N" ] || { disarm "$N"; rm -rf "$N"; }
  [ ! -e "$S/history/.withdrawn" ] || rm -rf "$S/history/.withdrawn"
  [ -d "$P" ] || return 0
  op_now=$op
  overdue || :
  op=$op_now
}

overdue() { # end a pending change that was decided, or that nobody can confirm any more
  if [ -f "$P/confirmed" ] || [ -f "$P/undone" ]; then
    conclude
  elif [ -f "$P/rolling" ]; then
    undo resumed
  elif ! booted_since; then
    undo "the node went down before it was confirmed"
  elif read_uptime && [ "$_up" -ge "$(value "$P/until")" ]; then
    undo "nobody confirmed it in time"
  else
    return 1
  fi
}

# A user manager starts: at boot, or with a login when there was none before, or because somebody
# started it again. In the last two the change may still have time, but its deadline died with the old one.
boot() {
  if [ -d "$P" ]; then
    overdue && return
    op=$(value "$P/op")
    read_uptime
    _left=$(($(value "$P/until") - _up))
    if [ $_left -lt 1 ] || ! booted_since; then _left=60; fi # the revert failed: again
    arm "$_left"
    arms "$_left" || :
  elif [ -n "$(value "$N/boot")" ] && [ "$(value "$N/boot")" != "$(boot_id)" ]; then
    lock
    disarm "$N"
    rm -rf "$N"
  fi
}
