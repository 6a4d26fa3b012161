# A node's own edit of a file, as a difference of the repository: chezmoi re-add in a copy of the clone. Nothing of the
# user's is changed, and no hook runs.
# uses: base dotfiles/answer dotfiles/node dotfiles/stand_in dotfiles/clone dotfiles/rehearse dotfiles/plan

adopt_edit() { # FILE
  scratch_outside
  need
  [ ! -d "$P" ] || refuse "pending $(value "$P/op") waits to be confirmed or undone"
  find_clone
  [ -n "$head" ] || refuse "no-clone no dotfiles on this node yet"
  case $1 in /*) _file=$1 ;; *) _file=$HOME/$1 ;; esac
  if [ -h "$_file" ] || [ ! -f "$_file" ]; then refuse "no-file $_file is no file on this node"; fi
  put "$scratch/facts.json" "${STENTOR_FACTS:-{\}}"
  mkdir "$scratch/look"
  copy_clone
  top=$scratch/copy
  copied_facts
  # Without git's settings, or chezmoi would commit and push.
  config=$scratch/config.json statefile=$scratch/state.boltdb
  printf '%s\n' "$dumped" | without hooks format git mode sourceDir workingTree >"$config"
  [ ! -f "$own_state" ] || cp "$own_state" "$statefile" || no_space
  adoptable "$_file"
  _before=$(tree_of_copy) && re_add re-add && _after=$(tree_of_copy) || {
    lines stderr <"$scratch/adopt.err"
    fail "re-add chezmoi re-add failed"
  }
  if [ "$_before" = "$_after" ]; then
    [ -z "$(re_add status)" ] || refuse "left chezmoi re-add leaves $_path as it is"
    refuse "same $_file is what the repository makes of it"
  fi
  say "base $head"
  git -C "$top" diff --binary --full-index -M10% -U3 --src-prefix=a/ --dst-prefix=b/ --no-ext-diff --no-textconv \
    --no-color "$_before" "$_after" |
    base64 | lines patch
  cleanup
  finish 0
}

re_add() { # VERB ARGUMENTS...: of chezmoi, for the file
  cz "$facts" --refresh-externals=never "$@" "$_file" 2>"$scratch/adopt.err"
}

adoptable() { # FILE: refuses what cannot be taken over
  _path=$(re_add source-path) || refuse "unmanaged $(tail -n 1 "$scratch/adopt.err" | sed 's/^chezmoi: //')"
  _path=${_path#"$top"/}
  [ -z "$(re_add managed --include=encrypted)" ] || refuse "encrypted $_path is encrypted"
  [ -z "$(re_add managed --include=templates)" ] || refuse "template $_path is a template"
  case ${_path##*/} in create_* | modify_*) refuse "left chezmoi re-add leaves $_path as it is" ;; esac
  [ -n "$(GIT_LITERAL_PATHSPECS=1 git -C "$top" ls-files -- "$_path")" ] ||
    refuse "uncommitted $_path is not in the node's clone as a file of git"
  GIT_LITERAL_PATHSPECS=1 clone_git diff --quiet HEAD -- "$_path" 2>/dev/null ||
    refuse "uncommitted $_path is edited in the node's clone"
}

tree_of_copy() { clone_git add -A >/dev/null 2>"$scratch/adopt.err" && git -C "$top" write-tree; }
