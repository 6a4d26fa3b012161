# A snapshot is put back: what the change touched and nothing else. Nothing here may depend on anything that the
# change could have altered, and every part can be done again after having been killed in the middle.
# uses: base dotfiles/answer dotfiles/signature dotfiles/snapshot

# restore FOLDER [NOW]: fails if nothing can be written now. What cannot be put back is named in FOLDER/left. Where NOW
# has a signature of all of it, that is believed, and made what it has become.
restore() {
  [ -f "$1/before" ] || return 0
  rm -rf "$1/reserve" "$1/staging" "$1/todo"
  mkdir "$1/todo" "$1/staging" || return 1
  if [ -f "$1/made" ]; then
    while IFS= read -r _path; do rm -rf "/${_path:?}"; done <"$1/made"
  fi
  step undo-made
  compare "$@" || return 1
  (cd / && in_batches unlink_all <"$1/todo/unlink")
  step undo-new
  # Folders that the change made go if nothing else has moved in.
  while IFS= read -r _path; do rmdir "/$_path" 2>/dev/null || :; done <"$1/todo/rmdir"
  while IFS= read -r _line; do
    mkdir -p "/${_line#* }" && chmod u+rwx "/${_line#* }"
  done <"$1/todo/folders" 2>/dev/null
  step undo-folders
  put_back "$1" || return 1
  step undo-files
  LC_ALL=C sort -r -k 2 "$1/todo/folders" |
    while IFS= read -r _line; do chmod "${_line%% *}" "/${_line#* }"; done 2>/dev/null
  rm -rf "$1/staging"
  _own=$(id -u)
  [ "$_own" = 0 ] || give_groups "$1"
  read_back "$@"
}

give_groups() { # FOLDER: tar gives a file of an ordinary user no other group than that user's own
  group=$(id -g) awk 'step == 1 { on[$0]; next }
    { p = $0; sub(/^[^\t]*\t/, "", p); if (p in on && $3 != ENVIRON["group"]) print $3 " " p }' \
    step=1 "$1/todo/put" step=2 "$1/before" |
    while IFS= read -r _line; do chgrp -h "${_line%% *}" "/${_line#* }"; done 2>/dev/null
}

unlink_all() { rm -f "$@" 2>/dev/null || :; }

# compare FOLDER [NOW]: what is to be done, into FOLDER/todo.
compare() {
  _after=$1/after _now=${2-}
  [ -f "$_after" ] || _after=/dev/null
  if [ -z "$_now" ]; then
    _now=$1/todo/now
    {
      cut -f2- "$1/before" "$_after"
      if [ "$_after" = /dev/null ]; then cat "$1/paths" && expand "$1"; fi
    } | LC_ALL=C sort -u >"$1/todo/list" && sign "$1/todo/list" "$_now" || return 1
  fi
  for _name in unlink rmdir.any folders put expect; do true >"$1/todo/$_name" || return 1; done
  todo=$1/todo awk "$THROUGH"'
    function octal(m,  i, n, c, w, s) {
      s = 0; w = 0
      for (i = 2; i <= 10; i++) {
        c = substr(m, i, 1); w = w * 2 + (c != "-" && c != "S" && c != "T" ? 1 : 0)
        if ((i == 4 && c ~ /[sS]/)) s += 4
        if ((i == 7 && c ~ /[sS]/)) s += 2
        if ((i == 10 && c ~ /[tT]/)) s += 1
      }
      return sprintf("%o%03o", s, w)
    }
    function tell(name, text) { print text >(ENVIRON["todo"] "/" name) }
    { p = $0; sub(/^[^\t]*\t/, "", p); all[p] = 1; if (/^l/) links = 1 }
    step == 1 { b[p] = $0; next }
    step == 2 { a[p] = $0; next }
    { n[p] = $0 }
    END {
      for (p in all) {
        before = (p in b) ? b[p] : ""; after = (p in a) ? a[p] : ""; now = (p in n) ? n[p] : ""; led = 0
        if (links) {
          if (through(p, b, n) || whole && through(p, b, a)) { before = ""; led = 1 }
          if (through(p, a, b)) after = ""
          if (through(p, n, b) || whole && through(p, n, a)) now = ""
        }
        if (whole && before == after) continue
        if (before == now) { if (before != "") tell("expect", before); continue }
        is = substr(now, 1, 1); was = substr(before, 1, 1)
        if (is == "d" && was != "d") tell("rmdir.any", p)
        if (is != "" && is != "d" && (was == "" || was == "d" || was == "l" || is == "l")) tell("unlink", p)
        if (was == "") { if (!led) tell("expect", "\t" p); continue }
        tell("expect", before)
        if (was == "d") tell("folders", octal(before) " " p)
        else tell("put", p)
      }
    }' step=1 "$1/before" step=2 "$_after" whole="$([ "$_after" = /dev/null ] || echo 1)" step=3 "$_now" &&
    LC_ALL=C sort -r "$1/todo/rmdir.any" >"$1/todo/rmdir" && LC_ALL=C sort -k 2 -o "$1/todo/folders" "$1/todo/folders"
}

put_back() { # FOLDER: each file takes the place of what is there in one step
  [ -s "$1/todo/put" ] || return 0
  tar_way
  _put=$1
  set -- "$1"/*.names
  [ -f "$1" ] || return 0
  todo=$_put/todo awk 'step == 1 { on[$0]; next }
    FNR == 1 { close(these); these = FILENAME; sub(/.*\//, "", these); these = ENVIRON["todo"] "/" these }
    $0 in on { print >these }' step=1 "$_put/todo/put" step=2 "$@" || return 1
  for _these in "$_put"/todo/*.names; do
    [ -f "$_these" ] || continue
    _names=${_these##*/}
    # shellcheck disable=SC2086 # words are wanted
    (cd "$_put/staging" && tar -x -p -f "$_put/${_names%.names}.tar" $tar_extract) </dev/null 2>"$_put/todo/tar.err" ||
      return 1
    move_files "$_put/staging" / <"$_these"
    rm -rf "$_put/staging" && mkdir "$_put/staging" || return 1
  done
}

# move_files FROM TO: the files that standard input names, below the one folder, to the same place below the other: with
# a process for each folder, not for each file.
move_files() {
  _from=$1 _to=${2%/} _below='' _batch='' _lines=0
  while IFS= read -r _path; do
    if [ "${_path%/*}" != "$_below" ] || [ $_lines -ge 400 ]; then
      [ -z "$_batch" ] || with_lines move_into "$_batch"
      _below=${_path%/*} _batch='' _lines=0
    fi
    _batch=$_batch$line_break$_from/$_path _lines=$((_lines + 1))
  done
  [ -z "$_batch" ] || with_lines move_into "$_batch"
}

move_into() { # FILES...: what cannot be is named later, when all is read back
  [ -d "$_to/${_below#./}" ] || mkdir -p "$_to/${_below#./}"
  mv -f "$@" "$_to/${_below#./}/"
} 2>/dev/null

read_back() { # FOLDER [NOW]: "as it was before" is looked at, not assumed
  cut -f2- "$1/todo/expect" | LC_ALL=C sort -u >"$1/todo/list" || return 1
  _now=$1/todo/list.now
  if [ -n "${2-}" ]; then sign_again "$1/todo/list" "$2"; else sign "$1/todo/list" "$_now"; fi || return 1
  # Another account's file is root's to give back; the plan has said so. $1 to $3 are mode, user and group.
  own=$_own awk '
    function same(one, other) {
      if (ENVIRON["own"] == 0 || $2 == ENVIRON["own"]) return one == other
      return bare(one) == bare(other)
    }
    function bare(text) { sub(/ [0-9]+ [0-9]+ /, " ", text); return text }
    step == 1 { p = $0; sub(/^[^\t]*\t/, "", p); n[p] = $0; next }
    { p = $0; sub(/^[^\t]*\t/, "", p); is = (p in n) ? n[p] : "\t" p
      if (!same($0, is) && !($0 ~ /^\t/ && is ~ /^d/)) print p }' \
    step=1 "$_now" step=2 "$1/todo/expect" >"$1/left" || return 1
  rm -rf "$1/todo"
}
