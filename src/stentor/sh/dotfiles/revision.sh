# The revision: fetched into a repository of our own; its signature; its files.
# Given: R (that repository), rev, remote, bundle, signed, scratch.
# uses: base portable dotfiles/answer dotfiles/node

has_commit() { # REPOSITORY REVISION
  git --git-dir="$1" cat-file -e "$2^{commit}" 2>/dev/null
}

# find_moved: what differs between the clone's commit and the revision, as git tells it; fails where R lacks one of the
# two. Where it does not, R has both.
find_moved() {
  git --git-dir="$R" diff --no-renames --name-status -z "${head:-none}" "$rev" >"$scratch/moved.z" 2>/dev/null &&
    both_known=yes
}

# An address may hold a name and a password (https://NAME:PASSWORD@HOST/...), which must be in no list of processes: git
# gets them from a file, in its own form. Sets remote_plain, and remote_login (a file) where there are some.
split_remote() { # FOLDER
  remote_plain=$remote remote_login=''
  _rest=${remote#*://}
  _login=${_rest%%/*}
  case $remote in http://* | https://*) ;; *) return 0 ;; esac
  case $_login in *:*@*) ;; *) return 0 ;; esac
  remote_plain=${remote%%://*}://${_login##*@}${_rest#"$_login"}
  remote_login=$1/login
  (umask 077 && say "${remote%%://*}://$_login" >"$remote_login") || fail "home $1 cannot be written"
}

# own_ssh CLONE: the ssh that the user's git is configured with goes before ours.
own_ssh() {
  [ "${GIT_SSH_COMMAND-}" != "$OUR_SSH" ] || [ -z "$(cd "$1" 2>/dev/null; git config core.sshCommand)" ] ||
    unset GIT_SSH_COMMAND
}

# includes_of CLONE: the files that git reads in that clone alone, since an includeIf names it, the last one first.
includes_of() {
  # With -z alone a path is as it is; one within the clone is no path from /.
  (cd "$1" && git config --list --show-origin --name-only -z) 2>/dev/null | tr '\n\0' '\001\n' |
    awk 'NR % 2 { file = $0; next } /^includeif\./ { found = 1 } file ~ /^file:\// { print file }
      END { exit !found }' >"$scratch/includes" || return 0
  git --git-dir="$R" config --list --show-origin --name-only -z 2>/dev/null | tr '\n\0' '\001\n' |
    awk 'step == 1 { here[$0]; next } !($0 in here) && !seen[$0]++ { all[++n] = substr($0, 6) }
      END { while (n) print all[n--] }' step=1 - step=2 "$scratch/includes"
}

# git_there ARGUMENTS...: git, with what split_remote found and the settings of $_clone: keys, helpers, proxies.
git_there() {
  own_ssh "$_clone"
  if [ -e "$_clone/.git" ]; then
    set -- -c "include.path=$(cd "$_clone" && cd "$(git rev-parse --git-common-dir)" && pwd -P)/config" \
      -c core.hooksPath=/dev/null "$@"
    while IFS= read -r _file; do
      [ -z "$_file" ] || set -- -c "include.path=$_file" "$@"
    done <<EOF
$(includes_of "$_clone")
EOF
  fi
  if [ -n "$remote_login" ]; then
    set -- -c credential.helper= -c "credential.helper=store --file='$remote_login'" "$@"
  fi
  limited 120 git -c gc.auto=0 -c maintenance.auto=false "$@"
  _code=$?
  [ -z "$remote_login" ] || rm -f "$remote_login"
  return $_code
}

# For what lies on this machine, whatever the user's git may fetch from. It opens nothing in the background.
quiet_git() { git -c gc.auto=0 -c maintenance.auto=false -c protocol.file.allow=always "$@"; }

new_git() { # ARGUMENTS...: git init, in the revision's own format, whatever this git's would be
  case ${#rev} in 64) _hash=sha256 ;; *) _hash=sha1 ;; esac
  GIT_DEFAULT_HASH=$_hash git init -q "$@"
}

# Bring the exact revision into a bare repository of our own: the user's clone is not touched.
fetch() { # REPOSITORY
  remote_plain='' _unread='' _there=no
  if [ ! -f "$1/HEAD" ]; then
    new_git --bare --template= "$1" || fail "fetch git init failed"
  else
    { [ -n "${head-}" ] && find_moved; } || { [ -z "${STENTOR_BUNDLE-}" ] && has_commit "$1" "$rev"; } && return
  fi
  _clone=$(source_dir)
  true >"$scratch/fetch.err" || fail "home $scratch cannot be written"
  if [ -n "${STENTOR_BUNDLE-}" ]; then
    bundle=$scratch/bundle
    printf '%s\n' "$STENTOR_BUNDLE" | unbase64 >"$bundle" || fail "disk the bundle could not be written"
    quiet_git --git-dir="$1" fetch -q "$bundle" '+refs/*:refs/bundle/*' 2>>"$scratch/fetch.err" 9>&-
  else
    if [ -e "$_clone/.git" ]; then
      ! git -C "$_clone" cat-file -e "$rev^{commit}" 2>/dev/null || _there=yes
      # What its remote branch has not is asked for all the same: else that would not be told where it is now.
      [ $_there = no ] || ! known_upstream || from_clone "$1"
      [ -n "$remote" ] || remote=$(git -C "$_clone" remote get-url "$(upstream_of "$_clone")" 2>/dev/null)
    fi
    if ! has_commit "$1" "$rev" && [ -n "$remote" ]; then
      split_remote "$scratch"
      if git_there --git-dir="$1" fetch -q "$remote_plain" '+refs/heads/*:refs/remotes/origin/*' \
        2>>"$scratch/fetch.err" 9>&-; then
        put "$1/fetched" "$remote_plain"
      else
        _unread=yes
      fi
    fi
    [ $_there = no ] || has_commit "$1" "$rev" || from_clone "$1"
  fi
  [ -z "$bundle" ] || rm -f "$bundle"
  { [ -n "${head-}" ] && find_moved; } || has_commit "$1" "$rev" && return
  lines stderr <"$scratch/fetch.err"
  if [ -z "$remote$bundle" ]; then
    refuse "no-remote this node has no clone with a remote, and the fleet names none"
  fi
  [ -z "$_unread" ] || refuse "unread this node cannot read $remote_plain"
  refuse "no-revision $rev did not come from ${remote_plain:-the bundle}"
}

upstream_of() { git -C "$1" config "branch.${branch_here-}.remote" || say origin; } # CLONE

known_upstream() { # whether the clone's remote branch has it, as far as that is known, or the clone is there
  git -C "$_clone" merge-base --is-ancestor "$rev" '@{upstream}' 2>/dev/null ||
    [ "$(git -C "$_clone" rev-parse HEAD 2>/dev/null)" = "$rev" ]
}

from_clone() { # REPOSITORY
  quiet_git --git-dir="$1" fetch -q "$_clone" "$rev" 2>/dev/null 9>&-
}

verify_signature() {
  [ "$signed" = yes ] || return 0
  git --git-dir="$R" verify-commit "$rev" >/dev/null 2>"$scratch/sig.err" && return 0
  lines stderr <"$scratch/sig.err"
  refuse "unsigned $rev has no good signature on this node"
}
