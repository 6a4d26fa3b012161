# Run a command on a node behind gateways: say when it begins and how it ends, and encode what it writes, since
# ClusterShell keeps neither carriage returns nor the end of a last line.

# tree_leaf WORD COMMAND: every line that is ours begins with the word. `b`: the command begins, with the process
# group and where the login came to; `o` and `e`: a piece of its stdout or stderr; `x`: its exit code.
tree_leaf() {
  word=$1 command=$2
  set -f
  # shellcheck disable=SC2086  # words are wanted
  set -- ${SSH_CONNECTION:-}
  printf '%s b %s %s:%s\n' "$word" "$$" "${3:-}" "${4:-}"
  exec 5>&1 6>&2 </dev/null
  outlive
  find_coder
  code=$(
    {
      {
        {
          outlive
          begin 2>/dev/null
          printf '%s\n' "$?" >&3
        } | encode "$word o " >&5 3>&- 4>&-
      } 4>&1 | encode "$word e " >&6 3>&-
    } 3>&1
  )
  printf '%s x %s\n' "$word" "$code"
}

# outlive: what ends the command does not end this program. A trap, unlike an ignored signal, is not inherited.
outlive() { trap : TERM HUP INT; }

# begin: by the login shell, which reads its files as at a login of its own. What this sh says of a command that was
# killed is not the command's, so stderr is the command's only in here.
begin() (
  exec 2>&4 3>&- 4>&- 5>&- 6>&-
  trap - TERM HUP INT
  unset SHLVL
  exec "${SHELL:-/bin/sh}" -c "$command"
)

# find_coder: base64 in one line, base64 in many, or digits.
find_coder() {
  coder='od'
  if base64 -w0 </dev/null >/dev/null 2>&1; then
    coder='base64 -w0'
  elif command -v base64 >/dev/null; then
    coder='base64'
  fi
}

# encode TAG: each piece as soon as it comes. Few processes: a command's whole answer is often one line.
encode() {
  trap '' TERM HUP INT
  while piece=$(dd bs=32768 count=1 2>/dev/null | coded) && [ -n "$piece" ]; do
    printf '%s%s\n' "$1" "$piece"
  done
}

coded() {
  case $coder in
    *-w0) exec base64 -w0 ;;
    base64) base64 | tr -d '\n' ;;
    od)
      piece=$(od -An -v -tx1 | tr -d ' \n')
      printf '%s' "${piece:+=$piece}"
      ;;
  esac
}
