# Do the shells of this account still come up, print nothing of their own, and find what they must?
# Given: seconds (for each shell).
# uses: base dotfiles/answer

# Do the shells of this account still come up, say nothing of their own, and find what they must?
shells() { # REQUIRED COMMANDS...
  _shell=${SHELL:-/bin/sh}
  _ask=:
  for _command in "$@"; do _ask="$_ask; printf '@%s\\n' $_command; command -v $_command"; done
  for _kind in plain login interactive login-interactive; do
    case $_kind in
      plain) _flags='' ;;
      login) _flags=-l ;;
      interactive) _flags=-i ;;
      *) _flags='-l -i' ;;
    esac
    _out=$(try_shell "$_ask; printf '@end\\n'" 2>/dev/null)
    _code=$?
    case $_out in
      *@end*) ;;
      *)
        if [ $_code -eq 137 ] || [ $_code -eq 124 ]; then
          say "shell $_kind hangs: no answer in $seconds s"
        else
          say "shell $_kind breaks: it ended with code $_code"
        fi
        continue
        ;;
    esac
    if [ $_kind = plain ] && [ "${_out%%@*}" != '' ]; then
      say "shell plain speaks: a session without a terminal must print nothing (scp and git break)"
    else
      say "shell $_kind ok"
    fi
    printf '%s\n' "$_out" | awk -v kind="$_kind" '
      /^@/ { if (name != "" && !found) print "missing " kind " " name; name = substr($0, 2); found = 0; next }
      { found = 1 }'
  done
  own_checks
  finish 0
}

try_shell() { # TEXT: in a shell as fresh as a login's, without a terminal
  # SSH_CLIENT: by it bash knows that sshd has started it, and reads ~/.bashrc even for one command.
  # shellcheck disable=SC2086 # there may be several, or none
  env -i HOME="$HOME" USER="$(id -un)" LOGNAME="$(id -un)" SHELL="$_shell" TERM=dumb \
    PATH=/usr/local/bin:/usr/bin:/bin SSH_CLIENT="127.0.0.1 0 22" SSH_CONNECTION="127.0.0.1 0 127.0.0.1 22" \
    setsid timeout -s KILL "$seconds" "$_shell" $_flags -c "$1" </dev/null
}

own_checks() { # STENTOR_CHECKS: a command a line, of the policy's
  [ -n "${STENTOR_CHECKS-}" ] || return 0
  _flags=-l
  printf '%s\n' "$STENTOR_CHECKS" | while IFS= read -r _check; do
    [ -n "$_check" ] || continue
    if try_shell "$_check" >/dev/null 2>&1; then say "check ok $_check"; else say "check failed $_check"; fi
  done
}
