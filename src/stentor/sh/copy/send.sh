# A path of this node, for a fetch.
# Given: folder (to go to), name (in it), path (as it was asked for).
# uses: base

enter() {
  cd "$folder" || exit 66
  [ -e "$name" ] || [ -L "$name" ] || {
    printf 'stentor: there is no %s\n' "$path" >&2
    exit 66
  }
}

# send: the path as an archive, on standard output.
send() {
  enter
  exec tar -cf - "$name"
}

# measure: how many files and kilobytes.
measure() {
  enter
  # shellcheck disable=SC2046  # a number
  printf '%s ' $(find "$name" -type f -exec printf x ';' | wc -c)
  du -sk "$name" | sed 's/[^0-9].*//;q'
}
