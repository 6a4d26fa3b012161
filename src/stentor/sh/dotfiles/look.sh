# What would change, and what stands in the way, once the source is at the revision.
# Given: facts (their file), git_dir (empty where the move made the clone), head and rev (from where to where it was
# moved), top, scratch.
# uses: base dotfiles/answer dotfiles/node dotfiles/known dotfiles/clone dotfiles/stand_in dotfiles/cover

# After look, in the scratch folder: status, externals, linked, conflicts. chezmoi is asked for what the source makes
# necessary and no more: each time costs as much as twenty small programs.
look() {
  render_config
  ready=yes
  for _file in managed folders; do [ ! -f "$scratch/$_file" ] || rm -f "$scratch/$_file"; done
  find_special
  if ! cz "$facts" status >"$scratch/status" 2>"$scratch/look.err"; then
    # What a hook or a script that runs before all else is going to make may be what a template needs; and chezmoi's
    # look stops where a folder takes the place of a file, its apply does not.
    if runs_hooks || runs_before || replaced; then
      ready=no
      { cz "$facts" status --include=scripts 2>/dev/null || :; cat "$scratch/replaced" 2>/dev/null; } >"$scratch/status"
    else
      refuse_lacking "$scratch/look.err"
      lines stderr <"$scratch/look.err"
      [ -z "$_template" ] || configured || [ "$new_config" = yes ] ||
        refuse "render chezmoi cannot render $rev on this node without a config (--reinit makes it from its template)"
      refuse "render chezmoi cannot render $rev on this node"
    fi
  fi
  # What a hook makes may be seen by any template, too.
  ! runs_hooks || { [ "$head" = "$rev" ] && [ ! -s "$scratch/status" ]; } || ready=no
  if [ -s "$scratch/look.err" ] && grep -q 'config file template has changed' "$scratch/look.err"; then
    # That of a template which makes the same config is noted by making it.
    if [ -n "$_rendered" ]; then new_config=yes; else say config-outdated; fi
  fi
  [ -z "$copied_source" ] || real_links
  true >"$scratch/externals"
  case $exclude$special in
    externals*) ;;
    */.chezmoiexternal*)
      cz "$facts" managed --include=externals --path-style=relative --refresh-externals=never \
        >"$scratch/externals" 2>/dev/null
      ;;
  esac
  find_linked
  find_conflicts
}

# find_special: what of the source asks for a closer look, a path a line.
find_special() {
  special=$(cd "${copied_source:-$top}" 2>/dev/null && find . -name .git -prune -o \( -name '.chezmoiexternal*' \
    -o -name 'run_*before_*' -o -name '*symlink_*' -o -name "*$line_break*" \) -print)
  case $special in
    *"$line_break"[!.]* | *"$line_break".[!/]*) ! split_names || refuse "name a target's name has a line break in it" ;;
  esac
}

split_names() { # whether a target has a line break in its name: what chezmoi ignores in its source may
  cz "$facts" managed --path-style=relative --refresh-externals=never --nul-path-separator 2>/dev/null |
    tr '\n\0' '\001\n' | grep -q "$(printf '\001')"
}

managed() { # into the file of that name: all targets but scripts
  [ ! -f "$scratch/managed" ] || return 0
  cz "$facts" managed --exclude=scripts --path-style=relative --refresh-externals=never >"$scratch/managed" 2>/dev/null
}

runs_hooks() { [ "$hooked" = yes ] || [ -f "${STENTOR_STAND_IN-}/hooked" ]; } # at an apply

runs_before() {
  case $special in */run_*before_*) ;; *) return 1 ;; esac
  cz "$facts" status --include=scripts 2>/dev/null | grep -q '^.R'
}

makes_links() { # whether chezmoi may make links into its source
  case $new_config$special in yes* | *symlink_*) return 0 ;; esac
  [ "$own_mode" = symlink ]
}

replaced() { # whether a folder takes the place of a file
  is_folder . || :
  while IFS= read -r _path; do
    if [ ! -h "$HOME/$_path" ] && [ -f "$HOME/$_path" ]; then say " M $_path"; fi
  done <"$scratch/folders" >"$scratch/replaced"
  [ -s "$scratch/replaced" ]
}

# A changed config template is rendered beside, so that the look sees what the apply will do.
render_config() {
  config='' statefile='' new_config=no hooked=no _template='' _rendered=''
  _root=${copied_source:-$own_base}
  [ ! -f "$_root/.chezmoiroot" ] || _root=$_root/$(source_root "$_root")
  for _file in "$_root"/.chezmoi.*.tmpl; do [ ! -e "$_file" ] || _template=${_template:-$_file}; done
  if [ -n "$_template" ] || [ -n "$copied_source" ]; then
    mkdir -p "$scratch/config"
    statefile=$scratch/config/chezmoistate.boltdb
    [ ! -f "$own_state" ] || cp "$own_state" "$statefile"
  fi
  [ -n "$_template" ] || return 0
  # chezmoi makes its config when it makes the clone ('chezmoi update' never does), or when it is asked for: else the
  # node's answers and what was added by hand stay, and a node that has none stays without.
  [ "$reinit" = yes ] || { [ -z "$git_dir" ] && ! configured; } || return 0
  _ext=${_template##*/.chezmoi.}
  _ext=${_ext%.tmpl}
  _rendered=$scratch/config/chezmoi.$_ext
  # Where the state cannot be written chezmoi ends once the config is, and runs no hook which that one names. A template
  # that notes in the state what it was told over the network (the latest release of a program) needs one.
  rm -f "$_rendered" "$scratch/config/none"
  ln -s nowhere "$scratch/config/none"
  init_beside "$scratch/config/none/state" || [ -f "$_rendered" ] ||
    ! grep -qF "$scratch/config/none" "$scratch/look.err" || init_beside "$statefile" || :
  if [ ! -f "$_rendered" ]; then
    _asked=$(asked)
    [ -z "$_asked" ] || refuse "prompt the config template asks \"$_asked\" and there is no answer"
    lines stderr <"$scratch/look.err"
    refuse "render chezmoi cannot render the config template of $rev on this node"
  fi
  if ! cmp -s "$_rendered" "$chezmoi_dir/chezmoi.$_ext"; then
    new_config=yes config=$_rendered config_named=$(named_as "$chezmoi_dir/chezmoi.$_ext")
    ! grep -qi -e destDir -e persistentState -e scriptTempDir -e hooks -e textconv "$config" || see_less
  fi
}

init_beside() { # STATE
  chezmoi ${copied_source:+--source "$copied_source"} --destination "$HOME" ${cache:+--cache "$cache"} --no-tty \
    --color=off --persistent-state "$1" init --promptDefaults --config-path "$_rendered" </dev/null >/dev/null \
    2>"$scratch/look.err" 9>&-
}

# see_less: the new config, as read_settings has that of now: without what only runs, or shows things otherwise.
see_less() {
  _dumped=$(chezmoi --config "$config" dump-config --format=json </dev/null 2>/dev/null 9>&-)
  settings=$(printf '%s\n' "$_dumped" | paths_of_settings)
  setting destDir
  other_destination
  for _name in scriptTempDir persistentState; do
    setting $_name
    own_besides=${own_besides-}${text:+$line_break.$text}
  done
  sees_more "$_dumped" || return 0
  ! has_hooks "$_dumped" || hooked=yes
  config=$scratch/config/look.json
  # shellcheck disable=SC2086 # words are wanted
  printf '%s\n' "$_dumped" | without hooks textConv format ${copied_source:+sourceDir workingTree} >"$config"
}

# real_links: a link into the source leads to the copy in this look; one that would lead where it does is no change.
real_links() {
  while IFS= read -r _line; do
    case $_line in
      ' M '*)
        _path=$HOME/${_line#???}
        if [ -h "$_path" ]; then
          _to=$(cz "$facts" dump --format=json "$_path" 2>/dev/null |
            sed -n 's/^ *"linkname": "\(.*\)",\{0,1\}$/\1/p')
          case $_to in
            "$copied_source"/*) [ "$(readlink "$_path")" != "$own_base${_to#"$copied_source"}" ] || continue ;;
          esac
        fi
        ;;
    esac
    say "$_line"
  done <"$scratch/status" >"$scratch/status.real"
  mv "$scratch/status.real" "$scratch/status"
}

# Where chezmoi makes links into its source, moving the source is the change: what of it is live at once.
find_linked() {
  true >"$scratch/linked"
  [ -n "$git_dir" ] && [ -n "$head" ] && [ "$head" != "$rev" ] && makes_links || return 0
  managed
  while IFS= read -r _path; do
    if [ -h "$HOME/$_path" ]; then say "$HOME/$_path"; fi
  done <"$scratch/managed" >"$scratch/links"
  [ -s "$scratch/links" ] || return 0
  _moved=$(git -C "${copied_source:-$top}" -c core.quotePath=false diff --no-renames --name-only \
    "$head" "$rev" 2>/dev/null)
  while IFS= read -r _path; do
    _leads=$(readlink "$_path")
    case $_leads in
      "$top"/*)
        ! printf '%s\n' "$_moved" | grep -qxF -e "${_leads#"$top"/}" || say " M ${_path#"$HOME"/}"
        ;;
    esac
  done <"$scratch/links" >"$scratch/linked"
}

configured() { # whether chezmoi has its config file
  for _file in "$chezmoi_dir"/chezmoi.*; do [ ! -f "$_file" ] || return 0; done
  return 1
}

asked() { # the text of the prompt which got no answer
  sed -n -e 's/.*at <prompt[A-Za-z]*Once [^"]*"[^"]*" "\([^"]*\)".*: EOF$/\1/p' \
    -e 's/.*at <prompt[A-Za-z]* "\([^"]*\)".*: EOF$/\1/p' "$scratch/look.err" | head -n 1
}

find_conflicts() {
  _existing=no
  # chezmoi's two columns: what became of the target since chezmoi wrote it; what apply would do.
  while IFS= read -r _line; do
    _path=${_line#???}
    protected "$_line" || continue
    # shellcheck disable=SC3067 # POSIX has no -O, and every sh has it
    case $_line in ?R*) ;; *) [ ! -e "$HOME/$_path" ] || [ -O "$HOME/$_path" ] || say "$_path" >&3 ;; esac
    case $_line in
      ' '[R\ ]* | ?' '* | ?R*) ;;
      ' D'*) ;;
      ' '*)
        if [ -h "$HOME/$_path" ] || { [ -e "$HOME/$_path" ] && [ ! -d "$HOME/$_path" ]; }; then
          _existing=yes
          say "conflict existing $_path"
        fi
        ;;
      *) say "conflict edited $_path" ;;
    esac
  done <"$scratch/status" >"$scratch/conflicts.any" 3>"$scratch/owners"
  # What chezmoi has an entry of, it has written; its keys are JSON.
  entries=''
  if [ $_existing = no ]; then
    while IFS= read -r _line; do say "$_line"; done <"$scratch/conflicts.any" >"$scratch/conflicts"
  elif recall_entries && without_known; then # else not all may be noted there
    :
  else
    entries=$scratch/entries
    chezmoi state get-bucket --bucket=entryState </dev/null >"$entries" 2>/dev/null 9>&- || :
    without_known || :
  fi
}

# In awk's gsub only a backslash before "&" means the same to all: "\\t" loses it in busybox's since 1.36.
without_known() { # of what chezmoi has an entry the conflict is none; fails if another is left
  home=$HOME awk '
    step == 1 { if (sub(/^  "/, "") && sub(/": \{$/, "")) known[$0] = 1; next }
    /^conflict existing / {
      key = ENVIRON["home"] "/" substr($0, 19)
      gsub(/[\\"]/, "\\\\&", key)
      while (i = index(key, "\t")) key = substr(key, 1, i - 1) "\\t" substr(key, i + 1)
      if (key in known) next
      left = 1
    }
    { print }
    END { exit left }' step=1 "$entries" step=2 "$scratch/conflicts.any" >"$scratch/conflicts"
}

# protected LINE: fails, having said so, where what the revert needs would itself be changed.
protected() {
  case $1 in ?[R\ ]*) return 0 ;; esac
  _own=${S#"$HOME"/}
  case $_path/ in
    "${_own%/*}"/*) ;;
    *)
      case $_own/ in "$_path"/*) ;; *) return 0 ;; esac
      case $1 in ?D*) ;; *) ! is_folder "$_path" || return 0 ;; esac
      ;;
  esac
  say "conflict protected $_path"
  return 1
}

is_folder() { # PATH: whether it is to be one
  [ -f "$scratch/folders" ] ||
    cz "$facts" managed --include=dirs --path-style=relative --refresh-externals=never >"$scratch/folders" 2>/dev/null
  grep -qxF -e "$1" "$scratch/folders"
}

report_look() { # say what would change, conflicts first
  awk 'step == 1 { print; next }
    step == 2 { external[$0] = 1; next }
    { print "change " $0 }
    step == 4 { next }
    { path = substr($0, 4); does = substr($0, 2, 1)
      if (does == "R") more[++n] = "script " path
      if (does == "D") more[++n] = "delete " path
      if (path in external) more[++n] = "external " path }
    END { for (i = 1; i <= n; i++) print more[i] }' step=1 "$scratch/conflicts" step=2 "$scratch/externals" \
    step=3 "$scratch/status" step=4 "$scratch/linked"
  if [ -s "$scratch/owners" ] && own_ids && [ "$_uid" != 0 ]; then lines owner <"$scratch/owners"; fi
  [ "$new_config" = no ] || say "config changed"
  [ "$ready" = yes ] || say "warning not all can be shown: a hook or a script runs first, or a folder replaces a file" \
    "$(tail -n 1 "$scratch/look.err")"
}
