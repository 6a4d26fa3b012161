# The user's own clone follows a confirmed change, if that takes nothing from the user.
# uses: base dotfiles/answer dotfiles/revision

# The user's own clone follows, if that takes nothing from the user: it is clean, and only moves.
move_source() {
  _clone=$(value "$P/source")
  _rev=$(value "$P/rev")
  [ -n "$_clone" ] && has_commit "$R" "$_rev" || return 0
  if [ ! -e "$_clone/.git" ]; then
    make_clone
    return 0
  fi
  if [ -n "$(git -C "$_clone" status --porcelain 2>/dev/null)" ]; then
    say "source left: it has uncommitted edits"
    return 0
  fi
  git -C "$_clone" fetch -q "$R" "$_rev" 2>/dev/null 9>&- 8>&- || return 0
  [ "$(git -C "$_clone" rev-parse HEAD)" != "$_rev" ] || return 0
  _branch=$(value "$S/detached")
  if [ -n "$_branch" ] && ! git -C "$_clone" symbolic-ref -q HEAD >/dev/null; then
    git -C "$_clone" checkout -q "$_branch" 2>/dev/null && rm -f "$S/detached"
  fi
  if git -C "$_clone" merge-base --is-ancestor HEAD "$_rev" 2>/dev/null; then
    git -C "$_clone" merge -q --ff-only "$_rev" >/dev/null 2>&1 || say "source left: it could not be moved"
  elif git -C "$_clone" merge-base --is-ancestor "$_rev" HEAD 2>/dev/null; then
    # Back to an earlier revision: the branch stays where it is, for a later pull.
    git -C "$_clone" symbolic-ref -q --short HEAD >"$S/detached" || :
    git -C "$_clone" checkout -q --detach "$_rev" 2>/dev/null || say "source left: it could not be moved"
  else
    say "source left: it has commits of its own"
  fi
}

make_clone() {
  mkdir -p "${_clone%/*}" && git clone -q --no-checkout "$R" "$_clone.part" >/dev/null 2>&1 9>&- 8>&- || return 0
  _remote=$(value "$P/remote")
  git -C "$_clone.part" fetch -q "$R" "$_rev" 2>/dev/null
  [ -z "$_remote" ] || git -C "$_clone.part" remote set-url origin "$_remote"
  _branch=$(value "$P/branch")
  git -C "$_clone.part" checkout -q -f -B "${_branch:-main}" "$_rev" >/dev/null 2>&1
  if [ -d "$_clone" ]; then rmdir "$_clone" 2>/dev/null || { rm -rf "$_clone.part"; return 0; }; fi
  mv "$_clone.part" "$_clone"
}
