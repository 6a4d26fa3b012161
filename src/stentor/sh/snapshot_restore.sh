# Put back what a snapshot holds, or those of one operation: NAME, NAME.1, NAME.2, the newest first.
# uses: snapshot

left() {
  say "snapshot left $*"
  code=1 whole=''
}

# restore PATH...: those which may have been renamed where they are.
restore() {
  code=0 found=''
  # shellcheck disable=SC2010  # names are ours: no blanks in them
  for folder in $(ls -r "$S" 2>/dev/null | grep -F "$name"); do
    case $folder in "$name" | "$name".*[0-9]) restore_folder "$S/$folder" ;; esac
  done
  for path in "$@"; do
    for renamed in "$path.$name" "$path.$name".*[0-9]; do
      [ -f "$renamed" ] || continue
      found=yes
      if [ -e "$path" ]; then left "$path: it is there again"
      elif mv "$renamed" "$path"; then say "snapshot restored $path"
      else left "$path: it could not be put back"
      fi
    done
  done
  [ -n "$found" ] || {
    say "snapshot none $name"
    code=1
  }
  exit $code
}

# restore_folder FOLDER: what somebody has changed since is left.
restore_folder() {
  found=yes number=0 whole=yes sealed=/dev/null
  [ ! -f "$1/became" ] || sealed=$1/became
  exec 3<"$sealed"
  while IFS=$T read -r kind was path; do
    number=$((number + 1)) became=''
    IFS=$T read -r _ became _ <&3
    if [ -n "$became" ] && [ "$(now "$kind" "$path")" != "$became" ]; then
      left "$path: it was changed since"
    elif back "$kind" "$was" "$path" "$1/$number"; then
      say "snapshot restored $path"
    else
      left "$path: it could not be put back"
    fi
  done <"$1/was"
  [ -z "$whole" ] || rm -rf "$1"
}
