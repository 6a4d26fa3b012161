# What is at a destination; names come by standard input, a line each.
# uses: copy/where

look() {
  where
  find_sum_program
  if [ -d "$base" ]; then say 'base yes'; fi
  say "sums $tool"
  for program in rsync tar; do
    if has $program; then say "tool $program"; fi
  done
  for part in "$base"/.stentor-copy/*; do
    [ -f "$part" ] || continue
    kill -0 "${part##*.}" 2>/dev/null && continue
    key=${part##*/}
    say "part ${key%.*} $(($(wc -c <"$part")))"
  done
  number=0
  set --
  while IFS= read -r line; do
    there
    if [ -L "$target" ]; then say "l $number $(readlink "$target")"
    elif [ -d "$target" ]; then say "d $number"; set -- "$@" "$target"
    elif [ -f "$target" ]; then say "f $number"; set -- "$@" "$target"
    elif [ -e "$target" ]; then say "o $number"
    else say "- $number"
    fi
    [ $# -lt 100 ] || { states "$@"; set --; }
    number=$((number + 1))
  done
  [ $# -eq 0 ] || states "$@"
  exit 0
}

# states FILE...: size, time and mode of each.
states() {
  if stat -c %s / >/dev/null 2>&1; then
    states() { stat -c 's %s %Y %a' "$@"; }
  else
    states() { stat -f 's %z %m %Lp' "$@"; }
  fi
  states "$@"
}

# digests: the checksum of each name.
digests() {
  where
  find_sum_program
  set --
  while IFS= read -r line; do
    there
    set -- "$@" "$target"
    [ $# -lt 100 ] || { sums "$@"; set --; }
  done
  [ $# -eq 0 ] || sums "$@"
  exit 0
}
