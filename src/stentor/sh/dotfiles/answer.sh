# How the dotfiles' program answers, refuses and fails: lines "KEY TEXT", the last one "end CODE".
# In these files "true >FILE" and "command exec 9>FILE": where ":" and "exec" cannot write, dash ends at once.
# uses: base scratch

# A step is done; the controller shows it, and the tests kill us here.
step() { say "step $1"; }

# Each line of standard input, with a key in front.
lines() { awk -v key="$1" '{ print key " " $0 }'; }

finish() {
  drop_stand_in
  say "end $1"
  exit "$1"
}

# Something is in the way: exit code 3, a kind for the program and a sentence for people.
refuse() {
  say "refused $*"
  withdraw "$*"
  cleanup
  finish 3
}

fail() {
  say "failed $*"
  withdraw "$*"
  cleanup
  finish 1
}

no_space() { fail "home no space for temporary files"; }

withdraw() { # KIND WHY: a change which is published and was not carried out yet leaves no trace
  [ -n "${published-}" ] || return 0
  published=''
  true >"$P/withdrawn"
  _why=$*
  undo "${_why#* }"
}

scratch_outside() { # a temporary folder, not in the home
  case ${TMPDIR:-/tmp}/ in
    "$HOME"/*) scratch_folder /tmp ;;
    *) scratch_folder ;;
  esac || no_space
  scratch=$made
  trap cleanup EXIT
  trap 'cleanup; exit 130' HUP INT TERM
}

cleanup() {
  [ -z "${trials-}" ] || { end_trials && drop_trials; } # ended in the middle of them
  drop_stand_in
  # What stood in a shell's place may just be noting how that one ended.
  [ -z "${scratch-}" ] || rm -rf "$scratch" 2>/dev/null || { nap 0.3 && rm -rf "$scratch"; }
}

drop_stand_in() { # what goes before chezmoi in PATH
  case ${standing-} in '' | "${scratch:-none}"/*) ;; *) rm -rf "$standing" ;; esac
  standing=''
}

drop_old_stand_ins() { # of programs that were killed: they hold the environment of a login
  for _old in "$S"/stand-in.*; do
    [ ! -d "$_old" ] || kill -0 "${_old##*.}" 2>/dev/null || rm -rf "$_old"
  done
}

program() { # this program's own text, without what it brought along
  if [ -z "${STENTOR_BUNDLE-}" ] && [ -n "${p-}" ]; then
    printf '%s\n' "$p"
  else
    { if [ -n "${p-}" ]; then printf '%s\n' "$p"; else cat "$0"; fi; } | sed '/^STENTOR_BUNDLE=/d'
  fi
}
