# How this node's shells come up, and what else stands in the way of a command; read by probe/observe.py.
# SECONDS: the limit for each shell. Then whether shells are traced, or only where something is odd;
# whether this is an ordinary session, or we came by another way since the shells of the ordinary ones,
# which have TOKEN in their command lines, hang; the commands which must be found.
#
# It is sent to `sh -s`, so it must do for dash, bash and busybox. Each kind of shell is started once, all
# side by side, in sessions of their own, and ended when the limit is over. Those which are followed through
# their files are started as soon as one is late, beside it: the whole takes as long as the slowest shell. It
# answers in lines "KEY WORD... TEXT". What it writes is a scratch directory, in memory where there is one,
# which it removes again, and one empty file in the home, to see whether that is possible. On small machines a
# process is what costs most here, so shell builtins and one awk over many files do what pipes would.
# uses: base doctor/jobs doctor/environment doctor/shells doctor/trace doctor/judge doctor/path doctor/node
# uses: doctor/growing doctor/managed

# find_program NAME: its place in `found`, or nothing.
find_program() {
  for found in /usr/bin /bin /usr/local/bin /usr/sbin /sbin; do
    found=$found/$1
    [ ! -x "$found" ] || return 0
  done
  found=$(command -v "$1" 2>/dev/null)
}

# doctor SECONDS needed|always login|TOKEN COMMAND...
doctor() {
  limit=${1:-8} traces=${2:-needed} session=${3:-login}
  [ $# -lt 3 ] || shift 3
  requires=$*
  session_path=$PATH
  PATH=$PATH:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
  LC_ALL=C
  export PATH LC_ALL
  unset ENV
  say "stentor_doctor 1"
  say "now $(date +%s)"
  say "home $HOME"
  say "session_path $session_path"
  if ! scratch_directory; then
    say "no_scratch yes"
    say "stentor_doctor_end 1"
    return
  fi
  trap leave HUP INT TERM
  find_program env && ENV_PROGRAM=$found
  find_program setsid && SETSID=$found
  find_program nice && NICE="$found -n 19"
  uid=$(id -u)
  login_shell=${SHELL:-/bin/sh} start_path='' start_env='' family=other environ='' early='' prints=yes
  server_environment
  end_stuck
  start_ticker
  sizes before
  if [ ! -s "$D/do-sizes-before.stdout" ] && [ -z "$hung" ]; then
    prints=''
    sizes before
  fi
  beats=0
  shells
  more
  await
  early=''
  if [ "$traces" = needed ] && [ "$family" != other ] && odd; then
    trace_all
    await
  fi
  traced
  tell_shells
  tell_more
  places
  path_lines
  service_lines
  managed
  growing
  kill "$ticker" 2>/dev/null
  wait "$ticker" 2>/dev/null
  say "stentor_doctor_end 1"
  rm -rf "$D"
}
