# What every program uses: lines of output, small files, the programs of this machine.

line_break='
'

# say TEXT...: one line.
say() { printf '%s\n' "$*"; }

# pair KEY VALUE: one line KEY=VALUE.
pair() { printf '%s=%s\n' "$1" "$2"; }

# has PROGRAM: whether it is installed; the exit code is 0 or 1 in every shell.
has() { command -v "$1" >/dev/null 2>&1 || return 1; }

# read_value FILE: its first line, or nothing, into `_v`.
read_value() {
  _v=''
  if [ -f "$1" ]; then IFS= read -r _v <"$1" || :; fi
}

# find_in_path NAME: `found` is its path, as the shell would find it; fails where there is none.
find_in_path() {
  _old_ifs=$IFS IFS=:
  for found in $PATH; do
    found=${found:-.}/$1
    if [ -f "$found" ] && [ -x "$found" ]; then
      IFS=$_old_ifs
      return
    fi
  done
  IFS=$_old_ifs found=''
  return 1
}

# value FILE: say it.
value() {
  read_value "$1"
  printf '%s' "$_v"
}

# put FILE TEXT: replace the file in one step.
put() {
  printf '%s\n' "$2" >"$1.part" && mv -f "$1.part" "$1" && return
  rm -f "$1.part"
  return 1
}

# nap SECONDS: also where sleep takes whole seconds only.
nap() { sleep "$1" 2>/dev/null || sleep 1; }
