# What files are, told by a line each, so that two moments can be compared without a process for each file.
# Paths begin with "./" and are seen from /. One path a line, sorted.
# uses: base

# in_batches FUNCTION: call it with some hundred lines of standard input at a time. They are put together as one text:
# with each word that a shell adds to its arguments it copies those before it.
in_batches() {
  _batch='' _lines=0
  while IFS= read -r _line; do
    _batch=$_batch$line_break$_line _lines=$((_lines + 1))
    if [ $_lines -ge 400 ]; then
      with_lines "$1" "$_batch" || return 1
      _batch='' _lines=0
    fi
  done
  [ -z "$_batch" ] || with_lines "$1" "$_batch"
}

with_lines() { # COMMAND LINES: with an argument for each line
  _ifs=$IFS IFS=$line_break
  set -f
  # shellcheck disable=SC2086 # words are wanted
  set -- "$1" $2
  set +f
  IFS=$_ifs
  "$@"
}

_list() { ls -ldn "$@"; }
_sum() { cksum "$@"; }

# sign LIST OUT [FOLDER]: of each path that exists "MODE USER GROUP SIZE SUM TAB PATH"; of a folder no size, of a link
# where it leads. What it needs on the way stays beside OUT, for the caller to remove. Into FOLDER: `files` (and links),
# those which are `unkept` since they cannot be read, and `kib`, how much room a copy takes.
sign() {
  (
    cd / || exit 1
    while IFS= read -r _line; do
      if [ -h "$_line" ]; then say "$_line"; elif [ -e "$_line" ]; then
        say "$_line"
        if [ -f "$_line" ] && [ -r "$_line" ]; then say "$_line" >&3; fi
      fi
    done <"$1" >"$2.found" 3>"$2.files" || exit 1
    in_batches _list <"$2.found" >"$2.listed" && in_batches _sum <"$2.files" >"$2.sums"
  ) 2>/dev/null
  folder=${3-} awk '
    function note(file, text) { if (ENVIRON["folder"] != "") print text >(ENVIRON["folder"] "/" file) }
    { count[step]++ }
    step == 1 { name[FNR] = $0; next }
    step == 2 { sum[name[FNR]] = $1; next }
    step == 3 { path[FNR] = $0; next }
    {
      mode = substr($1, 1, 10); user = $3; group = $4; size = $5; rest = $0
      for (i = 0; i < 8; i++) sub(/^ *[^ ]+ /, "", rest)
      sub(/^ */, "", rest)
      p = path[FNR]; kind = substr(mode, 1, 1); crc = "-"
      if (kind == "d") size = "-"
      if (kind == "-") crc = (p in sum) ? sum[p] : "?"
      if (kind == "l") { crc = substr(rest, length(p) + 1); gsub(/\t/, "\001", crc) }
      print mode " " user " " group " " size " " crc "\t" p
      if (crc == "?") note("unkept", p)
      if (kind ~ /[-l]/) { note("files", p); kib += 4 + size / 1024 }
    }
    END { note("kib", sprintf("%.0f", kib + 4)); exit (count[1] != count[2] || count[3] != count[4]) }' \
    step=1 "$2.files" step=2 "$2.sums" step=3 "$2.found" step=4 "$2.listed" >"$2.part" && mv -f "$2.part" "$2"
}
