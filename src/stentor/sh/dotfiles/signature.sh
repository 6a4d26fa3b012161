# What files are, told by a line each, so that two moments can be compared without a process for each file.
# Paths begin with "./" and are seen from /. One path a line, sorted.
# uses: base

# in_batches FUNCTION: call it with some hundred lines of standard input at a time. They are put together as one text:
# with each word that a shell adds to its arguments it copies those before it. A text gets some at a time likewise.
in_batches() {
  _batch='' _few='' _lines=0
  while IFS= read -r _line; do
    _few=$_few$line_break$_line _lines=$((_lines + 1))
    case $_lines in
      400)
        with_lines "$1" "$_batch$_few" || return 1
        _batch='' _few='' _lines=0
        ;;
      *[02468]0) _batch=$_batch$_few _few='' ;;
    esac
  done
  [ $_lines -eq 0 ] || with_lines "$1" "$_batch$_few"
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

# list_paths OUT: of the paths of standard input those that are there (OUT.found), a line of `ls` for each (OUT.listed),
# those of files that can be read (OUT.files), and a line of `cksum` for each of these (OUT.sums).
list_paths() {
  _batch='' _few='' _files='' _few_files='' _lines=0
  while IFS= read -r _line; do
    if [ -h "$_line" ]; then
      :
    elif [ -f "$_line" ]; then
      [ ! -r "$_line" ] || _few_files=$_few_files$line_break$_line
    elif [ ! -e "$_line" ]; then
      continue
    fi
    _few=$_few$line_break$_line _lines=$((_lines + 1))
    case $_lines in
      400) list_batch || return 1 ;;
      *[02468]0) _batch=$_batch$_few _files=$_files$_few_files _few='' _few_files='' ;;
    esac
  done >"$1.listed" 3>"$1.found" 4>"$1.files" 5>"$1.sums"
  [ $_lines -eq 0 ] || list_batch >>"$1.listed" 3>>"$1.found" 4>>"$1.files" 5>>"$1.sums"
}

list_batch() {
  _batch=$_batch$_few _files=$_files$_few_files
  say "${_batch#?}" >&3 && with_lines _list "$_batch" || return 1
  [ -z "$_files" ] || { say "${_files#?}" >&4 && with_lines _sum "$_files" >&5; } || return 1
  _batch='' _few='' _files='' _few_files='' _lines=0
}

# sign LIST OUT [FOLDER]: of each path that exists "MODE USER GROUP SIZE SUM TAB PATH"; of a folder no size, of a link
# where it leads. What it needs on the way stays beside OUT, for the caller to remove. Into FOLDER: `files` (and links),
# those which are `unkept` since they cannot be read, and `kib`, how much room a copy takes.
sign() {
  (cd / && list_paths "$2" <"$1") 2>/dev/null || return 1
  folder=${3-} awk '
    function note(file, text) { if (ENVIRON["folder"] != "") print text >(ENVIRON["folder"] "/" file) }
    function target(text, p,  i) {
      for (i = 0; i < 8; i++) sub(/^ *[^ ]+ /, "", text)
      sub(/^ */, "", text)
      return substr(text, length(p) + 1)
    }
    function tell(  mode, user, group, size, p, kind, crc) {
      $0 = held
      mode = substr($1, 1, 10); kind = substr(mode, 1, 1); user = $3; group = $4; size = $5; crc = "-"
      p = path[entries]
      if (kind == "d") size = "-"
      if (kind == "-") crc = (p in sum) ? sum[p] : "?"
      if (kind == "l") { crc = target(held, p); gsub(/\t/, "\001", crc) }
      print mode " " user " " group " " size " " crc "\t" p
      if (crc == "?") note("unkept", p)
      if (kind ~ /[-l]/) { note("files", p); kib += 4 + size / 1024 }
    }
    { count[step]++ }
    step == 1 { name[FNR] = $0; next }
    step == 2 { sum[name[FNR]] = $1; next }
    step == 3 { path[FNR] = $0; next }
    # Where a link leads may have line breaks.
    held ~ /^l/ && !(/^[-a-z][-rwxsStT]+/ && entries < count[3] && index($0, path[entries + 1])) {
      split(held, of)
      if (length(target(held, path[entries])) < of[5] + 4) { held = held "\002" $0; next }
    }
    { line = $0; if (entries) tell(); held = line; entries++ }
    END {
      if (entries) tell()
      note("kib", sprintf("%.0f", kib + 4))
      exit (count[1] != count[2] || count[3] != entries)
    }' \
    step=1 "$2.files" step=2 "$2.sums" step=3 "$2.found" step=4 "$2.listed" >"$2.part" && mv -f "$2.part" "$2"
}

# sign_again LIST OUT: of these paths, into the signature OUT, which has others too.
sign_again() {
  sign "$1" "$1.now" || return 1
  {
    awk 'step == 1 { on[$0]; next } { p = $0; sub(/^[^\t]*\t/, "", p); if (!(p in on)) print }' \
      step=1 "$1" step=2 "$2" && cat "$1.now"
  } | LC_ALL=C sort -t "$(printf '\t')" -k 2 >"$2.part" && mv -f "$2.part" "$2"
}
