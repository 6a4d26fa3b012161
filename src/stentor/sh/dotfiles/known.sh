# What chezmoi said of itself when a change was begun here last: its version, and where it has source and state. Each
# start of it costs as much as ten small programs, so it is asked again only where that may have become another.
# Given: S (the state directory), standing (with the login's environment), STENTOR_CHEZMOI.
# uses: base

# S/chezmoi: the program, its version, the configuration, and from the fourth line on the settings.

# name_program: `program_is` tells this program from any other that may come in its place. It is empty where the name
# leads to a program that chooses among versions.
name_program() {
  program_is=''
  _path=${STENTOR_CHEZMOI-}
  [ -n "$_path" ] || { find_in_path chezmoi && _path=$found; } || return 0
  if [ -h "$_path" ]; then
    case $(readlink -f "$_path" 2>/dev/null) in */chezmoi | */chezmoi[-_.]*) ;; *) return 0 ;; esac
  fi
  # shellcheck disable=SC2046 # words are wanted: inode, mode, links, user, group, size, when it was changed, path
  set -- $(LC_ALL=C ls -Llnic "$_path" 2>/dev/null)
  case ${6-} in ???????*) program_is="$*" ;; esac # else a script in its place
}

# name_configuration: the same of all that its settings follow from; empty where they may follow from more.
name_configuration() {
  config_is=''
  [ -z "${XDG_CONFIG_HOME-}" ] && [ ! -e "$standing/elsewhere" ] || return 0
  set -- "$HOME"/.config/chezmoi/chezmoi.[jty]* /etc/xdg/chezmoi/chezmoi.[jty]*
  for _file in "$@"; do
    shift
    [ ! -e "$_file" ] || set -- "$@" "$_file"
  done
  config_is=none
  [ $# -eq 0 ] || config_is=$(cksum "$@" 2>/dev/null | tr '\n' ' ') || config_is=''
}

recall_version() { # into `_version`; fails where it has to be asked
  recalled=''
  name_program
  [ -n "$program_is" ] && [ -f "$S/chezmoi" ] || return 1
  { IFS= read -r _was && IFS= read -r _version; } <"$S/chezmoi" || return 1
  [ "$_was" = "$program_is" ] || return 1
  recalled=version
}

recall_settings() { # into `settings`; fails where they have to be asked
  name_configuration
  [ "${recalled-}" = version ] && [ -n "$config_is" ] || return 1
  # A change tells what a configuration was answered, and adopt needs all of it, which is not kept here.
  case $verb:$config_is in adopt:*) return 1 ;; *:none) ;; 'begin:'* | 'rollback:'*) return 1 ;; esac
  settings=''
  {
    IFS= read -r _was && IFS= read -r _was && IFS= read -r _was && [ "$_was" = "$config_is" ] || return 1
    while IFS= read -r _line; do settings=$settings${settings:+$line_break}$_line; done
  } <"$S/chezmoi"
  # The source is where it was, and git would still begin at the same folder.
  setting destDir
  [ -n "$text" ] || return 1 # noted by a stentor that did not ask for it
  setting sourceDir
  case $text in "$HOME"/*) _folder=$text ;; *) return 1 ;; esac
  [ -d "$_folder" ] || return 1
  until [ -e "$_folder/.git" ]; do
    _folder=${_folder%/*}
    [ -n "$_folder" ] || return 1
  done
  setting workingTree
  [ "$text" = "$_folder" ] || return 1
  recalled=all
}

remember_chezmoi() { # under the lock
  [ -n "$program_is" ] && [ -n "${config_is-}" ] && [ "${recalled-}" != all ] && [ ! -f "$standing/config.json" ] ||
    return 0
  put "$S/chezmoi" "$program_is$line_break$_version$line_break$config_is$line_break$settings"
}

# S/entries: what chezmoi had entries of when the last change was confirmed, as it lists them; in the first line what
# its state was then. They are in nothing that a look without it could read.

recall_entries() { # `entries` is their file, if the state is still that one
  [ -f "$S/entries" ] && [ -f "$own_state" ] || return 1
  IFS= read -r _was <"$S/entries" || return 1
  [ "$(cksum <"$own_state")" = "$_was" ] && entries=$S/entries
}

# After an apply: those of before, and those of what it wrote; the snapshot has the sum and size of the state.
note_entries() {
  [ -f "${entries:-none}" ] && [ -f "$own_state" ] || return 0
  home=$HOME state=.$own_state awk '
    step == 1 {
      p = $0
      if (sub(/^[^\t]*\t/, "", p) && p == ENVIRON["state"] && /^-/) { print $5 " " $4; found = 1 }
      next
    }
    step == 2 { if (/^  ".*": \{$/) print; next }
    /^.D/ { lost = 1; exit }
    /^.[AM] [A-Za-z0-9._\/-]*$/ { print "  \"" ENVIRON["home"] "/" substr($0, 4) "\": {" }
    END { exit !found || lost }' step=1 "$P/home/after" step=2 "$entries" step=3 "$scratch/status" \
    >"$P/entries" || rm -f "$P/entries"
}
