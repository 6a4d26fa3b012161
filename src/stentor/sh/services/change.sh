# One change of services: keep, write, apply, prove, and wait to be confirmed; or everything as it was.
# uses: base services/settings services/files services/deadline

# called FUNCTION: run an item's function; what it says on standard error is the reason of its failure.
called() {
  "$1" >"$P/out" 2>"$P/said" 9>&- && return
  _code=$?
  said=$(last_line "$P/said")
  [ -n "$said" ] || said=$(last_line "$P/out")
  has_room || said="no space in ${P%/*}"
  said="$("name_$number"): ${said:-exit code $_code}"
  return 1
}

# has_room: whether something can be written to where changes are kept.
has_room() {
  say room >"$P/room-for" || return 1
  rm -f "$P/room-for"
} 2>/dev/null

# look: what a deploy would change. Given: units and images (names), known. Nothing is changed meanwhile, so that
# systemd and docker are asked once, about everything.
look() {
  # shellcheck disable=SC2086  # names have no blanks
  [ -z "${units-}" ] || unit_table=$(unit_rows $units)
  docker_once=yes
  for number in $items; do
    # Not in a process of its own, so that one answer of docker's does for all.
    if ! "require_$number" >/dev/null 2>&1; then
      say "missing $number $("require_$number" 2>&1 | tail -n 1)"
      continue
    fi
    "files_$number" look_at
    "folders_$number" look_at_folder
    kept=/nonexistent changed=''
    would & # all at the same time: compose and Caddy take a while
  done
  wait
  if [ -d "$P" ] && waiting; then say "busy $(value "$P/op")"
  elif [ -d "$P" ]; then say "pending $(value "$P/op")"
  fi
  strays
}

# would: what would be done for an item, and why that cannot be.
would() {
  ! _would=$("current_$number" 2>&1) || return 0
  [ -z "$_would" ] || say "$_would" | lines "would $number"
  _would=$("fits_$number" 2>&1) || say "missing $number $(say "$_would" | tail -n 1)"
}

deploy() {
  locked
  recover
  said=''
  rm -rf "$S/next"
  P=$S/next
  { mkdir -p "$P/old" && chmod 700 "$P" && put "$P/op" "$op"; } 2>/dev/null || abandon
  for number in $items; do
    called "require_$number" || abandon
    { mkdir "$P/$number" && "name_$number" >"$P/$number/name"; } 2>/dev/null || abandon
  done
  program >"$P/program" && [ -s "$P/program" ] || { said="no space in $S"; abandon; }
  keep_all
  step kept
  mv "$S/next" "$S/pending" || abandon
  P=$S/pending
  arm "$window" || withdraw "no deadline could be set$(has_room || say "; no space in $S")"
  step armed
  # The process that waits undoes it when we are gone.
  trap 'exit 1' HUP INT TERM
  for number in $items; do change_item || withdraw "$said"; done
  prove_all || withdraw "$said"
  sync -f "$P" 2>/dev/null || sync
  step applied
  true >"$P/applied" || withdraw "no space in $S"
  say "state applied"
}

# keep_all: everything that may be changed, before anything is.
keep_all() {
  count=0 refused=''
  for number in $items; do
    kept=$P/$number said=''
    "files_$number" keep_file || { said=${refused:-"no space in $S"}; abandon; }
    called "keep_$number" || abandon
  done
  # On a full disk nothing is changed: here is room for what is written later, the end most of all.
  { keep_room 12 && keep_room 8; } || { said="no space in $S"; abandon; }
  sync -f "$P" 2>/dev/null || sync
}

# keep_room BLOCKS: of 4 KiB.
keep_room() { dd if=/dev/zero of="$P/room" bs=4096 count="$1" 2>/dev/null; }

# abandon: nothing was changed yet.
abandon() {
  rm -rf "$S/next"
  fail "${said:-"nothing can be written to $S"}; nothing was changed"
}

change_item() {
  kept=$P/$number changed='' said=''
  "folders_$number" make_folder || return 1
  "payload_$number" write_file || return 1
  if [ -z "$changed" ]; then
    "current_$number" >/dev/null 2>&1 9>&- && return 0
  else
    say "$changed" | lines "wrote $number"
    called "validate_$number" || return 1
  fi
  { true >"$kept/begun" && true >"$kept/tried"; } 2>/dev/null || { said="no space in $S"; return 1; }
  called "apply_$number" || return 1
  true >"$kept/applied" || { said="no space in $S"; return 1; }
  say "did $number $("name_$number")"
}

# prove_all: what was changed must work, once it has run for a while.
prove_all() {
  _longest=0
  for number in $items; do
    [ -f "$P/$number/applied" ] || continue
    _settle=$("settle_$number")
    [ "$_settle" -le "$_longest" ] || _longest=$_settle
  done
  [ "$_longest" -eq 0 ] || sleep "$_longest"
  for number in $items; do
    [ -f "$P/$number/applied" ] || continue
    kept=$P/$number
    called "prove_$number" || return 1
  done
}

# withdraw REASON: the change failed here.
withdraw() {
  trap '' HUP INT TERM
  undo "$P"
  say "reverted $1"
  finish 1
}

# undo FOLDER: files, and then what is made of them, the last first. What fails is tried once more when the others are
# as before: its port may have been taken by one of them. What could not be put back stays in $S/left.
undo() {
  rm -f "$1/room"
  restore_files "$1"
  [ ! -f "$1/deployed" ] || put "$S/deployed" "$(cat "$1/deployed")" 2>/dev/null
  _reverse='' _again=''
  for number in $items; do _reverse="$number $_reverse"; done
  for number in $_reverse; do undo_item "$1" || _again="$_again $number"; done
  for number in $_again; do
    undo_item "$1" || left="$left $("name_$number") ($(last_line "$1/said"))"
  done
  { put "$S/undone-left" "${left# }" && put "$S/undone" "$op"; } 2>/dev/null
  say_left "${left# }"
  disarm "$1"
  if [ -n "$left" ]; then
    rm -rf "$S/left"
    mv "$1" "$S/left"
  fi
  sync -f "$S" 2>/dev/null || sync
  rm -rf "$1"
}

undo_item() {
  kept=$1/$number changed=''
  [ -f "$kept/begun" ] || return 0
  "undo_$number" >"$1/out" 2>"$1/said" 9>&-
}

say_left() {
  [ -z "$1" ] || printf '%s\n' "left $1" "aside $S/left"
}

# kept_program FOLDER VERB: what a change has kept is undone by the program that made it.
kept_program() {
  STENTOR_HOME=$HOME
  export STENTOR_HOME
  /bin/sh "$1/program" "$2" "op=$(value "$1/op")" 9>&-
}

# recover: a change that nobody decided, of a program that is gone.
recover() {
  [ -d "$P" ] || return 0
  ! waiting || fail "the change $(value "$P/op") is not decided yet; it ends by itself, within $(value "$P/window") s"
  step recovering
  undo_kept "$P"
}

# undo_kept FOLDER: it is gone when it was undone.
undo_kept() {
  _kept=$(value "$1/op")
  _said=$(kept_program "$1" undo)
  say "$_said" | grep -e '^left ' -e '^aside ' || :
  [ ! -d "$1" ] || fail "the change $_kept could not be taken back; what was before it is in $1"
}

confirm() {
  locked
  [ -d "$P" ] && [ "$(value "$P/op")" = "$op" ] || fail "the change $op is not there any more"
  [ -f "$P/applied" ] || fail "the change $op was not applied"
  rm -f "$P/room"
  # Until it has moved the deadline holds.
  { true >>"$S/deployed" && deployed_after "$S/deployed" >"$P/after" && put "$P/deployed" "$(cat "$S/deployed")" &&
    mkdir -p "$H" && date +%s >"$P/confirmed" && mv "$P" "$H/$op"; } 2>/dev/null || fail "nothing can be written to $H"
  mv -f "$H/$op/after" "$S/deployed"
  disarm "$H/$op"
  # shellcheck disable=SC2012  # names are ours: no blanks in them
  ls -t "$H" | sed -n '6,$p' | while IFS= read -r _old; do
    kept_program "$H/$_old" drop >/dev/null 2>&1
    rm -rf "${H:?}/$_old"
  done
  say "state confirmed"
}

# deployed_after FILE: the names in a file, with those of this change that stay and without those that go.
deployed_after() {
  {
    for number in $items; do say "$("stays_$number") $("name_$number")"; done
    sed 's/^/had /' "$1"
  } | awk '
    $1 == "yes" { there[$2] = 1 }
    $1 == "no" { gone[$2] = 1 }
    $1 == "had" && !($2 in gone) { there[$2] = 1 }
    END { for (name in there) print name }' | sort
}

# strays: what was deployed here and is not in the fleet's file any more. Given: known (all names of this node).
strays() {
  [ -s "$S/deployed" ] || return 0
  while IFS= read -r _name; do
    # What was undone to nothing is one empty line.
    case " $known " in *" ${_name:-$known} "*) ;; *) say "stray $_name" ;; esac
  done <"$S/deployed"
}

# control: each item's one action, and a look whether it came about.
control() {
  P=$(mktemp -d 2>/dev/null) || fail "nothing can be written to the node's temporary files"
  trap 'rm -rf "$P"' EXIT
  _longest=0
  for number in $items; do
    kept=$P/$number changed=''
    mkdir "$kept" || fail "nothing can be written to $P"
    called "require_$number" && called "keep_$number" && called "apply_$number" || fail "$said"
    _settle=$("settle_$number")
    [ "$_settle" -le "$_longest" ] || _longest=$_settle
  done
  [ "$_longest" -eq 0 ] || sleep "$_longest"
  for number in $items; do
    kept=$P/$number
    called "prove_$number" || fail "$said"
  done
}

# drop: what was kept for undoing it is not needed any more.
drop() {
  for number in $items; do
    kept=$H/$op/$number
    "drop_$number" >/dev/null 2>&1
  done
}

revert() {
  locked
  if [ -d "$P" ] && [ "$(value "$P/op")" = "$op" ]; then
    undo_kept "$P"
    say "state reverted"
  elif [ -d "$H/$op" ]; then
    [ "$(newest)" = "$op" ] || fail "the change $(newest) came after $op; take that back first"
    undo_kept "$H/$op"
    say "state reverted"
  elif [ "$(value "$S/undone")" = "$op" ]; then
    say_left "$(value "$S/undone-left")"
    say "state reverted"
  else say "state unknown"
  fi
}

# decided: what became of a change whose controller was killed; a confirmation on its way comes first.
decided() {
  locked
  if [ -d "$P" ] && [ "$(value "$P/op")" = "$op" ]; then say "state pending"
  elif [ -d "$H/$op" ]; then say "state confirmed"
  elif [ "$(value "$S/undone")" = "$op" ]; then say "state reverted"
  else say "state unknown"
  fi
}

# newest: the last change that was confirmed and not taken back.
newest() {
  # shellcheck disable=SC2012  # names are ours: no blanks in them
  ls -t "$H" 2>/dev/null | sed -n 1p
}

rollback() {
  locked
  recover
  op=${op:-$(newest)}
  [ -n "$op" ] && [ -d "$H/$op" ] || fail "there is no earlier change on this node"
  [ "$(newest)" = "$op" ] || fail "the change $(newest) came after $op; take that back first"
  undo_kept "$H/$op"
  say "back $op"
}

preview_rollback() {
  op=${op:-$(newest)}
  [ -n "$op" ] && [ -d "$H/$op" ] || fail "there is no earlier change on this node"
  say "back $op $(value "$H/$op/confirmed")"
  [ ! -f "$H/$op/files" ] || cut -f4 "$H/$op/files" | lines restores
  number=1
  while [ -d "$H/$op/$number" ]; do
    [ ! -f "$H/$op/$number/begun" ] || say "item $(value "$H/$op/$number/name")"
    number=$((number + 1))
  done
}

# program: this program's own text, without the contents of files.
program() {
  { if [ -n "${p-}" ]; then printf '%s\n' "$p"; else cat "$0"; fi; } | sed '/^# payload$/,/^# end of payload$/d'
}
