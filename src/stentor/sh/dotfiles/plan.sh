# What a change or a rollback would bring. Nothing of the user's is changed.
# uses: base scratch dotfiles/answer dotfiles/node dotfiles/revision dotfiles/look dotfiles/clone dotfiles/rehearse
# uses: dotfiles/rollback dotfiles/status

plan() {
  need
  scratch_outside
  report_pending
  say "applied $(value "$S/applied")"
  find_clone
  git init -q --bare --template= "$scratch/repo.git" || fail "fetch git init failed"
  [ ! -d "$R/objects" ] || borrow "$R" "$scratch/repo.git"
  [ ! -f "$R/fetched" ] || cp "$R/fetched" "$scratch/repo.git/"
  R=$scratch/repo.git
  fetch "$R"
  put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
  refuse_split_names
  clone_conflicts "$R" >"$scratch/conflicts"
  if [ -s "$scratch/conflicts" ]; then
    cat "$scratch/conflicts"
    edited_source | lines source-diff
    take=source # what would come of it is shown all the same
  fi
  rehearse
  if grep -q "^$rev " "$S/reverted" 2>/dev/null; then
    say "tried $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f2-)"
  fi
  finish 0
}

scratch_outside() { # a temporary folder, not in the home
  case ${TMPDIR:-/tmp}/ in
    "$HOME"/*) scratch_folder /tmp ;;
    *) scratch_folder ;;
  esac || fail "home no space for temporary files"
  scratch=$made
  trap cleanup EXIT
  trap 'cleanup; exit 130' HUP INT TERM
}
