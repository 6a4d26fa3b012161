# A path or a pattern of this node, for a fetch.
# Given: folder (to go to), name (in it, perhaps a pattern), path (as it was asked for).
# uses: base

# found ACTION: what there is under the name as it is written, else what the pattern matches.
found() {
  action=$1
  cd "$folder" || exit 66
  if [ -e "$name" ] || [ -L "$name" ]; then
    cd "${name%/*}" || exit 66
    set -- "./${name##*/}"
  else
    IFS=
    # shellcheck disable=SC2086  # a pattern
    set -- $name
    unset IFS
  fi
  [ -e "$1" ] || [ -L "$1" ] || {
    printf 'stentor: there is no %s\n' "$path" >&2
    exit 66
  }
  "$action" "$@"
}

# send: it as an archive, on standard output.
send() { found pack; }

# What was named is followed where it is a link; links inside of folders stay links.
pack() {
  flags=-chf
  for one in "$@"; do [ -L "$one" ] && [ -f "$one" ] || flags=-cf; done
  for one in "$@"; do
    shift
    if [ -L "$one" ] && [ -d "$one" ]; then set -- "$@" "$one/."; else set -- "$@" "$one"; fi
  done
  exec tar "$flags" - "$@"
}

# measure: how many files and kilobytes.
measure() { found amount; }

amount() {
  # shellcheck disable=SC2046  # a number
  printf '%s ' $(find "$@" -type f -exec printf x ';' | wc -c)
  du -sk "$@" | {
    total=0
    while read -r size _; do total=$((total + size)); done
    say "$total"
  }
}
