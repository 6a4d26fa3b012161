# Where a change of services is kept, and how the program answers.
# uses: base state

settings() {
  umask 022
  # Root's own home is not the account's: every login, and the boot, must find the same place.
  [ -z "${STENTOR_HOME-}" ] || HOME=$STENTOR_HOME
  state_directory services
  S=$state P=$state/pending H=$state/history
  PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
  BOOT_UNIT=stentor-services-undo.service
  LC_ALL=C
  export LC_ALL PATH HOME
  cd / || exit 3
}

finish() {
  say "end $1"
  exit "$1"
}

fail() {
  say "failed $*"
  finish 1
}

# step NAME: a step is done; the controller shows it, and tests stop us here.
step() { say "step $1"; }

# lines KEY: each line of standard input, with the key in front; whole, also where several write at the same time.
lines() { awk -v key="$1" '{ print key " " $0; fflush() }'; }

# last_line FILE: its last line that is not empty, without what would end ours; or nothing.
last_line() { awk 'NF { line = $0 } END { print line }' "$1" 2>/dev/null | tr -d '\r' | cut -c1-400; }

# make_owned FOLDER: with the folders above it, the account's as its home is, also where root makes them.
make_owned() {
  [ ! -d "$1" ] || return 0
  make_owned "${1%/*}" && mkdir "$1" || return 1
  # shellcheck disable=SC2012  # the home's own line, by numbers
  [ "$(id -u)" != 0 ] || chown "$(ls -ldn "$HOME" | awk '{ print $3 ":" $4 }')" "$1"
}

# locked: from here on no other change of services runs on this node.
locked() {
  { make_owned "${S%/*}" && mkdir -p "$S" && chmod 700 "$S"; } 2>/dev/null || fail "nothing can be written to $S"
  has flock || return 0
  command exec 9>"$S/lock" || fail "nothing can be written to $S"
  flock -w 120 9 || fail "another change of services is in progress on this node"
}
