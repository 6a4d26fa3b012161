# What is at a destination; names come by standard input, a line each.
# Given besides: many (a word if they begin with ./, and none has a backslash; the destination is a folder then), top (a
# folder which all of them are or are in, or nothing).
# uses: copy/where copy/work

look() {
  where
  find_sum_program
  if [ -d "$base" ]; then say 'base yes'; fi
  say "sums $tool"
  for program in rsync tar; do
    if has $program; then say "tool $program"; fi
  done
  parts
  if [ -n "$top" ] && [ ! -e "$base/$top" ] && [ ! -h "$base/$top" ]; then exit 0; fi
  if [ -n "$many" ] && can_stat_many; then
    look_at_many
    exit 0
  fi
  number=0
  set --
  while IFS= read -r line; do
    there
    if [ -L "$target" ]; then link
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

# link: where it leads; nothing where that takes more than a line, since the others would be read as lines of ours.
link() {
  to=$(readlink "$target" && say .)
  to=${to%??}
  case $to in
    *'
'*) to='' ;;
  esac
  say "l $number $to"
}

# look_at_many: all by one program: a line "t MODE SIZE TIME NAME" for each that is there, MODE as the system has it;
# of a link, " -> TARGET" besides. A loop of the shell takes ten times as long for twenty thousand.
look_at_many() {
  cd "$base" 2>/dev/null || return 0
  by_name stat -c 't %f %s %Y %N' -- 2>/dev/null
}

# by_name PROGRAM...: give it the names from standard input.
by_name() { tr '\n' '\0' | QUOTING_STYLE=literal xargs -0 "$@"; }

# can_stat_many: not where stat quotes names in any case. Each program that is started for such a question takes longer
# than stat for a hundred files.
can_stat_many() { has xargs && [ "$(QUOTING_STYLE=literal stat -c %N -- / 2>/dev/null)" = / ]; }

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
  if [ -n "$many" ] && has xargs && cd "$base" 2>/dev/null; then
    sum_words
    # shellcheck disable=SC2086  # words are wanted
    by_name $words 2>/dev/null | sums_alone
    exit 0
  fi
  set --
  while IFS= read -r line; do
    there
    set -- "$@" "$target"
    [ $# -lt 100 ] || { sums "$@"; set --; }
  done
  [ $# -eq 0 ] || sums "$@"
  exit 0
}
