# What a change or a rollback would bring. Nothing of the user's is changed.
# uses: base scratch dotfiles/answer dotfiles/node dotfiles/revision dotfiles/look dotfiles/clone dotfiles/rehearse
# uses: dotfiles/status

plan() {
  scratch_outside
  need
  report_pending
  say "applied $(value "$S/applied")"
  find_clone
  new_git --bare --template= "$scratch/repo.git" || fail "fetch git init failed"
  [ ! -d "$R/objects" ] || borrow "$R" "$scratch/repo.git" || no_space
  [ ! -f "$R/fetched" ] || cp "$R/fetched" "$scratch/repo.git/"
  R=$scratch/repo.git
  fetch "$R"
  printf '%s\n' "${STENTOR_FACTS:-{\}}" >"$scratch/facts.json"
  refuse_split_names
  clone_conflicts "$R" >"$scratch/conflicts"
  if [ -s "$scratch/conflicts" ]; then
    cat "$scratch/conflicts"
    edited_source | lines source-diff
    take=source # what would come of it is shown all the same
  fi
  rehearse
  if [ -f "$S/reverted" ] && grep -q "^$rev " "$S/reverted"; then
    say "tried $(grep "^$rev " "$S/reverted" | tail -n 1 | cut -d' ' -f2-)"
  fi
  finish 0
}
