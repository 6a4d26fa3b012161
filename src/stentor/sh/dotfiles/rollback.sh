# Back to what older snapshots hold: to before the last confirmed change, or before the one named by to=OP.
# uses: base boot dotfiles/answer dotfiles/node dotfiles/snapshot dotfiles/change dotfiles/decision

rollback() {
  need
  state
  lock
  settle
  [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
  rm -rf "$N" && mkdir "$N" || fail "home $N cannot be written"
  scratch=$N
  collect_history
  step prepared
  put "$N/facts.json" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
  true >"$N/status"
  true >"$N/externals"
  cat "$N"/restore/*/targets 2>/dev/null | sort -u >"$N/managed"
  cat "$N"/restore/*/externals 2>/dev/null | sort -u >"$N/externals"
  drifted
  put "$N/op" "$op" && put "$N/rev" "$back" && put "$N/old" "$(value "$S/applied")" && put "$N/token" "$token" &&
    put "$N/boot" "$(boot_id)" && put "$N/source" "$(source_dir)" &&
    put "$N/until" $(($(uptime_seconds) + limit + window)) || fail "disk the change could not be noted"
  snapshot "$N" || fail "snapshot the snapshot could not be written; nothing was changed"
  step snapshotted
  transact
}

collect_history() { # [FOLDER]: newest first, down to the one that is to be undone, linked in order into restore/
  _history=${1-../../history}
  mkdir "$N/restore"
  _last=$(value "$S/applied")
  _next=${_last#* }
  _count=100 _kept=''
  while [ -n "$_next" ] && [ "$(value "$S/history/$_next/state")" = confirmed ]; do
    ln -s "$_history/$_next" "$N/restore/$_count"
    back=$(value "$S/history/$_next/old")
    _kept="$_kept${_kept:+, }$_next"
    case $to in '' | "$_next") _found=yes ;; esac
    case ${back%% *} in ?*) # a revision may be shortened, as git and we show it
      case ${back%% *} in "$to"*) _found=yes ;; esac
      _kept="$_kept from $(printf %.10s "$back")"
      ;;
    esac
    [ -z "${_found-}" ] || break
    _count=$((_count + 1))
    _next=${back#* }
  done
  [ "${_found-}" = yes ] ||
    refuse "no-history ${to:-the last change} is not among the snapshots this node has kept${_kept:+: $_kept}"
  back=${back%% *}
  [ -n "$back" ] || back=none
}

drifted() { # files edited since the last change would be lost
  case ",$take," in *,edited,*) return 0 ;; esac
  edited
  [ ! -s "$N/edited" ] || refuse "conflict edited: $(value "$N/edited")"
}

edited() { # into a file: what was edited here, of what the snapshots would write over
  config='' statefile=''
  cz "$N/facts.json" "$(source_dir)" status --refresh-externals=never 2>/dev/null | grep -v '^[ R]' | cut -c4- |
    while IFS= read -r _path; do
      if grep -qxF -e "$_path" "$N/managed"; then say "$_path"; fi
    done >"$N/edited"
}

restore_history() {
  for _dir_of in "$P"/restore/*; do
    [ -f "$_dir_of/present" ] || continue # a change that changed nothing
    restore "$_dir_of" || return 1
  done
}
