# A change: begin and apply. Whatever kills this program, and wherever: before "publish" nothing was touched; after it
# the deadline, the check at boot or the next contact ends the change, from what is on the disk alone.
# uses: base boot dotfiles/answer dotfiles/node dotfiles/revision dotfiles/look dotfiles/snapshot dotfiles/deadline
# uses: dotfiles/decision

begin() {
  need
  state
  lock
  settle
  [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
  if [ "$again" = no ] && grep -q "^$rev " "$S/reverted" 2>/dev/null; then
    refuse "reverted $rev was undone here before: $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f3-)"
  fi
  rm -rf "$N" && mkdir "$N" || fail "home $N cannot be written"
  scratch=$N
  step prepared
  fetch "$R"
  verify_signature
  git --git-dir="$R" update-ref "refs/stentor/$op" "$rev"
  step fetched
  put "$N/facts.json" "${STENTOR_FACTS:-{\}}" || fail "disk the facts could not be written"
  check_out "$R" "$N/tree"
  step checked-out
  look "$N/facts.json" "$N/tree" auto
  report_look
  refuse_conflicts
  put "$N/op" "$op" && put "$N/rev" "$rev" && put "$N/old" "$(value "$S/applied")" && put "$N/token" "$token" &&
    put "$N/boot" "$(boot_id)" && put "$N/source" "$(source_dir)" && put "$N/remote" "$remote" &&
    put "$N/branch" "$branch" && put "$N/until" $(($(uptime_seconds) + limit + window)) &&
    put "$N/new-config" "$new_config" || fail "disk the change could not be noted"
  if [ ! -s "$scratch/status" ] && [ "$new_config" = no ]; then
    adopt
  fi
  snapshot "$N" || {
    [ ! -s "$N/tar.err" ] || lines stderr <"$N/tar.err"
    fail "snapshot the snapshot could not be written; nothing was changed"
  }
  step snapshotted
  transact
}

refuse_conflicts() {
  for _kind in edited existing source; do
    case ",$take," in *",$_kind,"*) continue ;; esac
    if grep -q "^conflict $_kind " "$scratch/conflicts"; then
      refuse "conflict $_kind: $(sed -n "s/^conflict $_kind //p" "$scratch/conflicts" | head -n 3 | tr '\n' ' ')"
    fi
  done
}

adopt() { # nothing differs: the revision is noted, no login is at stake
  say unchanged
  program >"$N/program"
  true >"$N/targets"
  true >"$N/confirmed"
  mv "$N" "$P"
  scratch=''
  step adopted
  conclude
  finish 0
}

transact() { # $N is ready but for its program; what is to be done is in $N/restore or $N/tree
  program >"$N/program" && true >"$N/armed" || fail "disk no room for the program that reverts; nothing was changed"
  sync "$N"/* 2>/dev/null || sync
  step written
  arm $((limit + window)) "$N" ||
    fail "deadline no process could be left behind to undo the change; nothing was changed"
  step armed
  arm_boot "$N"
  step boot-armed
  mv "$N" "$P" || {
    disarm "$N"
    fail "home the change could not be published; nothing was changed"
  }
  scratch=''
  step published
  config='' statefile=''
  if ! perform; then
    lines stderr <"$P/apply.err"
    undo "apply failed: $(grep -v warning: "$P/apply.err" | tail -n 1)"
    finish 1
  fi
  step performed
  true >"$P/applied"
  put "$P/until" $(($(uptime_seconds) + window))
  arm "$window" "$P" || : # the first deadline still stands
  [ -f "$P/armed" ] || fail "expired the deadline came while the change was being applied"
  step waiting
  say "begun $op"
  finish 0
}

perform() {
  if [ -d "$P/restore" ]; then
    restore_history >"$P/apply.err" 2>&1
    return
  fi
  true >"$P/apply.err"
  if [ "$(value "$P/new-config")" = yes ]; then
    chezmoi --source "$P/tree" --destination "$HOME" --cache "$cache" --no-tty --color=off init --promptDefaults \
      </dev/null >"$P/apply.err" 2>&1 9>&- || return 1
    step configured
  fi
  # --force: what would be overwritten was looked at under the lock, and is in the snapshot.
  # TMPDIR: chezmoi writes a file beside its target and renames it, unless TMPDIR is on the same
  # file system. If it is killed in between, the half stays in our folder and not in the home.
  mkdir -p "$P/tmp" || return 1
  TMPDIR=$P/tmp setsid timeout -k 5 "$limit" chezmoi --source "$P/tree" --destination "$HOME" --override-data-file \
    "$P/facts.json" --cache "$cache" --no-tty --color=off --no-pager --force apply </dev/null \
    >"$P/apply.out" 2>>"$P/apply.err" 9>&- &
  put "$P/group" "$!"
  wait "$!"
  _code=$?
  rm -f "$P/group"
  case $_code in 124 | 137) say "it took longer than $limit s, or was killed" >>"$P/apply.err" ;; esac
  return $_code
}

stop_apply() { # an apply whose parent was killed may still be writing
  [ -f "$P/group" ] && [ "$(value "$P/boot")" = "$(boot_id)" ] || return 0
  _pid=$(value "$P/group")
  if tr '\0' ' ' <"/proc/$_pid/cmdline" 2>/dev/null | grep -q chezmoi; then
    kill -KILL "-$_pid" 2>/dev/null || :
    while kill -0 "$_pid" 2>/dev/null && [ "$(sed 's/.*) //;s/ .*//' "/proc/$_pid/stat" 2>/dev/null)" != Z ]; do
      nap 0.05
    done
  fi
  rm -f "$P/group"
}
