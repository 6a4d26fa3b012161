# Snapshots of the dotfiles before a change, and how they are restored.
# uses: base dotfiles/answer dotfiles/node

# Every target that the revision manages or the apply would touch; what is absent is noted, the
# rest goes into a tar, with chezmoi's own state and config beside it.
snapshot() { # DIRECTORY
  { cat "$scratch/managed" && grep -v '^.R' "$scratch/status" | cut -c4-; } | sort -u >"$1/targets"
  true >"$1/absent"
  true >"$1/present"
  true >"$1/whole"
  while IFS= read -r _path; do
    if behind_link "$_path"; then
      continue # it is no file of this home, and the link comes back whole
    elif [ -h "$HOME/$_path" ]; then
      say "l $_path" >>"$1/present"
    elif [ -d "$HOME/$_path" ]; then
      say "d $_path" >>"$1/present"
      # A folder that will be removed or replaced goes in with all that is in it.
      if grep -qxE '.[DM] .*' "$scratch/status" && grep -qxF -e " M $_path" -e " D $_path" -e "MM $_path" \
        -e "MD $_path" "$scratch/status"; then say "d $_path" >>"$1/whole"; fi
    elif [ -e "$HOME/$_path" ]; then
      say "f $_path" >>"$1/present"
    else
      say "$_path" >>"$1/absent"
    fi
  done <"$1/targets"
  [ ! -s "$1/present" ] || pack "$1/snapshot.tar" --no-recursion <"$1/present" || return 1
  [ ! -s "$1/whole" ] || pack "$1/whole.tar" <"$1/whole" || return 1
  mkdir -p "$1/chezmoi" || return 1
  put "$1/config-dir" "$(config_dir)" || return 1
  [ -d "$(config_dir)" ] || true >"$1/chezmoi/.absent"
  for _file in chezmoistate.boltdb chezmoi.toml chezmoi.yaml chezmoi.json chezmoi.jsonc; do
    [ ! -f "$(config_dir)/$_file" ] || cp -p "$(config_dir)/$_file" "$1/chezmoi/" || return 1
  done
  # Room that is ours even when the disk fills up: a revert needs as much as the snapshot.
  _kib=$(du -sk "$1" | cut -f1)
  dd if=/dev/zero of="$1/reserve" bs=1024 count=$((_kib + 64)) 2>/dev/null
}

behind_link() { # PATH: behind a link in whose place the change puts a folder
  _parent=$1
  while [ "${_parent%/*}" != "$_parent" ]; do
    _parent=${_parent%/*}
    [ ! -h "$HOME/$_parent" ] || ! grep -qxF -e " M $_parent" -e "MM $_parent" "$scratch/status" || return 0
  done
  return 1
}

pack() { # TAR OPTIONS...: the paths on standard input, each behind two letters
  _tar=$1
  shift
  if tar --version 2>/dev/null | grep -q GNU; then set -- "$@" --no-unquote; fi
  # As arguments and not by -T: busybox's tar has it only sometimes.
  while IFS= read -r _line; do set -- "$@" "./${_line#??}"; done
  (cd "$HOME" && tar -c -f "$_tar" "$@") 2>>"$scratch/tar.err" 9>&-
}

# Revert. Nothing here may depend on anything that the change could have altered; every
# part can be done again after having been killed in the middle.
restore() { # DIRECTORY
  rm -f "$1/reserve"
  _dir=$(value "$1/config-dir")
  for _file in chezmoistate.boltdb chezmoi.toml chezmoi.yaml chezmoi.json chezmoi.jsonc; do
    if [ -f "$1/chezmoi/$_file" ]; then
      mkdir -p "$_dir" && cp -p "$1/chezmoi/$_file" "$_dir/$_file.part" &&
        mv -f "$_dir/$_file.part" "$_dir/$_file" || return 1
    else
      rm -f "$_dir/$_file"
    fi
  done
  [ ! -f "$1/chezmoi/.absent" ] || rmdir "$_dir" 2>/dev/null || :
  step undo-state
  while IFS= read -r _path; do
    if [ -h "$HOME/$_path" ] || [ ! -d "$HOME/$_path" ]; then
      rm -f "$HOME/$_path" || return 1
    elif grep -qxF "$_path" "$1/externals"; then
      rm -rf "${HOME:?}/$_path" || return 1
    fi
  done <"$1/absent"
  step undo-new
  # Where a file stood there may be a folder now, and the other way round.
  while IFS= read -r _line; do
    _path=$HOME/${_line#??}
    case $_line in
      d*) if [ -h "$_path" ] || { [ -e "$_path" ] && [ ! -d "$_path" ]; }; then rm -f "$_path"; fi ;;
      *) if [ ! -h "$_path" ] && [ -d "$_path" ]; then rm -rf "$_path"; fi ;;
    esac
  done <"$1/present"
  for _tar in snapshot whole; do
    [ ! -f "$1/$_tar.tar" ] || (cd "$HOME" && tar -xpf "$1/$_tar.tar") || return 1
  done
  step undo-files
  # Folders that the change made go if nothing else has moved in; deepest first.
  sort -r "$1/absent" | while IFS= read -r _path; do
    [ ! -d "$HOME/$_path" ] || rmdir "$HOME/$_path" 2>/dev/null || :
  done
  step undo-folders
}
