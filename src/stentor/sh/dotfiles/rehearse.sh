# The move and the look at what chezmoi would do, made beforehand at the very same paths: in a mount namespace of its
# own, where the home lies under a layer that takes all that is written and goes with the namespace. Where there are
# no namespaces, in a copy of the clone beside, and what differs there is said.
# Given: what find_clone found; rev, R, facts.json in $scratch.
# uses: base dotfiles/answer dotfiles/node dotfiles/clone dotfiles/move dotfiles/look dotfiles/cover

rehearse() {
  program >"$scratch/program" && write_cover "$scratch" && mkdir "$scratch/layer" "$scratch/look" ||
    fail "home no space for temporary files"
  own_ids
  set -- sh "$scratch/cover" "$_uid" "$_gid" "$top" "${git_dir:--}" "${common_dir:--}" \
    sh "$scratch/program" rehearse "rev=$rev" "take=$take" "branch=$branch" "reinit=$reinit" "exclude=$exclude" \
    "to=$scratch"
  STENTOR_GIVEN_REMOTE=$remote # never an option, which a list of processes shows
  STENTOR_FOUND=$(found_clone) # nor is the clone sought again in there
  export STENTOR_GIVEN_REMOTE STENTOR_FOUND
  if [ "$_uid" = 0 ]; then unshare -m "$@"; else unshare -Urm "$@"; fi \
    </dev/null >"$scratch/said" 2>"$scratch/unshare.err"
  if [ -f "$scratch/covered" ]; then
    awk '/^stentor-dotfiles / { next }
      /^end / { code = $2; next }
      { print }
      END { exit code == "" ? 1 : code }' "$scratch/said" && { tell_uncovered; return 0; }
    _code=$?
    cleanup
    finish $_code
  fi
  unset STENTOR_FOUND
  say "warning no mount namespace here ($(tail -n 1 "$scratch/unshare.err")), so the plan is made in a copy of the" \
    "clone: a template that runs git or reads files by the path of the source sees the old" \
    "revision${uncovered:+; and what the start files write at each login, they have written}"
  copy_clone
  _real=$top top=$scratch/copy
  move || move_failed
  top=$_real
  copied_look
}

# rehearsed: in the namespace, as the account: the same move and the same look as at an apply.
rehearsed() {
  true >"$to/covered"
  R=$to/repo.git
  scratch=$to/look facts=$to/facts.json
  cd || exit 1
  find_clone
  # The layer over the clone is thrown away, so that its objects need not be copied there.
  if [ -n "$common_dir" ]; then borrow "$R" "$common_dir" && borrowed=yes; fi
  move || move_failed
  look
  report_look
  show_difference
  finish 0
}

show_difference() {
  { [ ! -s "$scratch/status" ] && [ "$new_config" = no ]; } || difference_of_few ||
    cz "$facts" diff --keep-going --use-builtin-diff 2>/dev/null | lines diff
  if [ -s "$scratch/linked" ]; then
    { clone_git diff --no-ext-diff --no-textconv --no-color "$head" "$rev" 2>/dev/null || :; } | lines diff
  fi
}

# difference_of_few: of some files alone, so that chezmoi compares no others a second time.
difference_of_few() {
  set --
  while IFS= read -r _line; do
    case $_line in ?[AM]' '*) set -- "$@" "$HOME/${_line#???}" ;; *) return 1 ;; esac
    [ $# -lt 50 ] || return 1
  done <"$scratch/status"
  [ $# -gt 0 ] && [ "$ready" = yes ] &&
    cz "$facts" diff --keep-going --use-builtin-diff --recursive=false "$@" >"$scratch/difference" 2>/dev/null &&
    lines diff <"$scratch/difference"
}

tell_uncovered() { # of the login that told its environment
  [ -z "$uncovered" ] || say "warning a login was tried without a layer over the home ($uncovered): what the start" \
    "files write at each login, they have written"
}

move_failed() {
  lines stderr <"$scratch/move.err"
  refuse "move the clone $top cannot be brought to $rev"
}

copy_clone() { # as $scratch/copy
  [ -n "$git_dir" ] || return 0
  _copy=$scratch/copy
  cp -R -p "$top" "$_copy" 2>/dev/null || fail "home no space for a copy of the clone"
  if [ -f "$_copy/.git" ]; then # of a worktree, or with its git directory elsewhere: never that one
    rm -f "$_copy/.git"
    cp -R -p "$common_dir" "$_copy/.git" && cp -p "$git_dir/HEAD" "$git_dir/index" "$_copy/.git/" ||
      fail "home no space for a copy of the clone"
    rm -rf "$_copy/.git/worktrees"
    git -C "$_copy" config --unset core.worktree || :
  fi
}

# copied_facts: what chezmoi needs to take the copy for its source.
copied_facts() {
  copied_source=$scratch/copy${own_base#"$own_clone"} _root=''
  [ ! -f "$copied_source/.chezmoiroot" ] || _root=/$(source_root "$copied_source")
  # The fleet's facts, with the real paths in place of those of the copy.
  _paths=$(printf '"sourceDir": "%s", "workingTree": "%s"' "$own_base$_root" "$own_clone")
  facts=$scratch/look/facts.json
  printf '{"chezmoi": {%s, "config": {%s}}, %s\n' "$_paths" "$_paths" "$(sed 's/^{//' "$scratch/facts.json")" >"$facts"
  _cache=${XDG_CACHE_HOME:-$HOME/.cache}/chezmoi
  [ ! -d "$_cache" ] || cp -R "$_cache" "$scratch/look/cache" || no_space
  cache=$scratch/look/cache
}

copied_look() {
  copied_facts
  scratch=$scratch/look
  look
  report_look
  show_difference
  scratch=${scratch%/look}
}
