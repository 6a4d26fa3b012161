# The user's own clone, where chezmoi has its source: what it is, and what stands in the way of moving it.
# Given: rev, R, take, scratch.
# uses: base dotfiles/answer dotfiles/node dotfiles/revision

# git in the clone; it runs no hooks, opens nothing in the background (core.fsmonitor may be a program, or start a
# daemon) and is asked nothing.
clone_git() {
  git -C "$top" -c core.hooksPath=/dev/null -c core.fsmonitor=false -c gc.auto=0 -c maintenance.auto=false \
    -c advice.detachedHead=false -c core.fsync=all "$@" </dev/null 9>&- 8>&-
}

# find_clone: $top, and where there is a repository $git_dir, $common_dir, $head and $branch (empty if detached).
find_clone() {
  if [ -n "${STENTOR_FOUND-}" ]; then recall_clone && return; fi
  know_chezmoi
  top=$own_clone git_dir='' common_dir='' head='' branch_here='' _said=''
  [ -n "$top" ] ||
    refuse "config chezmoi does not say where its source is: $(chezmoi source-path 2>&1 </dev/null | tail -n 1)"
  # The last line is missing where there is no commit.
  _said=$(git -C "$top" rev-parse --absolute-git-dir --git-common-dir -q --verify HEAD 2>"$scratch/git.err") || :
  if [ -n "$_said" ]; then
    {
      IFS= read -r git_dir
      IFS= read -r common_dir
      IFS= read -r head || head=''
    } <<EOF
$_said
EOF
    common_dir=$(cd "$top" && cd "$common_dir" && pwd -P)
    IFS= read -r _ref <"$git_dir/HEAD" || _ref=''
    case $_ref in
      'ref: refs/heads/.invalid' | '') branch_here=$(git -C "$top" symbolic-ref -q --short HEAD) || branch_here='' ;;
      'ref: refs/heads/'*) branch_here=${_ref#ref: refs/heads/} ;;
      *) branch_here='' ;;
    esac
    [ -n "$branch_here" ] || branch_here=$(value "$S/detached")
  elif [ -n "$(ls -A "$top" 2>/dev/null)" ]; then
    refuse "no-git $top has files and is no git clone that git would use: $(tail -n 1 "$scratch/git.err")"
  fi
}

found_clone() { # what find_clone found, for the programs which this one starts
  # What is never empty comes last: a shell drops line breaks at the end of what it reads.
  printf '%s\n' "$own_state" "$own_clone" "$own_mode" "$own_modules" "$git_dir" "$common_dir" "$head" \
    "$branch_here" "$own_base"
}

recall_clone() {
  {
    IFS= read -r own_state && IFS= read -r own_clone && IFS= read -r own_mode && IFS= read -r own_modules &&
      IFS= read -r git_dir && IFS= read -r common_dir && IFS= read -r head && IFS= read -r branch_here &&
      IFS= read -r own_base
  } <<EOF
$STENTOR_FOUND
EOF
  top=$own_clone
}

# clone_conflicts: what of the clone is in no revision, or in the way; lines "conflict source TEXT".
clone_conflicts() { # REPOSITORY
  [ -n "$git_dir" ] || return 0
  for _file in MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD rebase-merge rebase-apply BISECT_LOG; do
    [ ! -e "$git_dir/$_file" ] || say "conflict source $top: git is in the middle of something there ($_file)"
  done
  for _file in "$git_dir/index.lock" "$git_dir/HEAD.lock" "$common_dir/packed-refs.lock"; do
    [ ! -e "$_file" ] || say "conflict source $_file: git is at work there, or died"
  done
  _edits=$(uncommitted "$top") ||
    say "conflict source $top: git cannot tell what is edited there ($(tail -n 1 "$scratch/git.err"))"
  [ -z "$_edits" ] || printf '%s\n' "$_edits" | sed 's/^.../conflict source /'
  [ -n "$head" ] && [ "$head" != "$rev" ] || return 0
  own_commits "$1"
  case $_own in 1) _own='1 commit' ;; *) _own="$_own commits" ;; esac
  [ "$_own" = '0 commits' ] ||
    say "conflict source $_own of ${branch_here:-a detached HEAD} (${head%"${head#??????????}"})"
  in_the_way
}

own_commits() { # REPOSITORY: `_own` is how many nobody else has, as far as is known here
  _own=0
  # With a commit a repository has all that it was made from.
  [ "${both_known-}" != yes ] && ! has_commit "$1" "$head" || return 0
  for _commit in $(git -C "$top" rev-list HEAD --not --remotes 2>/dev/null); do
    has_commit "$1" "$_commit" || _own=$((_own + 1))
  done
}

in_the_way() { # files that the revision adds and git ignores there
  know_moved
  [ ! -s "$scratch/there" ] || tr '\n' '\0' <"$scratch/there" | git -C "$top" check-ignore -z --stdin 2>/dev/null |
    tr '\0' '\n' | sed 's/^/conflict source /'
}

# What is edited in a clone's dotfiles; other folders of a bigger repository are none of our business, unless what is
# edited gives way: then git makes all of it as it was committed. Fails with git's words in $scratch/git.err.
uncommitted() { # CLONE
  of_dotfiles "$1" status --porcelain --untracked-files=normal
}

of_dotfiles() { # CLONE COMMAND...: git, of these paths
  _of=$1
  shift
  set -- "$@" ${own_modules:+--ignore-submodules} --
  _of_root=''
  case ",$take," in
    *,source,*) ;;
    *) [ ! -f "$_of/.chezmoiroot" ] || _of_root=$(source_root "$_of") ;;
  esac
  # An empty one is the whole of it, and git takes no empty path.
  if [ -n "$_of_root" ]; then set -- "$@" "$_of_root" .chezmoiroot; else set -- "$@" .; fi
  git -C "$_of" -c core.quotePath=false -c core.fsmonitor=false "$@" 2>"$scratch/git.err" 9>&-
}

source_root() { # TREE: the folder that .chezmoiroot names, without the blanks around it, as chezmoi reads it
  tr -d '\r' <"$1/.chezmoiroot" | awk '{ gsub(/^[ \t]+|[ \t]+$/, "") } NF { print; exit }'
}

# edited_source: the difference that is committed nowhere, as a diff.
edited_source() {
  [ -n "$git_dir" ] && [ -n "$head" ] || return 0
  clone_git diff --no-ext-diff --no-textconv --no-color HEAD 2>/dev/null || :
}

# clone_paths FOLDER: what a move to $rev may touch, as a snapshot is told it.
clone_paths() {
  true >"$1/paths" && true >"$1/whole" && true >"$1/made" || return 1
  if [ -z "$git_dir" ]; then
    printf '%s\n' ".$top" ".$top.part" >>"$1/made"
    say ".$top" >"$1/list" && own_and "$1/list" ".$HOME" | grep -vxF ".$top" >>"$1/paths"
    return
  fi
  say "repo .$git_dir" >>"$1/whole"
  [ "$common_dir" = "$git_dir" ] || say "repo .$common_dir" >>"$1/whole"
  _top=$(cd "$top" && pwd -P)
  know_moved
  own_and "$scratch/moved" ".$_top" ".$_top/" 2 >>"$1/paths" || return 1
  case ",$take," in
    *,source,*)
      clone_git diff --no-renames --no-ext-diff --name-only -z HEAD 2>/dev/null |
        tr '\n\0' '\001\n' >"$scratch/edited" || return 1
      own_and "$scratch/edited" ".$_top" ".$_top/" >>"$1/paths" || return 1
      ;;
  esac
  [ -f "$top/.gitmodules" ] || [ "$moves_modules" = yes ] || return 0
  submodules | while IFS= read -r _path; do
    say "all .$_top/$_path" >>"$1/whole"
    say ".$_top/$_path" >>"$1/paths"
  done
}

# know_moved: what differs between the clone's commit and the revision, into the file of that name, two lines each:
# git's letter for what becomes of it ("-" where that is not known), and the name, with \001 for a line break. Into
# `there` what it adds and is there; `moves_split` and `moves_modules` are yes where such names are among them.
know_moved() {
  [ ! -f "$scratch/moved" ] || return 0
  if [ "${both_known-}" = yes ] || find_moved; then
    tr '\n\0' '\001\n' <"$scratch/moved.z"
  else
    { git -C "$top" ls-files -z; git --git-dir="$R" ls-tree -r -z --name-only "$rev"; } 2>/dev/null |
      tr '\n\0' '\001\n' | awk '{ print "-"; print }'
  fi >"$scratch/moved"
  moves_split=no moves_modules=no
  while IFS= read -r _letter && IFS= read -r _path; do
    case $_path in
      .gitmodules) moves_modules=yes ;;
      *[[:cntrl:]]*) case $_path in *"$(printf '\001')"*) moves_split=yes ;; esac ;;
    esac
    [ "$_letter" = A ] || continue
    if [ -e "$top/$_path" ] || [ -h "$top/$_path" ]; then say "$_path"; fi
  done <"$scratch/moved" >"$scratch/there"
}

# Nothing is moved that a snapshot, whose paths are lines, could not put back.
refuse_split_names() {
  [ -n "$git_dir" ] && [ "$head" != "$rev" ] || return 0
  know_moved
  [ "$moves_split" = no ] ||
    refuse "name a file of the source that the change moves has a line break in its name"
}

submodules() { # those which the move may move
  { git --git-dir="$R" ls-tree -r "$rev"; git -C "$top" ls-files -s; } 2>/dev/null |
    awk '$1 == "160000" { sub(/^[^\t]*\t/, ""); print }' | sort -u
}

# own_and PATHS ROOT [FRONT [EACH]]: chezmoi's own files (its state wherever it lies, its configuration, a folder that
# it makes for scripts), and the paths of that file, or each second one, with FRONT before them; each with the folders
# above it, down from ROOT, or for chezmoi's own down from the home.
own_and() {
  _files=.$own_state${own_besides:+$line_break$own_besides}
  for _name in chezmoi.toml chezmoi.yaml chezmoi.yml chezmoi.json chezmoi.jsonc chezmoistate.boltdb; do
    _files=$_files$line_break.$chezmoi_dir/$_name
  done
  home=.$HOME root=$2 front=${3-} each=${4-1} awk '
    step == 1 { top = length(ENVIRON["home"]); p = $0 }
    step == 2 {
      if (FNR % ENVIRON["each"]) next
      top = length(ENVIRON["root"]); p = ENVIRON["front"] $0
    }
    { print p
      while (match(p, /\/[^\/]*$/)) {
        p = substr(p, 1, RSTART - 1)
        if (length(p) <= top || p in seen) break
        seen[p] = 1; print p
      } }' step=1 - step=2 "$1" <<EOF
$_files
EOF
}
