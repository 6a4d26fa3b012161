# A change: begin and apply. Whatever kills this program, and wherever: before "publish" nothing was touched; after it
# the deadline, the check at boot or the next contact ends the change, from what is on the disk alone.
# uses: base boot portable dotfiles/answer dotfiles/node dotfiles/revision dotfiles/clone dotfiles/move dotfiles/look
# uses: dotfiles/snapshot dotfiles/deadline dotfiles/decision dotfiles/shells dotfiles/known

begin() {
  need
  state
  lock
  remember_chezmoi
  settle
  [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
  if [ "$again" = no ] && [ -s "$S/reverted" ] && grep -q "^$rev " "$S/reverted"; then
    refuse "reverted $rev was undone here before: $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f3-)"
  fi
  mkdir "$N" "$N/clone" "$N/home" "$N/last" "$N/work" "$N/tmp" || fail "home $N cannot be written"
  scratch=$N
  step prepared
  find_clone
  fetch "$R"
  verify_signature
  keep_commits
  step fetched
  printf '%s\n' "${STENTOR_FACTS:-{\}}" >"$N/facts.json" || fail "disk the facts could not be written"
  refuse_split_names
  clone_conflicts "$R" >"$N/conflicts"
  [ ! -s "$N/conflicts" ] || cat "$N/conflicts"
  refuse_conflicts
  note "$rev" || fail "disk the change could not be noted"
  clone_paths "$N/clone" && take_snapshot "$N/clone" && reserve "$N/clone" || unkept "$N/clone"
  step clone-kept
  publish
  bring || {
    lines stderr <"$P/apply.err"
    undo "apply failed: $(grep -v warning: "$P/apply.err" | tail -n 1)"
    tell_left "$S/history/$op"
    finish 1
  }
  wait_for_proof
}

keep_commits() { # of our own repository: git there may drop what no branch has any more
  _kept="update refs/stentor/$op $rev"
  [ "${both_known-}" != yes ] || [ "$head" = "$rev" ] ||
    _kept=$_kept${line_break}"update refs/stentor/kept/$head $head"
  git --git-dir="$R" update-ref --stdin <<EOF
$_kept
EOF
}

note() { # REVISION: what the change is
  read_value "$S/applied"
  _old=${_v:-$head }
  account_shell
  say "$_v" >"$N/login-shell"
  read_boot_id
  read_uptime
  # Nobody reads them before they are published.
  say "$op" >"$N/op" && say "$1" >"$N/rev" && say "$_old" >"$N/old" && say "$token" >"$N/token" &&
    say "$booted" >"$N/boot" && say "$top" >"$N/source" && say 2 >"$N/format" && say $$ >"$N/begin" &&
    say $((_up + limit + window)) >"$N/until"
}

unkept() { # FOLDER: a snapshot that cannot be taken
  [ ! -s "$1/tar.err" ] || lines stderr <"$1/tar.err"
  [ ! -s "$1/unkept" ] ||
    refuse "unkept these cannot be read, so they could not be put back: $(head -n 3 "$1/unkept" | tr '\n' ' ')"
  fail "snapshot the snapshot could not be written; nothing was changed"
}

# bring: carry out the published change. A refusal from here on undoes it: the clone goes back.
bring() {
  scratch=$P/work facts=$P/facts.json
  limited_move || move_failed
  step moved
  look
  [ ! -s "$P/conflicts" ] || cat "$P/conflicts" >>"$scratch/conflicts"
  report_look
  refuse_conflicts
  if [ ! -s "$scratch/status" ] && [ ! -s "$scratch/linked" ] && [ "$new_config$ready" = noyes ]; then
    adopt
  fi
  home_paths "$P/home" && take_snapshot "$P/home" && reserve "$P/home" || unkept "$P/home"
  step snapshotted
  [ -f "$P/armed" ] || fail "expired the deadline came before the change was applied"
  config='' statefile=''
  perform
}

# limited_move: in a group of its own, which can be ended when nobody waits for it any more.
limited_move() {
  STENTOR_GIVEN_REMOTE=$remote # never an option, which a list of processes shows
  STENTOR_FOUND=$(found_clone)
  export STENTOR_GIVEN_REMOTE STENTOR_FOUND
  in_group sh "$P/program" move "op=$op" "rev=$rev" "take=$take" "branch=$branch" >/dev/null 2>&1
  _code=$?
  unset STENTOR_FOUND STENTOR_GIVEN_REMOTE
  return $_code
}

move_there() { # the verb: P is published
  scratch=$P/work
  find_clone
  move
}

in_group() { # COMMAND...: within the limit; its group is noted
  limited_as session "$limit" "$@" </dev/null 9>&- &
  say "$!" >"$P/group"
  wait "$!"
  _code=$?
  true >"$P/group"
  return $_code
}

# home_paths FOLDER: what the apply may touch in the home, as a snapshot is told it.
home_paths() {
  true >"$1/paths" && true >"$1/whole" && true >"$1/made" && true >"$scratch/behind" || return 1
  _all=''
  # What a script makes beforehand may be seen by any template.
  if [ "$ready" = no ] || runs_before; then managed && _all=yes; fi
  sed -n '/^.R/!s/^...//p' "$scratch/status" | LC_ALL=C sort -u - ${_all:+"$scratch/managed"} >"$scratch/targets"
  while IFS= read -r _path; do
    if [ -h "$HOME/$_path" ]; then
      say "$_path" >>"$scratch/behind" # what lies behind is no file of this home, and the link comes back whole
      ! is_folder "$_path" || say "all .$HOME/$_path" >>"$1/whole"
    elif [ -d "$HOME/$_path" ]; then
      is_folder "$_path" || say "all .$HOME/$_path" >>"$1/whole"
    fi
  done <"$scratch/targets"
  [ ! -s "$scratch/externals" ] || external_paths "$1"
  if [ -s "$scratch/behind" ]; then
    awk 'step == 1 { behind[$0] = 1; next }
      { p = $0
        while (match(p, /\/[^\/]*$/)) { p = substr(p, 1, RSTART - 1); if (p in behind) next }
        print }' step=1 "$scratch/behind" step=2 "$scratch/targets" >"$scratch/reached" || return 1
    own_and "$scratch/reached" ".$HOME" ".$HOME/" >>"$1/paths"
  else
    own_and "$scratch/targets" ".$HOME" ".$HOME/" >>"$1/paths"
  fi
}

external_paths() { # FOLDER
  while IFS= read -r _path; do
    [ -e "$HOME/$_path" ] || say "$_path"
  done <"$scratch/externals" | LC_ALL=C sort | LC_ALL=C comm -12 - "$scratch/targets" >"$scratch/new"
  # Of an archive the top is enough.
  awk '{ if (top == "" || index($0, top "/") != 1) { top = $0; print } }' "$scratch/new" | tee -a "$scratch/behind" |
    front=".$HOME/" awk '{ print ENVIRON["front"] $0 }' >>"$1/made"
  while IFS= read -r _path; do
    [ ! -e "$HOME/$_path/.git" ] || say "repo .$HOME/$_path" >>"$1/whole"
  done <"$scratch/externals"
}

refuse_conflicts() {
  [ -s "$scratch/conflicts" ] || return 0
  for _kind in edited existing source protected; do
    case ",$take," in *",$_kind,"*) [ $_kind = protected ] || continue ;; esac
    if grep -q "^conflict $_kind " "$scratch/conflicts"; then
      refuse "conflict $_kind: $(sed -n "s/^conflict $_kind //p" "$scratch/conflicts" | head -n 3 | tr '\n' ' ')"
    fi
  done
}

# tell_answers: what chezmoi's config there has under "data", on one line: answers to prompts, above all.
tell_answers() {
  [ "$new_config" = no ] || dumped=$(chezmoi dump-config --format=json </dev/null 2>/dev/null 9>&-)
  case ${dumped-} in *"$line_break  \"data\": {$line_break"*) ;; *) return 0 ;; esac
  _data=$(printf '%s\n' "${dumped-}" | awk '
    /^  "data": \{$/ { inside = 1; printf "{"; next }
    inside && /^  \}/ { print "}"; exit }
    inside { sub(/^ +/, ""); printf "%s", $0 }')
  [ -z "$_data" ] || say "answers $_data"
}

adopt() { # nothing differs: the revision is noted, no login is at stake
  say unchanged
  tell_answers
  kept_after "$P/clone" || fail "disk the change could not be noted"
  published='' scratch=''
  mv "$P/armed" "$P/confirmed" || fail "expired the deadline came while the change was being applied"
  step adopted
  conclude
  finish 0
}

publish() { # $N is ready but for its program
  prove_before "$N"
  program >"$N/program" && true >"$N/armed" || fail "disk no space for the program that reverts; nothing was changed"
  read_uptime
  _first_end=$((_up + limit + window))
  arm $((limit + window)) # it comes up meanwhile
  sync "$N"/* 2>/dev/null || sync
  step written
  arms $((limit + window)) ||
    fail "deadline no process could be left behind to undo the change; nothing was changed"
  step armed
  arm_boot "$N"
  step boot-armed
  mv "$N" "$P" || {
    disarm "$N"
    fail "home the change could not be published; nothing was changed"
  }
  published=yes scratch=''
  step published
  read_uptime # what came to its end before this has found nothing to undo: a disk may be slow to sync
  [ "$_up" -lt $_first_end ] || fail "expired the deadline came before the change was applied"
}

wait_for_proof() {
  step performed
  published=''
  read_uptime
  put "$P/until" $((_up + window))
  arm "$window"
  note_entries
  true >"$P/applied"
  arms "$window" || : # the first deadline still stands
  [ -f "$P/armed" ] || fail "expired the deadline came while the change was being applied"
  step waiting
  tell_answers
  say "begun $op"
  finish 0
}

perform() {
  true >"$P/apply.err"
  if [ "$new_config" = yes ]; then
    chezmoi --destination "$HOME" --no-tty --color=off init --promptDefaults </dev/null >"$P/apply.err" 2>&1 9>&- ||
      return 1
    step configured
  fi
  # --force: what would be overwritten was looked at under the lock, and is in the snapshot.
  # TMPDIR: chezmoi writes a file beside its target and renames it, unless TMPDIR is on the same
  # file system. If it is killed in between, the half stays in our folder and not in the home.
  [ -d "$P/tmp" ] || mkdir "$P/tmp" || return 1
  TMPDIR=$P/tmp in_group chezmoi --destination "$HOME" --override-data-file "$P/facts.json" --no-tty --color=off \
    --no-pager --force apply >"$P/apply.out" 2>>"$P/apply.err"
  case $? in
    0) ;;
    124 | 137)
      say "it took longer than $limit s, or was killed" >>"$P/apply.err"
      return 1
      ;;
    *) return 1 ;;
  esac
  kept_after "$P/clone" && kept_after "$P/home" || {
    say "Stentor's own state is gone or cannot be written: $P" >>"$P/apply.err"
    return 1
  }
}

stop_apply() { # what was begun, also if its parent was killed, may still be writing
  booted_since || return 0
  _pid=$(value "$P/begin")
  if [ "$_pid" != $$ ] && words_of "$_pid" | grep -q " begin op=$op "; then
    kill -KILL "$_pid" 2>/dev/null || :
  fi
  read_value "$P/group"
  [ -n "$_v" ] || return 0
  _pid=$_v
  if words_of "$_pid" | grep -q -e chezmoi -e stentor; then
    kill -KILL "-$_pid" 2>/dev/null || :
    while kill -0 "$_pid" 2>/dev/null && ! is_zombie "$_pid"; do nap 0.05; done
  fi
  true >"$P/group"
}
