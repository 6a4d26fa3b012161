# The folder in which a copy keeps what arrives: newly made beside the destination, so on the same file system, under a
# name that nobody can guess, for us alone. We stand in it, so it stays ours whatever becomes of its name.
# Given: base (the destination's real path, empty for the root), letters (random, of this copy, or nothing), partial
# (minutes after which unfinished files are removed).
# uses: base private state

WORK=.stentor-copy
state_directory copies
notes=$state

# busy FOLDER: whether the process that made it lives.
busy() {
  _name=${1##*/"$WORK".}
  kill -0 "${_name%%.*}" 2>/dev/null
}

# left_over FOLDER: whether a copy of ours left it, which runs no more; we stand in it then.
left_over() {
  [ -d "$1" ] && [ ! -h "$1" ] && ! busy "$1" && cd -P "$1" 2>/dev/null && private_here
}

# note_of FOLDER: set `note` to the file in the state directory that tells where it is.
note_of() { note=$notes/${1##*/"$WORK".}; }

# make_work: enter a new one, under the umask 077; `work` is its path.
make_work() {
  private_folder "$base/$WORK.$$" "$letters" || return 1
  work=$private
  note_of "$work"
  { { [ -d "$notes" ] || mkdir -p "$notes"; } && say "$work" >"$note"; } 2>/dev/null
  return 0
}

# clean_work KEY SIZE: what earlier copies left. A file of this key and size is taken over, and `ready` is set; the rest
# is removed, unfinished files of other copies after their time.
clean_work() {
  ready=''
  for old in "$base/$WORK".*; do
    [ "$old" != "$work" ] && [ -d "$old" ] && (left_over "$old") || continue
    rm -rf "$old/tree"
    if [ -f "$old/$1" ] && [ -z "$ready" ] && [ "$2" -gt 0 ] && [ $(($(wc -c <"$old/$1"))) -eq "$2" ]; then
      mv -f "$old/$1" . && shape "./$1"
      case $its_mode:$its_links:$its_owner in -rw-------*:1:"$(id -u)") ready=yes ;; *) rm -f "./$1" ;; esac
    fi
    rm -f "$old/$1"
    outdated "$old/"
    rmdir "$old" 2>/dev/null && note_of "$old" && rm -f "$note"
  done
}

# outdated FOLDER: remove the unfinished files in it whose time is over.
outdated() { find "$1" -type f -mmin "+$partial" -exec rm -f {} + 2>/dev/null; }

# noted: set `old` to the folder that `note` names.
noted() {
  [ -f "$note" ] && IFS= read -r old <"$note" || return 1
  case ${old##*/} in "$WORK".*) ;; *) return 1 ;; esac
}

# clean_noted: what copies left elsewhere on this node, after its time.
clean_noted() {
  for note in "$notes"/*; do
    noted || continue
    (left_over "$old" && rm -rf ./tree && outdated ./) || [ ! -d "$old" ] || continue
    if [ ! -d "$old" ] || rmdir "$old" 2>/dev/null; then rm -f "$note"; fi
  done
}

# parts: a line "part KEY SIZE" for each file that can be gone on with.
parts() {
  for old in "$base/$WORK".*; do
    [ -d "$old" ] || continue
    (
      left_over "$old" || exit 0
      for part in *; do
        if [ -f "$part" ]; then say "part $part $(($(wc -c <"$part")))"; fi
      done
    )
  done
}
