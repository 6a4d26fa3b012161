# Do the shells of this account come up, print nothing of their own, and find what they must?
# Given: seconds (for all of them together), requires (commands), STENTOR_CHECKS (a command a line).
# uses: base portable dotfiles/trial

not_ok() { while IFS= read -r _line; do case $_line in *' ok') ;; *) say "$_line" ;; esac; done <"$1"; } # FILE

# try_shells [KIND]: into the file "lines" of the new folder D. The last shell of a person is asked $ask_besides, too.
try_shells() {
  trial_folder || return 1
  D=$made
  login_shell=${SHELL:-/bin/sh} login_name=${LOGNAME:-$(id -un)} login_lang=${LANG-}
  _ask=: _find='command -v'
  _besides=''
  case $login_shell in *csh) _find=which _besides=${ask_besides-} ;; esac
  for _command in $requires; do
    _ask="$_ask; printf '@%s\\n' $_command >>\"\$STENTOR_OUT\"; $_find $_command >>\"\$STENTOR_OUT\" || :" # set -e
  done
  _kinds=${1:-plain login interactive login-interactive}
  case $login_shell in *csh) _kinds='plain interactive' ;; esac # it takes -l alone only
  _checks=0
  if [ -n "${STENTOR_CHECKS-}" ] && [ $# -eq 0 ]; then
    # shellcheck disable=SC2046 # words are wanted
    set -- $(printf '%s\n' "$STENTOR_CHECKS" | awk '$0 != "" { print "check-" ++n }')
  else
    set --
  fi
  # shellcheck disable=SC2086 # words are wanted
  begin_trials $_kinds "$@" || return 1
  for _kind in $_kinds; do
    case $_kind in
      plain) trial plain "$login_shell" '' "$_ask" none ;;
      login) trial login "$login_shell" -l "$_ask" none ;;
      interactive) trial interactive "$login_shell" -i "$_ask$_besides" terminal ;;
      *) trial login-interactive "$login_shell" '-l -i' "$_ask${ask_besides-}" terminal ;;
    esac
  done
  if [ $# -gt 0 ]; then
    printf '%s\n' "$STENTOR_CHECKS" >"$D/checks"
    while IFS= read -r _check; do
      [ -z "$_check" ] || trial_check "$_check"
    done <"$D/checks"
  fi
  await_trials
  for _kind in $_kinds; do judge "$_kind"; done >"$D/lines"
  judge_checks >>"$D/lines"
  end_trials
}

trial_check() { # COMMAND: of the policy's, in a login shell
  _checks=$((_checks + 1))
  put "$D/check-$_checks.command" "$1"
  trial "check-$_checks" "$login_shell" -l "$1" check
}

judge() { # KIND
  _name=$1
  while [ -f "$D/$_name.became" ]; do read_value "$D/$_name.became" && _name=$_v; done
  if [ ! -f "$D/$_name.out.end" ]; then
    # Where a login of a person becomes another shell, one for a command does too, and ends at the end of its input.
    [ "$1" != login ] || [ ! -f "$D/login-interactive.became" ] || return 0
    _code=$D/$_name.code
    [ -f "$_code" ] || _code=$_code.1 # there was no time to try it again
    if [ -f "$_code" ]; then
      say "shell $1 breaks: it ended with code $(value "$_code")"
    else
      say "shell $1 hangs: no answer in $seconds s$(in_its_place)"
    fi
    return
  fi
  if [ "$1" = plain ] && [ -s "$D/plain.said" ]; then
    say "shell plain speaks: a session without a terminal must print nothing (scp and git break)"
  else
    say "shell $1 ok"
  fi
  [ -z "$requires" ] || awk -v kind="$1" '
    function told() { if (name != "" && !found) print "missing " kind " " name }
    / not found[.]?$/ { next }
    /^@/ { told(); name = substr($0, 2); found = 0; next }
    { found = 1 }
    END { told() }' "$D/$_name.out"
}

in_its_place() { # the program that the shell has become, for people: it may be one that nobody knows here
  read_value "$D/$_name.pid"
  _words=$(words_of "$_v")
  case $_words in '' | *"$trial_mark"*) return 0 ;; esac
  _words=${_words%% *}
  say "; ${_words##*/} runs in its place"
}

judge_checks() {
  _number=0
  while [ $_number -lt "$_checks" ]; do
    _number=$((_number + 1))
    _check=$(value "$D/check-$_number.command")
    if [ "$(value "$D/check-$_number.code")" = 0 ]; then say "check ok $_check"; else say "check failed $_check"; fi
  done
}
