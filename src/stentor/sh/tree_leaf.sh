# Run a command on a node behind gateways, and say when it begins and how it ends.

# tree_leaf WORD COMMAND: lines that are ours begin with a control character and the word. `b`: what follows is the
# command's, on stdout with the process group and where the login came to; `x`: its exit code.
tree_leaf() {
  word=$1 command=$2
  set -f
  # shellcheck disable=SC2086  # words are wanted
  set -- ${SSH_CONNECTION:-}
  exec </dev/null 4>&2
  outlive
  printf '\036%s b\n' "$word" >&2
  printf '\036%s b %s %s\n' "$word" "$$" "${3:-}:${4:-}"
  begin 2>/dev/null
  printf '\036%s x %s\n' "$word" "$?"
}

# outlive: what ends the command does not end this program. A trap, unlike an ignored signal, is not inherited.
outlive() { trap : TERM HUP INT; }

# begin: by the login shell, which reads its files as at a login of its own. What this sh says of a command that was
# killed is not the command's, so stderr is the command's only in here.
begin() (
  exec 2>&4 4>&-
  trap - TERM HUP INT
  unset SHLVL
  exec "${SHELL:-/bin/sh}" -c "$command"
)
