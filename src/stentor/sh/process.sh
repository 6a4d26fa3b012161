# Processes and their groups.

# signal_group SIGNAL GROUP. dash takes the second form only, and refuses the first before it does anything.
# busybox complains of the "--" of the second but sends the signal, so that a second try would find nobody left.
signal_group() { kill "-$1" "-$2" 2>/dev/null || kill -s "$1" -- "-$2" 2>/dev/null; }

# process_lives PROCESS: also if it belongs to another user, to which no signal may be sent.
process_lives() {
  _said=$(LC_ALL=C kill -0 "$1" 2>&1) || case $_said in *ermitted*) ;; *) return 1 ;; esac
}

# processes_with WORD FILE...: those in whose /proc/PROCESS/FILE the word (letters, digits, "_=-") is. It is in no
# command line of this. No -F: busybox's grep would look no further than the first zero of a file.
processes_with() {
  _word=$1 _files=''
  shift
  for _name in "$@"; do _files="$_files /proc/[0-9]*/$_name"; done
  # shellcheck disable=SC2086  # file names are wanted
  printf '%s\n' "$_word" | grep -ls -f - $_files |
    while IFS=/ read -r _ _ _process _; do printf '%s\n' "$_process"; done
}
