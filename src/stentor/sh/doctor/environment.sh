# The environment of this session, as the server made it.
# uses: base quoting

# The environment of the login shell which started us, as the server made it; else something alike. It is
# the file `environ`, and the words of a command line in `environ`.
server_environment() {
  exact=''
  if [ -r "/proc/$PPID/environ" ] && tr '\0' '\n' <"/proc/$PPID/environ" >"$D/all"; then
    while IFS= read -r pair; do
      case $session:$pair in
        *:HOME=*) exact=yes ;;
        login:*) ;;
        *:TERM=* | *:SSH_TTY=*) continue ;;
      esac
      take "$pair"
    done <"$D/all" >"$D/environ"
  fi
  if [ -n "$exact" ]; then
    say "environment exact"
  else
    environ=''
    for pair in "HOME=$HOME" "USER=${USER:-}" "LOGNAME=${LOGNAME:-}" "SHELL=${SHELL:-/bin/sh}" \
      "PATH=/usr/local/bin:/usr/bin:/bin:/usr/games" "SSH_CLIENT=${SSH_CLIENT:-}"; do
      take "$pair"
    done >"$D/environ"
    say "environment assumed"
  fi
  say "start_path $start_path"
}

take() { # PAIR: one variable
  say "$1"
  case $1 in
    SHELL=*) login_shell=${1#SHELL=} ;;
    PATH=*) start_path=${1#PATH=} ;;
    ENV=*) start_env=${1#ENV=} ;;
    [A-Za-z_]*=*) ;;
    *) return ;;
  esac
  quoted "$1"
  environ="$environ $quoted"
}
