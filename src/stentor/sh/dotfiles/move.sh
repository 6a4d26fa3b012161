# The user's own clone goes to the exact revision, by the node's own git, and stays on its branch.
# Given: what find_clone found; rev, R, remote, branch, take, scratch.
# uses: base dotfiles/answer dotfiles/revision dotfiles/clone

borrow() { # FROM TO: git finds the objects of the one in the other, without a copy
  { [ -d "$2/objects/info" ] || mkdir -p "$2/objects/info"; } && say "$1/objects" >>"$2/objects/info/alternates"
}

# move: fails with git's words in $scratch/move.err. Done again it changes nothing.
move() {
  true >"$scratch/move.err"
  if [ -z "$git_dir" ]; then make_clone; else move_clone; fi 2>>"$scratch/move.err" && submodules_follow
}

move_clone() {
  if [ "$head" != "$rev" ] && [ "${borrowed-}" != yes ]; then
    take_over "$rev" || return 1
    [ -z "$head" ] || keep_head
  fi
  set -- --no-recurse-submodules --no-overwrite-ignore
  case ",$take," in *,source,*) set -- "$@" -f ;; esac
  if [ -n "$branch_here" ] && [ -f "$S/detached" ] && ! git -C "$top" symbolic-ref -q HEAD >/dev/null; then
    clone_git checkout -q "$@" -B "$branch_here" "$rev" # an older stentor had left it detached
  elif [ "$head" = "$rev" ]; then
    [ $# -eq 2 ] || clone_git checkout -q "$@"
  elif [ -z "$branch_here" ]; then
    clone_git checkout -q "$@" --detach "$rev"
  elif [ -n "$head" ] && [ $# -eq 2 ] && clone_git merge-base --is-ancestor HEAD "$rev"; then
    clone_git merge -q --ff-only --no-autostash --no-overwrite-ignore "$rev" >/dev/null
  else
    clone_git checkout -q "$@" -B "$branch_here" "$rev"
  fi || return 1
  [ ! -f "$S/detached" ] || rm -f "$S/detached"
  follow_upstream
}

keep_head() { # where the clone was: git there may drop what no branch has any more
  [ ! -f "$R/refs/stentor/kept/$head" ] || return 0
  if has_commit "$R" "$head"; then
    git --git-dir="$R" update-ref "refs/stentor/kept/$head" "$head"
  else
    quiet_git --git-dir="$R" fetch -q --no-tags "$top" "+HEAD:refs/stentor/kept/$head"
  fi >/dev/null 2>&1 || :
}

take_over() { # REFSPEC: out of the revisions that were fetched; remote branches and FETCH_HEAD are left alone
  if [ "${borrowed-}" = yes ]; then
    _from=${1%%:*}
    clone_git update-ref "${1#*:}" "$(git --git-dir="$R" rev-parse "${_from#+}")"
    return
  fi
  fetch_here --no-tags "$R" "$1" >/dev/null
}

# fetch_here ARGUMENTS...: into the clone, from a repository of this machine, whatever the user's git may fetch from, or
# drops then.
fetch_here() {
  clone_git -c protocol.file.allow=always fetch -q --no-write-fetch-head --no-recurse-submodules --no-prune --refmap= \
    "$@"
}

# take_tags: those that came with the revisions, as a pull brings them: a template may ask git for them. One of the
# clone's own stays what it is.
take_tags() { # REMOTE
  [ "$(git -C "$top" config "remote.$1.tagOpt")" != --no-tags ] || return 0
  for _from in "$R" "$S/repo.git"; do
    [ -z "$(git --git-dir="$_from" for-each-ref --count=1 refs/tags 2>/dev/null)" ] ||
      fetch_here "$_from" 'refs/tags/*:refs/tags/*' >/dev/null 2>&1 || :
    [ "$R" != "$S/repo.git" ] || break
  done
}

plain() { # ADDRESS: without a name and password
  remote=$1
  split_remote "$scratch"
  [ -z "$remote_login" ] || rm -f "$remote_login"
  say "$remote_plain"
}

# same_place ADDRESS ADDRESS: whether both are one repository, by whatever way (ssh, https, a path) and spelling.
same_place() {
  [ "$1" = "$2" ] || [ "$(place_of "$1")" = "$(place_of "$2")" ]
}

place_of() { # ADDRESS: its host, without a user and a port, and its path
  say "$1" | sed -e 's|^[a-z+]*://||' -e 's|^[^/@]*@||' -e 's|^\([^/:]*\):[0-9]*/|\1/|' -e 's|^\([^/:]*\):|\1/|' \
    -e 's|//*|/|g' -e 's|/$||' -e 's|\.git$||'
}

# follow_upstream: where the revision came from the clone's own remote, its tracking branch says so.
follow_upstream() {
  _from=$(value "$R/fetched")
  [ -n "$_from" ] || return 0
  _name=$(git -C "$top" config "branch.$branch_here.remote") || return 0
  _theirs=$(git -C "$top" config "branch.$branch_here.merge") || return 0
  _theirs=${_theirs#refs/heads/}
  _url=$(git -C "$top" remote get-url "$_name" 2>/dev/null)
  # The fleet may name it by an insteadOf of this git, which get-url has resolved.
  same_place "$_from" "$_url" || same_place "$(git ls-remote --get-url "$_from")" "$_url" || return 0
  _known=$(git --git-dir="$R" rev-parse -q --verify "refs/remotes/origin/$_theirs") || return 0
  _tracked=refs/remotes/$_name/$_theirs
  if _now=$(git -C "$top" rev-parse -q --verify "$_tracked"); then
    git --git-dir="$R" merge-base --is-ancestor "$_now" "$_known" 2>/dev/null || return 0
  fi
  take_over "+refs/remotes/origin/$_theirs:$_tracked" || :
  take_tags "$_name"
}

# make_clone: as 'chezmoi init' would leave it, also where the revision was sent along.
make_clone() {
  _new=$top.part _branch=${branch:-main}
  rm -rf "$_new"
  mkdir -p "${top%/*}" && new_git "$_new" && top=$_new || return 1
  clone_git symbolic-ref HEAD "refs/heads/$_branch"
  clone_git config submodule.active .
  if [ -n "$remote" ]; then
    _name=$(clone_git config clone.defaultRemoteName) || _name=origin
    clone_git config "remote.$_name.url" "$(plain "$remote")"
    clone_git config "remote.$_name.fetch" "+refs/heads/*:refs/remotes/$_name/*"
    [ "$(value "$R/fetched")" != "$(plain "$remote")" ] ||
      take_over "+refs/remotes/origin/*:refs/remotes/$_name/*" || :
    _tracked=refs/remotes/$_name/$_branch
  else
    _tracked=refs/stentor/next
  fi
  clone_git rev-parse -q --verify "$_tracked" >/dev/null ||
    take_over "+$rev:$_tracked"
  clone_git cat-file -e "$rev" 2>/dev/null ||
    take_over "$rev"
  clone_git checkout -q -f --no-recurse-submodules --no-track -B "$_branch" "$rev" || { top=${_new%.part}; return 1; }
  if [ -n "$remote" ]; then
    clone_git branch -q -u "$_name/$_branch"
    take_tags "$_name"
  else
    clone_git update-ref -d refs/stentor/next
  fi
  top=${_new%.part}
  { [ ! -d "$top" ] || rmdir "$top"; } && mv "$_new" "$top"
}

# submodules_follow: as by 'chezmoi init', or by 'chezmoi update', which leaves those that git was not asked for.
submodules_follow() {
  [ -f "$top/.gitmodules" ] || return 0
  [ -z "$git_dir" ] || [ -z "$own_modules" ] || return 0
  own_ssh "$top"
  set -- submodule --quiet update --recursive
  if [ -z "$git_dir" ]; then set -- "$@" --init; else on_branches; fi
  case ",$take," in *,source,*) set -- "$@" --force ;; esac
  clone_git "$@" >/dev/null 2>>"$scratch/move.err" || return 1
  [ -z "$git_dir" ] || back_on_branches
}

on_branches() { # into a file: "BRANCH FOLDER" of each submodule that somebody has put on one
  # shellcheck disable=SC2016 # that shell has the variables
  clone_git submodule --quiet foreach --recursive \
    '_on=$(git symbolic-ref -q --short HEAD) && printf "%s %s\n" "$_on" "$PWD" || :' \
    >"$scratch/branches" 2>/dev/null || :
}

back_on_branches() { # the branch goes along, if no commit of its own is lost by that
  while read -r _on _folder; do
    [ "$(git -C "$_folder" symbolic-ref -q --short HEAD)" = "$_on" ] ||
      ! git -C "$_folder" merge-base --is-ancestor "$_on" HEAD 2>/dev/null ||
      git -C "$_folder" -c core.hooksPath=/dev/null checkout -q --no-recurse-submodules -B "$_on" || return 1
  done <"$scratch/branches" 2>>"$scratch/move.err"
}
