# The revision: fetched into a repository of our own; its signature; its files.
# Given: R (that repository), rev, remote, bundle, signed, scratch.
# uses: base dotfiles/answer dotfiles/node

has_commit() { # REPOSITORY REVISION
  git --git-dir="$1" cat-file -e "$2^{commit}" 2>/dev/null
}

# Bring the exact revision into a bare repository of our own: the user's clone is not touched.
fetch() { # REPOSITORY
  [ -f "$1/HEAD" ] || git init -q --bare "$1" || fail "fetch git init failed"
  has_commit "$1" "$rev" && return
  _clone=$(source_dir)
  true >"$scratch/fetch.err" || fail "home $scratch cannot be written"
  if [ -n "${STENTOR_BUNDLE-}" ]; then
    bundle=$scratch/bundle
    printf '%s\n' "$STENTOR_BUNDLE" | base64 -d >"$bundle" || fail "disk the bundle could not be written"
    git --git-dir="$1" fetch -q "$bundle" '+refs/*:refs/bundle/*' 2>>"$scratch/fetch.err" 9>&-
  else
    if [ -e "$_clone/.git" ]; then
      git --git-dir="$1" fetch -q "$_clone" "$rev" 2>/dev/null 9>&-
      [ -n "$remote" ] || remote=$(git -C "$_clone" remote get-url "${STENTOR_REMOTE:-origin}" 2>/dev/null)
    fi
    if ! has_commit "$1" "$rev" && [ -n "$remote" ]; then
      timeout 120 git --git-dir="$1" fetch -q "$remote" '+refs/heads/*:refs/remotes/origin/*' \
        2>>"$scratch/fetch.err" 9>&-
    fi
  fi
  [ -z "$bundle" ] || rm -f "$bundle"
  has_commit "$1" "$rev" && return
  lines stderr <"$scratch/fetch.err"
  if [ -z "$remote$bundle" ]; then
    refuse "no-remote this node has no clone with a remote, and the fleet names none"
  fi
  refuse "no-revision $rev did not come from ${remote:-the bundle}"
}

verify_signature() {
  [ "$signed" = yes ] || return 0
  git --git-dir="$R" verify-commit "$rev" >/dev/null 2>"$scratch/sig.err" && return 0
  lines stderr <"$scratch/sig.err"
  refuse "unsigned $rev has no good signature on this node"
}

check_out() { # REPOSITORY TREE: its files, without touching any clone's HEAD or index
  mkdir -p "$2" &&
    GIT_INDEX_FILE="$2.index" git --git-dir="$1" --work-tree="$2" checkout -q -f "$rev" -- . \
      2>"$scratch/checkout.err" 9>&- || {
    lines stderr <"$scratch/checkout.err"
    fail "checkout $rev could not be written out"
  }
  rm -f "$2.index"
}
