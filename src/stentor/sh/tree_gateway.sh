# Start ClusterShell's gateway, in the environment that `stentor gateway install` made or else the system's.
# uses: state

# tree_gateway PROGRAM WORD WHAT MARK: the program, for Python, is given WHAT to do; the mark is in the environment of
# all that runs for it.
tree_gateway() {
  state_directory gateway
  STENTOR_RUN=$4
  export STENTOR_RUN
  for python in "$state/bin/python" python3 python; do
    if command -v "$python" >/dev/null 2>&1; then exec "$python" -c "$1" "$2" "$3"; fi
  done
  printf '%s no python3: no Python is installed\n' "$2" >&2
  exit 77
}
