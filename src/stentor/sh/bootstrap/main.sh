# A Debian machine becomes a member of the fleet: each step looks whether it is done, does it, and looks again. So the
# program may be ended anywhere, and goes on from there when it is run once more. It runs as root.
#
# It answers in lines between "stentor-bootstrap 1 VERB" and "end CODE": "have STEP", "want STEP TEXT", "step STEP",
# "did STEP", "failed STEP WHY". Given in front: steps (their names, in order), and the values of those steps.
#
# uses: base package bootstrap/packages bootstrap/system bootstrap/account bootstrap/chezmoi bootstrap/entrance

bootstrap_main() {
  PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive
  export PATH LC_ALL DEBIAN_FRONTEND
  unset TMPDIR
  umask 022
  say "stentor-bootstrap 1 ${1-}"
  [ "$(id -u)" = 0 ] || leave begin 'it does not run as root'
  has apt-get || leave begin 'it is no Debian: there is no apt-get'
  home=$(home_of)
  case ${1-} in
    look) look ;;
    apply) apply ;;
    close) close_others ;;
    keep) keep_closed ;;
    reopen) reopen ;;
    *) leave begin "there is no verb ${1-}" ;;
  esac
  say 'end 0'
}

# leave STEP WHY: the end, with what went wrong.
leave() {
  say "failed $1 $2"
  say 'end 1'
  exit 1
}

look() {
  for step in $steps; do
    detail=''
    if "check_$step" >/dev/null 2>&1; then say "have $step"; else say "want $step $detail"; fi
  done
}

apply() {
  # One at a time, also where an earlier one still runs whose connection was cut. The kernel gives the lock back.
  exec 9>/run/stentor-bootstrap.lock # not in /run/lock, where every account can make files
  flock -n 9 || leave begin 'another bootstrap runs there'
  log=$(mktemp /run/stentor-bootstrap.XXXXXX) || leave begin 'nothing can be written to /run'
  trap 'rm -f "$log"' EXIT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
  for step in $steps; do
    if "check_$step" >/dev/null 2>&1; then
      say "have $step"
      continue
    fi
    say "step $step"
    why=''
    "do_$step" >"$log" 2>&1 9>&-
    home=$(home_of)
    if "check_$step" >/dev/null 2>&1; then
      say "did $step"
      continue
    fi
    tail -n 20 "$log" >&2
    leave "$step" "${why:-$(grep -v '^ *$' "$log" | tail -n 1)}"
  done
}

home_of() { getent passwd "$user" | cut -d: -f6; }

# as_user PROGRAM WORD...: run it as the account, in its home directory.
as_user() {
  # shellcheck disable=SC2016  # for the other shell
  runuser -u "$user" -- env "HOME=$home" "USER=$user" "LOGNAME=$user" sh -c 'cd && exec "$@"' sh "$@"
}
