# What every program uses: lines of output, small files, the programs of this machine.

line_break='
'

# say TEXT...: one line.
say() { printf '%s\n' "$*"; }

# pair KEY VALUE: one line KEY=VALUE.
pair() { printf '%s=%s\n' "$1" "$2"; }

# has PROGRAM: whether it is installed; the exit code is 0 or 1 in every shell.
has() { command -v "$1" >/dev/null 2>&1 || return 1; }

# value FILE: its first line, or nothing.
value() {
  _v=''
  if [ -f "$1" ]; then IFS= read -r _v <"$1" || :; fi
  printf '%s' "$_v"
}

# put FILE TEXT: replace the file in one step.
put() { printf '%s\n' "$2" >"$1.part" && mv -f "$1.part" "$1"; }

# nap SECONDS: also where sleep takes whole seconds only.
nap() { sleep "$1" 2>/dev/null || sleep 1; }
