# Commands with a time limit, which run beside each other and write to no disk. Whatever may hang (a dead network
# disk, a stopped tmux server) is one of them.
# uses: base

guards=''

# guarded KEY COMMAND...: each line of the command's output as KEY=line, then KEY_done=1 if `tell_done` is set;
# what it writes to standard error is among them if `with_errors` is set.
# The command's own pipe keeps a process that cannot be killed away from our standard output,
# for which the caller would wait. The pid is said by a sh that then becomes the command.
guarded() {
  key=$1
  shift
  {
    if [ -n "${with_errors-}" ]; then exec 2>&1; else exec 2>/dev/null; fi
    # shellcheck disable=SC2016  # $$ is for the inner sh
    exec sh -c 'echo "$$"; exec "$@"' sh "$@" </dev/null
  } | {
    read -r child
    trap 'kill -9 "$child" 2>/dev/null; exit 0' TERM
    while IFS= read -r line; do pair "$key" "$line"; done
    [ -z "${tell_done-}" ] || pair "${key}_done" 1
  } &
  guards="$guards $!"
}

# finish_jobs TURNS: wait for the guarded commands, that many tenths of a second at most. `sleep` is also what makes a
# plain sh notice that a child has ended.
finish_jobs() {
  turns=0
  while [ "$turns" -lt "$1" ]; do
    left=''
    for guard in $guards; do
      if kill -0 "$guard" 2>/dev/null; then left="$left $guard"; fi
    done
    [ -n "$left" ] || return 0
    guards=$left
    if [ "$turns" = 0 ]; then
      sleep 0.01 2>/dev/null || true
    else
      # A sleep that takes no fraction says so at once.
      sleep 0.1 2>/dev/null || { sleep 1; turns=$((turns + 9)); }
    fi
    turns=$((turns + 1))
  done
  for guard in $guards; do kill "$guard" 2>/dev/null; done
  nap 0.1
  for guard in $guards; do kill -9 "$guard" 2>/dev/null; done
}
