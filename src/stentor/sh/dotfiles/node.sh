# What the node has: chezmoi and the other programs, the clone, the state directory, the lock.
# Given: MINIMUM (the lowest chezmoi), S (the state directory), cache, config, statefile.
# uses: base dotfiles/answer

uptime_seconds() { # never the wall clock: it may be wrong, or be set while we wait
  if [ -r /proc/uptime ]; then
    read -r _up _ </proc/uptime
    printf '%s' "${_up%%.*}"
  else
    date +%s
  fi
}

config_dir() { printf '%s' "${XDG_CONFIG_HOME:-$HOME/.config}/chezmoi"; }

# chezmoi on one source folder, with the fleet's facts of this node. Cache and all else of ours in S.
cz() { # FACTS SOURCE ARGUMENTS...
  _facts=$1 _source=$2
  shift 2
  chezmoi --source "$_source" --destination "$HOME" --override-data-file "$_facts" ${config:+--config "$config"} \
    ${statefile:+--persistent-state "$statefile"} \
    --cache "$cache" --no-tty --color=off --no-pager "$@" </dev/null 9>&-
}

source_dir() { # the user's own clone; asked once, since each chezmoi costs 40 ms of CPU
  if [ "${own_clone+known}" ]; then printf '%s' "$own_clone"; else
    chezmoi execute-template '{{ .chezmoi.workingTree }}' </dev/null 2>/dev/null || :
  fi
}

version() { chezmoi --version 2>/dev/null | sed -n 's/^chezmoi version v\{0,1\}\([0-9][0-9.]*\).*/\1/p'; }

new_enough() { # VERSION
  _old_ifs=$IFS
  IFS='. '
  # shellcheck disable=SC2086 # words are wanted
  set -- $1
  IFS=$_old_ifs
  for _least in $MINIMUM; do
    [ "${1:-0}" -eq "$_least" ] || { [ "${1:-0}" -gt "$_least" ]; return; }
    [ $# -eq 0 ] || shift
  done
}

need() {
  for _tool in git chezmoi tar flock timeout setsid; do
    command -v "$_tool" >/dev/null 2>&1 || refuse "missing $_tool is not installed on this node"
  done
  _version=$(version)
  say "chezmoi $_version"
  [ -n "$_version" ] || refuse "missing chezmoi does not say its version"
  new_enough "$_version" ||
    refuse "old chezmoi $_version is too old; $(printf %s "$MINIMUM" | tr ' ' .) is the lowest that is supported"
  own_clone=$(source_dir)
}

state() { # make the state directory, and say so if the home cannot be written
  # One folder is closed to others; the umask stays the account's own, since chezmoi goes by it.
  { [ -d "$S" ] || { mkdir -p "${S%/*}" && mkdir -m 700 "$S"; }; } 2>/dev/null &&
    mkdir -p "$S/history" 2>/dev/null && true 2>/dev/null >"$S/.probe" && rm -f "$S/.probe" ||
    fail "home $S cannot be written: $(mkdir -p "$S/history" 2>&1; true 2>&1 >"$S/.probe")"
  cache=$S/cache
}

lock() {
  command exec 9>"$S/lock" || fail "home $S/lock cannot be written"
  flock -n 9 || refuse "locked another change of the dotfiles is going on here"
}
