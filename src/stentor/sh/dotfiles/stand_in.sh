# A program named chezmoi, which goes before the real one in PATH: it runs that one with the environment of a login of
# this account, as if somebody had typed it there, and with all settings set aside that would change its answers.
# Whatever calls chezmoi gets it, in a namespace as well.
# uses: base dotfiles/answer dotfiles/judge

# Of a login's environment these are the trial's own, or a session's.
UNWANTED='STENTOR_TRIAL STENTOR_OUT TMUX TMUX_PANE TMUX_TMPDIR SCREENDIR STY WINDOW ZELLIJ ZELLIJ_PANE_ID
  ZELLIJ_SESSION_NAME ZELLIJ_SOCKET_DIR HISTFILE SSH_TTY SSH_CLIENT SSH_CONNECTION TERM SHLVL PWD OLDPWD _'

stand_in() {
  [ -z "${STENTOR_STAND_IN-}" ] || return 0
  find_in_path chezmoi || return 0
  STENTOR_CHEZMOI=$found
  stand_in_folder || no_space
  login_environment || say "warning no login of this account says its environment, so templates get a plain one"
  write_stand_in
  # What git brings is made with it, too. One that closes files to their owner would close ours.
  read -r _word _mask <"$standing/environment" || _word=''
  [ "$_word" != umask ] || umask "$_mask"
  config_elsewhere
  STENTOR_STAND_IN=$standing PATH=$standing:$PATH
  export STENTOR_STAND_IN STENTOR_CHEZMOI PATH
  [ -z "${STENTOR_PROMPTS-}" ] || put "$standing/prompts" "$STENTOR_PROMPTS"
  say "${exclude:-none}" >"$standing/exclude"
  read_settings
}

# config_elsewhere: where a login has the configuration, chezmoi has its own and its state, and git its own, too.
config_elsewhere() {
  [ -f "$standing/elsewhere" ] || return 0
  # shellcheck disable=SC1091 # it is made at a login
  XDG_CONFIG_HOME=$(. "$standing/environment" && printf '%s' "${XDG_CONFIG_HOME-}") || return 0
  export XDG_CONFIG_HOME
  chezmoi_dir=${XDG_CONFIG_HOME:-$HOME/.config}/chezmoi
}

# Beside all else of ours where we write anyway, so that nothing stays elsewhere when this program is killed.
stand_in_folder() {
  case $verb in
    'begin' | 'rollback')
      drop_old_stand_ins
      standing=$S/stand-in.$$
      { [ -d "$S" ] || { mkdir -p "${S%/*}" && mkdir -m 700 "$S"; }; } 2>/dev/null &&
        mkdir -m 700 "$standing" 2>/dev/null && return
      ;;
  esac
  if [ -n "$scratch" ]; then
    standing=$scratch/stand-in
    mkdir -m 700 "$standing" "$scratch/trial"
  else
    trial_folder && standing=$made
  fi
}

# login_environment: into the file `environment`. Before a change all kinds of shells are tried, in one go: what of them
# does not work (the file `before`) is not the change's fault.
login_environment() {
  true >"$standing/environment"
  # shellcheck disable=SC2016 # the shell in there has it
  ask_besides='; sh -c "umask; export -p" >"$STENTOR_OUT".environment'
  case $verb in
    'begin' | 'rollback') try_shells && not_ok "$D/lines" >"$standing/before" ;;
    *)
      case $verb in 'plan' | 'adopt' | 'preview_rollback') cover_trials=yes ;; esac
      try_shells login-interactive
      ;;
  esac || { drop_trials; return 1; }
  _name=login-interactive
  case $login_shell in *csh) _name=interactive ;; esac
  while [ -f "$D/$_name.became" ]; do read_value "$D/$_name.became" && _name=$_v; done
  _done=no
  if [ -f "$D/$_name.out.end" ]; then
    _done=yes
    # shellcheck disable=SC2086 # words are wanted
    set -- $UNWANTED
    awk -v unwanted=" $* " -v elsewhere="$standing/elsewhere" '
      NR == 1 { if (/^0*[0-7]?[0-7]$/) print "umask " $0; next }
      /^(export|declare -x) [A-Za-z_][A-Za-z_0-9]*/ {
        name = $0; sub(/^(export|declare -x) /, "", name); sub(/=.*/, "", name)
        skip = index(unwanted, " " name " ")
        if (name ~ /^XDG_(CONFIG_HOME|CONFIG_DIRS|DATA_HOME)$/) print name >elsewhere
        sub(/^declare -x/, "export")
      }
      !skip { print }' "$D/$_name.out.environment" >"$standing/environment"
  fi
  drop_trials
  ask_besides=''
  [ $_done = yes ]
}

# shellcheck disable=SC2016 # that program has the variables
write_stand_in() {
  say '#!/bin/sh
here=${0%/*} verb="" config="" state="" source="" exclude="" beside=""
for word in "$@"; do
  case $word in
    --config | --config=*) config=yes ;;
    --persistent-state | --persistent-state=*) state=yes ;;
    --source | --source=*) source=yes ;;
    --exclude | --exclude=*) exclude=yes ;;
    --config-path | --config-path=*) beside=yes ;;
    status | managed | diff | state | apply | init | verify | re-add | dump | cat | data | execute-template)
      verb=${verb:-$word}
      ;;
  esac
done
read -r without <"$here/exclude"
case $verb$without in
  status* | diff* | verify*) [ -n "$exclude" ] || set -- "$@" "--exclude=$without" ;;
  applynone) ;;
  apply*) set -- "$@" "--exclude=$without" ;;
esac
case $verb in
  status) set -- "$@" --path-style=relative ;;
  diff) set -- "$@" --reverse=false --script-contents=true --use-builtin-diff ;;
  state) set -- "$@" --format=json ;;
esac
if [ "$verb" = init ] && [ -f "$here/prompts" ]; then
  while IFS= read -r word; do set -- "$@" "$word"; done <"$here/prompts"
fi
case $verb in
  "") ;;
  *)
    set -- --interactive=false --less-interactive=false --verbose=false --color=false --progress=false --no-pager "$@"
    ;;
esac
case $verb$beside in
  "" | apply | init | re-add) ;;
  *)
    if [ -z "$config" ] && [ -f "$here/config.json" ]; then
      [ -n "$state" ] || set -- --persistent-state "$(cat "$here/state")" "$@"
      set -- --config "$here/config${source:+-moved}.json" --override-data "$(cat "$here/named")" "$@"
    fi
    ;;
esac
given=${TMPDIR-} real=$STENTOR_CHEZMOI
# What it starts, scripts too, sees nothing of ours.
[ "${GIT_SSH_COMMAND-}" != "'"$OUR_SSH"'" ] || unset GIT_SSH_COMMAND
unset LC_ALL STENTOR_FOUND STENTOR_GIVEN_REMOTE STENTOR_CHEZMOI STENTOR_STAND_IN STENTOR_PROMPTS GIT_OPTIONAL_LOCKS
. "$here/environment"
[ -z "$given" ] || export "TMPDIR=$given"
exec "$real" "$@"' >"$standing/chezmoi"
  chmod 700 "$standing/chezmoi"
}

# What chezmoi says of its settings, asked once: this needs no source that can be read, and that one may be broken. The
# paths are kept for `know_chezmoi`. No flag switches hooks off, and none may run while we only look: where there are
# some, chezmoi reads what it itself says of its settings, without them.
read_settings() {
  dumped=''
  if ! recall_settings; then
    dumped=$(chezmoi dump-config --format=json </dev/null 2>/dev/null 9>&-) || return 0
    settings=$(printf '%s\n' "$dumped" | paths_of_settings)
  fi
  printf '%s\n' "$settings" >"$standing/settings"
  sees_more "$dumped" || return 0
  know_chezmoi
  printf '%s\n' "$dumped" | without hooks textConv format >"$standing/config.json"
  printf '%s\n' "$dumped" | without hooks textConv format sourceDir workingTree >"$standing/config-moved.json"
  say "$own_state" >"$standing/state"
  for _ext in toml yaml yml json jsonc; do
    [ ! -f "$chezmoi_dir/chezmoi.$_ext" ] || named_as "$chezmoi_dir/chezmoi.$_ext"
  done | head -n 1 >"$standing/named"
  ! has_hooks "$dumped" || true >"$standing/hooked"
}

sees_more() { # DUMPED: whether it says of hooks, or of programs through which a difference is shown
  case $1 in
    *"$line_break  \"hooks\": {$line_break"* | *"$line_break  \"textConv\": [$line_break"*) ;;
    *) return 1 ;;
  esac
}

has_hooks() { # DUMPED: whether one may make what templates need
  case $1 in *"$line_break    \"read-source-state\": {"*) ;; *) return 1 ;; esac
}

# named_as FILE: data by which a config that stands for this one has its name, in templates.
named_as() {
  case $1 in *[\\\"]*) ;; *) say "{\"chezmoi\": {\"configFile\": \"$1\"}}" ;; esac
}

without() { # KEYS...: JSON as chezmoi writes it, without these of the uppermost level
  awk -v keys=" $* " '
    /^  "/ {
      name = $1; gsub(/[":]/, "", name)
      skip = index(keys, " " name " ")
    }
    /^}/ { skip = 0 }
    !skip { print }'
}
