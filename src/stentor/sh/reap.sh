# End what an operation that was killed left on this node: the processes which have MARK=WORD in their environment.
# Where there is no /proc the process group alone is known, and is ended only if its age is the expected one.
# uses: base process

# reap MARK FIRST SECOND GROUP AGE: the word comes in two halves, so that this program does not find itself; GROUP
# is 0 where nobody heard that the command began; AGE are seconds since then. Says gone, term, kill or left.
reap() {
  mark=$1 word=$2$3 group=$4 age=$5 groups='' own=''
  # An empty word would be found in every process.
  if [ ${#word} -lt 20 ]; then
    say gone
    return
  fi
  if [ -r /proc/self/stat ]; then
    read -r line </proc/$$/stat
    # shellcheck disable=SC2086  # words are wanted
    set -- ${line##*) }
    own=$3
    find_groups
    # It was never heard that the command began: it may be about to.
    again=0
    while [ "$group" = 0 ] && [ -z "$groups" ] && [ $again -lt 10 ]; do
      nap 0.3
      find_groups
      again=$((again + 1))
    done
  elif [ "$group" != 0 ] && signal_group 0 "$group"; then
    by_age
  fi
  if [ -n "$groups" ]; then end_groups; else say gone; fi
}

find_groups() {
  for process in $(processes_with "$mark=$word" environ cmdline); do
    { read -r line </proc/"$process"/stat; } 2>/dev/null || continue
    # shellcheck disable=SC2086  # words are wanted
    set -- ${line##*) } # state, parent, group, session
    [ "$process" = $$ ] || [ "${3:-0}" -le 1 ] || [ "$3" = "$own" ] && continue
    if [ "$group" = 0 ] || [ "$3" = "$group" ] || [ "$4" = "$group" ]; then
      case " $groups " in *" $3 "*) ;; *) groups="$groups $3" ;; esac
    fi
  done
}

by_age() { # five seconds more or less: logins take time, and clocks are read apart
  real=$(ps -o etime= -p "$group" 2>/dev/null |
    awk '{n=split($1,a,/[-:]/); m=1; for(i=n;i>0;i--){s+=a[i]*m; m*=(m==3600?24:60)} print s}')
  [ -n "$real" ] && [ $((real - age)) -le 5 ] && [ $((age - real)) -le 5 ] && groups=$group
}

end_groups() {
  for group in $groups; do signal_group TERM "$group"; done
  tries=0
  while [ $tries -lt 20 ]; do
    left=''
    for group in $groups; do signal_group 0 "$group" && left="$left $group"; done
    if [ -z "$left" ]; then
      say term
      return
    fi
    tries=$((tries + 1))
    nap 0.1
  done
  for group in $left; do signal_group KILL "$group"; done
  nap 0.2
  for group in $left; do
    if signal_group 0 "$group"; then
      say left
      return
    fi
  done
  say kill
}
