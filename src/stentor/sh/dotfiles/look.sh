# What would change, and what stands in the way: status, managed, externals and conflicts in the scratch folder.
# uses: base dotfiles/answer dotfiles/node

# After look: $scratch/status, $scratch/managed, $scratch/externals, $scratch/conflicts.
look() { # FACTS TREE REFRESH
  render_config "$2"
  if ! cz "$1" "$2" status --refresh-externals="$3" >"$scratch/status" 2>"$scratch/look.err"; then
    lines stderr <"$scratch/look.err"
    refuse "render chezmoi cannot render $rev on this node"
  fi
  cz "$1" "$2" managed -0 --exclude=scripts --refresh-externals=never >"$scratch/managed.0" 2>/dev/null
  [ "$(tr -dc '\n' <"$scratch/managed.0" | wc -c)" -eq 0 ] || refuse "name a target's name has a line break in it"
  tr '\0' '\n' <"$scratch/managed.0" >"$scratch/managed"
  rm -f "$scratch/managed.0"
  true >"$scratch/externals"
  [ -z "$(find "$2" -name '.chezmoiexternal*' | head -n 1)" ] ||
    cz "$1" "$2" managed --include=externals --refresh-externals=never >"$scratch/externals" 2>/dev/null
  find_conflicts
}

# A changed config template is rendered beside, so that the look sees what the apply will do.
render_config() { # TREE
  config='' statefile='' new_config=no
  _root=$1
  [ ! -f "$1/.chezmoiroot" ] || _root=$1/$(value "$1/.chezmoiroot")
  _template=$(find "$_root" -maxdepth 1 -name '.chezmoi.*.tmpl' 2>/dev/null | head -n 1)
  [ -n "$_template" ] || return 0
  _ext=${_template##*/.chezmoi.}
  _ext=${_ext%.tmpl}
  mkdir -p "$scratch/config"
  [ ! -f "$(config_dir)/chezmoistate.boltdb" ] || cp "$(config_dir)/chezmoistate.boltdb" "$scratch/config/"
  if ! chezmoi --source "$1" --destination "$HOME" --cache "$cache" --no-tty --color=off --persistent-state \
    "$scratch/config/chezmoistate.boltdb" init --promptDefaults --config-path \
    "$scratch/config/chezmoi.$_ext" </dev/null >/dev/null 2>"$scratch/look.err" 9>&-; then
    lines stderr <"$scratch/look.err"
    refuse "render chezmoi cannot render the config template of $rev on this node"
  fi
  if ! cmp -s "$scratch/config/chezmoi.$_ext" "$(config_dir)/chezmoi.$_ext"; then
    new_config=yes config=$scratch/config/chezmoi.$_ext
  fi
  statefile=$scratch/config/chezmoistate.boltdb
}

find_conflicts() {
  true >"$scratch/entries"
  [ ! -s "$scratch/status" ] ||
    chezmoi state get-bucket --bucket=entryState </dev/null >"$scratch/entries" 2>/dev/null 9>&- || :
  # chezmoi's two columns: what became of the target since chezmoi wrote it; what apply would do.
  while IFS= read -r _line; do
    _path=${_line#???}
    case $_line in
      ' '[R\ ]* | ?' '*) ;;
      ' '*)
        { [ -e "$HOME/$_path" ] || [ -h "$HOME/$_path" ]; } && [ ! -d "$HOME/$_path" ] || continue
        case $_line in ' D'*) continue ;; esac
        grep -qF "\"$HOME/$_path\":" "$scratch/entries" || say "conflict existing $_path"
        ;;
      ?R*) ;;
      *) say "conflict edited $_path" ;;
    esac
  done <"$scratch/status" >"$scratch/conflicts"
  uncommitted "$(source_dir)" | sed 's/^.../conflict source /' >>"$scratch/conflicts"
}

# What is edited in a clone's dotfiles; other folders of a bigger repository are none of our business.
uncommitted() { # CLONE
  [ -e "$1/.git" ] || return 0
  if [ -f "$1/.chezmoiroot" ]; then set -- "$1" "$(value "$1/.chezmoiroot")" .chezmoiroot; else set -- "$1" .; fi
  _clone=$1
  shift
  git -C "$_clone" status --porcelain -- "$@" 2>/dev/null 9>&-
}

report_look() { # say what would change, conflicts first
  cat "$scratch/conflicts"
  lines change <"$scratch/status"
  [ "$new_config" = no ] || say "config changed"
  while IFS= read -r _line; do
    _path=${_line#???}
    case $_line in
      ?R*) say "script $_path" ;;
      ?D*) say "delete $_path" ;;
    esac
    if [ "${_line#??}" != "$_line" ] && grep -qxF "$_path" "$scratch/externals"; then say "external $_path"; fi
  done <"$scratch/status"
}
