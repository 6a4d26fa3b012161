# Back to what older snapshots hold: to before the last confirmed change, or before the one named by to=OP.
# uses: base boot dotfiles/answer dotfiles/node dotfiles/snapshot dotfiles/restore dotfiles/change dotfiles/decision

rollback() {
  need
  state
  lock
  settle
  [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
  rm -rf "$N" && mkdir "$N" "$N/clone" "$N/home" "$N/last" "$N/restore" || fail "home $N cannot be written"
  scratch=$N
  collect_history ../../history
  step prepared
  put "$N/facts.json" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
  find_clone
  facts=$N/facts.json
  drifted
  note "$back" || fail "disk the change could not be noted"
  for _part in clone home; do
    cat "$N"/restore/*/$_part/before "$N"/restore/*/$_part/after 2>/dev/null | cut -f2- >"$N/$_part/paths"
    cat "$N"/restore/*/$_part/made 2>/dev/null | sed 's/^/all /' >"$N/$_part/whole"
    take_snapshot "$N/$_part" && reserve "$N/$_part" || unkept "$N/$_part"
  done
  step snapshotted
  publish
  new_config=yes # it may be another
  go_back || {
    undo "the snapshots could not be put back: $(tail -n 1 "$P/apply.err")"
    tell_left "$S/history/$op"
    finish 1
  }
  wait_for_proof
}

collect_history() { # FOLDER: newest first, down to the one that is to be undone, linked in order into restore/
  _last=$(value "$S/applied")
  _next=${_last#* }
  _count=100 _kept=''
  while [ -n "$_next" ] && [ "$(value "$S/history/$_next/state")" = confirmed ] &&
    [ "$(value "$S/history/$_next/format")" = 2 ]; do
    ln -s "$1/$_next" "$N/restore/$_count"
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
  if [ "${_found-}" != yes ] && [ -n "$_next" ] && [ "$(value "$S/history/$_next/state")" = confirmed ]; then
    back=$(printf %.10s "$(value "$S/history/$_next/old")")
    if [ -n "$back" ]; then back="before it was $back"; else back='it was the first change by stentor'; fi
    refuse "older-snapshot $_next was made by stentor 0.1, whose snapshots cannot be read; $back"
  fi
  [ -n "${_found-}$_kept" ] || refuse "no-change this node has kept no change that could be undone"
  [ "${_found-}" = yes ] ||
    refuse "no-history ${to:-the last change} is not among the snapshots this node has kept${_kept:+: $_kept}"
  back=${back%% *}
  [ -n "$back" ] || back=none
}

go_back() {
  true >"$P/apply.err"
  know_now "$P/home" && home_now=$now && know_now "$P/clone" && clone_now=$now || return 1
  for _folder in "$P"/restore/*; do
    restore "$_folder/home" ${home_now:+"$home_now"} >>"$P/apply.err" 2>&1 &&
      restore "$_folder/clone" ${clone_now:+"$clone_now"} >>"$P/apply.err" 2>&1 || return 1
  done
  # Of a file that another holds (it is immutable, or root's) the node would not be what it was.
  cat "$P"/restore/*/*/left >"$P/left" 2>/dev/null
  rm -f "$P"/restore/*/*/left
  if [ -s "$P/left" ]; then
    sed 's/^\.//' "$P/left" | head -n 3 | tr '\n' ' ' >>"$P/apply.err"
    return 1
  fi
  refresh_index
  if [ -n "$clone_now" ]; then
    say ".$git_dir/index" >"$P/clone/list" && sign_again "$P/clone/list" "$clone_now" || return 1
  fi
  is_now "$P/clone" "$clone_now" && is_now "$P/home" "$home_now"
}

# know_now FOLDER: `now` is a signature of all that the older snapshots may touch, from the one just taken. It is empty
# where some of it goes as a whole, with what came into it since.
know_now() {
  now=''
  [ -s "$1/whole" ] || { now=$1/after.now && cp "$1/before" "$now"; }
}

is_now() { # FOLDER NOW
  if [ -n "$2" ]; then mv -f "$2" "$1/after"; else kept_after "$1"; fi
}

drifted() { # files edited since the last change would be lost
  case ",$take," in
    *,edited,*) ;;
    *)
      edited
      [ ! -s "$N/edited" ] || refuse "conflict edited: $(value "$N/edited")"
      ;;
  esac
  case ",$take," in *,source,*) return 0 ;; esac
  [ -n "$git_dir" ] || return 0
  rev=$back
  if [ "$rev" = none ]; then rev=$head; fi
  clone_conflicts "$R" >"$N/conflicts"
  rev=''
  # An untracked file stays where it is, unless the clone itself goes.
  [ -n "$(cat "$N"/restore/*/clone/made 2>/dev/null)" ] ||
    uncommitted "$top" | sed -n 's/^?? /conflict source /p' >"$N/untracked"
  [ ! -f "$N/untracked" ] || {
    grep -vxF -f "$N/untracked" "$N/conflicts" >"$N/conflicts.part" || :
    [ ! -s "$N/untracked" ] || mv "$N/conflicts.part" "$N/conflicts"
  }
  [ ! -s "$N/conflicts" ] || refuse "$(value "$N/conflicts" | sed 's/^conflict source/conflict source:/')"
}

edited() { # into a file: what was edited here, of what the snapshots would write over
  config='' statefile=''
  cz "$facts" status --refresh-externals=never 2>/dev/null | grep -v '^[ R]' | cut -c4- | LC_ALL=C sort >"$N/drift"
  history_touched "$N" | LC_ALL=C sort -u | LC_ALL=C comm -12 - "$N/drift" >"$N/edited"
}

history_touched() { # FOLDER with restore/: the files of the home which those changes touched, as chezmoi names them
  for _folder in "$1"/restore/*; do
    [ ! -f "$_folder/home/after" ] || touched "$_folder/home"
  done | home=".$HOME/" state=".$own_state" awk '
    index($0, ENVIRON["home"]) == 1 && $0 != ENVIRON["state"] { print substr($0, length(ENVIRON["home"]) + 1) }'
}

preview_rollback() { # what a rollback would bring: the files of the snapshots, beside those of now
  scratch_outside
  need
  N=$scratch
  mkdir "$N/restore" "$N/before" "$N/now"
  report_pending
  say "applied $(value "$S/applied")"
  collect_history "$S/history"
  facts=$N/facts.json
  put "$facts" "$(cat "$S/facts.json" 2>/dev/null || echo '{}')"
  edited
  sed 's/^/conflict edited /' "$N/edited"
  history_touched "$N" | grep -v '/\.git/' | LC_ALL=C sort -u >"$N/touched"
  while IFS= read -r _path; do
    if [ -h "$HOME/$_path" ] || [ -f "$HOME/$_path" ]; then say "./$_path"; fi
  done <"$N/touched" >"$N/there"
  tar_way
  in_batches copy_there <"$N/there" && cp -R -p "$N/now/." "$N/before" || no_space
  for _folder in "$N"/restore/*; do
    unpack "$_folder/home" || no_space
  done
  # git's words for it, as chezmoi's: the second column is what would be done.
  differ --name-status | sed -e 's|^\(.\)[^/]*/| \1 |' -e 's/^ T/ M/' >"$N/status"
  made_then >>"$N/status"
  lines change <"$N/status"
  sed -n 's/^ D /delete /p' "$N/status"
  differ | sed -e 's|^diff --git a/[a-z]*/\(.*\) b/[a-z]*/|diff --git a/\1 b/|' -e 's|^--- a/now/|--- a/|' \
    -e 's|^+++ b/before/|+++ b/|' | lines diff
  finish 0
}

made_then() { # folders and externals that the changes made, which go as a whole
  cat "$N"/restore/*/home/made 2>/dev/null | LC_ALL=C sort -u | while IFS= read -r _path; do
    case $_path in ".$HOME"/*) _path=${_path#".$HOME"/} ;; *) continue ;; esac
    [ ! -e "$HOME/$_path" ] || [ -e "$N/before/$_path" ] || say " D $_path"
  done
}

copy_there() { # FILES... of the home
  # shellcheck disable=SC2086 # words are wanted
  (cd && tar -c -f - $tar_create "$@") </dev/null | (cd "$N/now" && tar -x -p -f - $tar_extract)
}

remove_all() { rm -rf "$@"; }

unpack() { # SNAPSHOT: over those newer than it; an older one knows better what was there before
  touched "$1" | home=".$HOME/" state=".$own_state" awk '
    index($0, ENVIRON["home"]) == 1 && $0 != ENVIRON["state"] && !/\/\.git\//' | LC_ALL=C sort >"$N/these"
  (cd "$N/before" && front=".$HOME/" awk '{ print "./" substr($0, length(ENVIRON["front"]) + 1) }' "$N/these" |
    in_batches remove_all)
  for _names in "$1"/*.names; do
    [ -f "$_names" ] || continue
    rm -rf "$N/staging" && mkdir "$N/staging" || return 1
    # shellcheck disable=SC2086 # words are wanted
    (cd "$N/staging" && tar -x -p -f "${_names%.names}.tar" $tar_extract) || return 1
    LC_ALL=C sort "$_names" | LC_ALL=C comm -12 - "$N/these" |
      front=".$HOME/" awk '{ print "./" substr($0, length(ENVIRON["front"]) + 1) }' |
      move_files "$N/staging/$HOME" "$N/before" || return 1
  done
}

differ() { # OPTION: between what is and what was
  (
    cd "$N" && GIT_CONFIG_GLOBAL=/dev/null git -c core.quotePath=false diff --no-index --no-renames --no-color \
      "$@" now before
  )
}
