# What copies that were broken off keep on this node: the notes in the state directory tell where.
# uses: copy/work

# partial [REMOVE]: a line "KILOBYTES FOLDER" for each; with a word they are removed.
partial() {
  for note in "$notes"/*; do
    noted || continue
    (left_over "$old") || continue
    # shellcheck disable=SC2046  # words are wanted
    set -- "${1-}" $(du -sk "$old")
    if [ -n "$1" ]; then
      (left_over "$old" && rm -rf ./* ./.[!.]*)
      rmdir "$old" && rm -f "$note" || continue
    fi
    say "$2 $old"
  done
}
