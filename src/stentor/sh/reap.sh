# End what an operation that was killed left on this node, as its own end would have been.
# uses: base process ending

# reap MARK FIRST SECOND GROUP AGE: MARK=WORD is in the environment of its processes; the word comes in two halves.
# GROUP is 0 where nobody heard that the command began; AGE are seconds since then. Says what end_command says.
reap() {
  set -- "$1=$2" "$3" "$4" "$5"
  # An empty word would be found in every process.
  if [ $((${#1} + ${#2})) -lt 30 ]; then
    say gone
    return
  fi
  places='environ cmdline' # the shell that sets it has it there
  if [ -r /proc/self/stat ]; then
    await_ours "$@"
  elif [ "$3" = 0 ] || ! by_age "$3" "$4"; then
    say gone
    return
  fi
  end_command "$1" "$2" "$3" 20
}

# await_ours FIRST SECOND GROUP: of a command nobody heard that it began, and it may be about to.
await_ours() {
  [ "$3" = 0 ] || return 0
  mark=$1$2 group=none known='' again=0
  find_own
  while find_ours && [ -z "$ours" ] && [ $again -lt 10 ]; do
    nap 0.3
    again=$((again + 1))
  done
}

# by_age GROUP AGE: whether it lives and is as old, five seconds more or less: logins take time, and clocks are read
# apart.
by_age() {
  real=$(ps -o etime= -p "$1" 2>/dev/null |
    awk '{n=split($1,a,/[-:]/); m=1; for(i=n;i>0;i--){s+=a[i]*m; m*=(m==3600?24:60)} print s}')
  [ -n "$real" ] && [ $((real - $2)) -le 5 ] && [ $(($2 - real)) -le 5 ]
}
