# What the node has: chezmoi and the other programs, the clone, the state directory, the lock.
# Given: TRIED (the lowest chezmoi that need not be asked), S (the state directory), cache, config, statefile.
# uses: base boot portable dotfiles/answer dotfiles/known dotfiles/stand_in

read_uptime() { # into `_up`; never the wall clock: it may be wrong, or be set while we wait
  if [ -r /proc/uptime ]; then
    read -r _up _ </proc/uptime
    _up=${_up%%.*}
  else
    _up=$(date +%s)
    # Of macOS and the BSDs: when the clock is set, so is the time at which the system started.
    _since=$(sysctl -n kern.boottime 2>/dev/null) || _since=''
    _since=${_since#*sec = }
    _since=${_since%%[!0-9]*}
    _up=$((_up - ${_since:-0}))
  fi
}

booted_since() { # whether the system runs since the change began
  read_boot_id
  read_value "$P/boot"
  [ "$_v" = "$booted" ]
}

# account_shell: into `_v`, the login shell that the system has for this account now; SHELL is that of our login.
account_shell() {
  _v='' _who=${LOGNAME:-${USER:-$(id -un)}}
  { while IFS=: read -r _name _ _ _ _ _ _line; do [ "$_name" != "$_who" ] || _v=$_line; done </etc/passwd; } 2>/dev/null
  [ -z "$_v" ] || return 0
  if has getent; then
    _v=$(getent passwd "$_who" 2>/dev/null | cut -d: -f7)
  elif has dscl; then
    _v=$(dscl . -read "/Users/$_who" UserShell 2>/dev/null | cut -d' ' -f2)
  fi
}

# chezmoi with the fleet's facts of this node, on its own source; or on the copy which stands for it.
cz() { # FACTS ARGUMENTS...
  _facts=$1
  shift
  chezmoi ${copied_source:+--source "$copied_source"} --destination "$HOME" --override-data-file "$_facts" \
    ${config:+--config "$config" --override-data "$config_named"} ${statefile:+--persistent-state "$statefile"} \
    ${cache:+--cache "$cache"} --no-tty --color=off --no-pager "$@" </dev/null 9>&-
}

# Where chezmoi has its source and state, as the stand-in was told: each chezmoi that is asked costs time.
know_chezmoi() {
  [ -z "${own_clone+known}" ] || return 0
  if [ -z "${settings+known}" ]; then
    if [ -f "${STENTOR_STAND_IN-}/settings" ]; then
      settings=$(cat "$STENTOR_STAND_IN/settings")
    else
      settings=$(chezmoi dump-config --format=json </dev/null 2>/dev/null 9>&- | paths_of_settings)
    fi
  fi
  setting destDir
  other_destination
  setting sourceDir
  own_base=$text
  setting persistentState
  own_state=${text:-$chezmoi_dir/chezmoistate.boltdb}
  setting scriptTempDir
  own_besides=${text:+.$text}
  setting mode
  own_mode=$text
  case $settings in *'"recurseSubmodules": false'*) own_modules=left ;; *) own_modules='' ;; esac
  setting workingTree
  own_clone=$text
}

paths_of_settings() {
  grep -E '^  "(destDir|sourceDir|workingTree|persistentState|scriptTempDir|mode)": |^    "recurseSubmodules": false'
}

# other_destination: what chezmoi writes elsewhere is in no snapshot of the home, and is not looked at.
other_destination() {
  case $text in '' | "${HOME%/}") return 0 ;; esac
  [ "$(cd "$text" 2>/dev/null && pwd -P)" = "$(cd && pwd -P)" ] ||
    refuse "destination chezmoi's configuration there has destDir = $text, and Stentor changes the home folder only"
}

setting() { # NAME: in the JSON of chezmoi's config, into `text`
  case $settings in *"  \"$1\": \""*) ;; *) text='' && return ;; esac
  text=${settings#*"  \"$1\": \""}
  text=${text%%"$line_break"*}
  text=${text%,}
  text=${text%\"}
  case $text in *\\*) text=$(printf '%s' "$text" | sed -e 's/\\u0026/\&/g' -e 's/\\\(["\\]\)/\1/g') ;; esac
}

source_dir() { # the working tree of the user's own clone
  know_chezmoi
  printf '%s' "$own_clone"
}

version() { # into `_version`, empty if chezmoi does not say it
  ! recall_version || return 0
  _said=$(chezmoi --version 2>/dev/null) || _said=''
  case $_said in 'chezmoi version '*) _version=${_said#chezmoi version } ;; *) _version='' ;; esac
  _version=${_version#v}
  _version=${_version%%[!0-9.]*}
}

new_enough() { # VERSION
  _old_ifs=$IFS
  IFS='. '
  # shellcheck disable=SC2086 # words are wanted
  set -- $1
  IFS=$_old_ifs
  for _least in $TRIED; do
    [ "${1:-0}" -eq "$_least" ] || { [ "${1:-0}" -gt "$_least" ]; return; }
    [ $# -eq 0 ] || shift
  done
}

need() {
  for _tool in git chezmoi tar $(lacks_tools); do
    has "$_tool" || refuse "missing $_tool is not installed on this node"
  done
  version
  say "chezmoi $_version"
  [ -n "$_version" ] || refuse "missing chezmoi does not say its version"
  stand_in
  know_chezmoi
  new_enough "$_version" || [ "$recalled" = all ] || ask_abilities
}

# ask_abilities: by a call that changes nothing, with the latest of the options that we use.
ask_abilities() {
  put "$standing/asked.json" '{"asked": "yes"}'
  _said=$(cz "$standing/asked.json" execute-template --init '{{ .asked }}' 2>"$standing/asked.err") || _said=''
  [ "$_said" != yes ] || return 0
  refuse_lacking "$standing/asked.err"
  refuse "old chezmoi $_version does not take --override-data-file: $(tail -n 1 "$standing/asked.err")"
}

refuse_lacking() { # FILE
  lacking "$1"
  [ -z "$text" ] || refuse "old chezmoi $_version $text"
}

# lacking FILE: what chezmoi said when it failed; into `text` what it lacks, where that is why.
lacking() {
  text=$(sed -n -e 's/^chezmoi: unknown flag: \(--[a-z-]*\).*/has no \1; 2.66 or later has/p' \
    -e 's/^panic: .* nil map.*/takes facts only with a "data" section in its config; 2.68 or later needs none/p' "$1")
}

state() { # make the state directory, and say so if the home cannot be written
  # One folder is closed to others; the umask stays the account's own, since chezmoi goes by it.
  { [ -d "$S/history" ] || { { [ -d "$S" ] || { mkdir -p "${S%/*}" && mkdir -m 700 "$S"; }; } &&
    mkdir -p "$S/history"; }; } 2>/dev/null && true 2>/dev/null >"$S/lock" ||
    fail "home $S cannot be written: $(mkdir -p "$S/history" 2>&1; true 2>&1 >"$S/lock")"
}

lock() {
  command exec 9>"$S/lock" || fail "home $S/lock cannot be written"
  lock_number 9 || refuse "locked another change of the dotfiles is going on here"
}
